"""A request repeated after a lost answer gets the fact recorded the first time, whatever became of it since."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from api import Api, problem
from cast import LEAD, MANTES, NIORT, Cast
from command_line import CommandLine
from departures import leave
from site_of_tests import Site

from actions.commitments.settle_commitment import Evidence, Waiver, keep_commitment, waive_commitment
from actions.deliverables.add_comment import CommentRequest, add_comment
from actions.signing.sign_charter import CharterSignature, sign_charter
from models.commitment import CommitmentSettled
from models.contractor import ContractAlreadyAwarded
from models.deliverable import SameContent
from models.person import NotAllowed
from models.refusal import Refusal
from models.shared_project import ProjectNotActive
from models.sign_off import Decision
from models.stage import StageMovesOn, StageStatus
from models.stored_row import identity

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"


def close(cast: Cast) -> None:
    cast.sign_all("constitution", but=[NIORT])
    cast.end("constitution")


def sign_by_all(cast: Cast) -> None:
    cast.sign_all("constitution", but=[NIORT])


def cancel(cast: Cast) -> None:
    cast.change("cancel")


def revise(cast: Cast) -> None:
    cast.submit(NOTE, text="Une coquille de moins.", minor="Une coquille")


STATES: dict[str, Callable[[Cast], object]] = {
    "nothing happened": lambda cast: None,
    "signed off": sign_by_all,
    "closed": close,
    "paused": Cast.pause,
    "cancelled": cancel,
    "closed and paused": lambda cast: (close(cast), cast.pause()),
    "a minor revision": revise,
    "revision asked by another": lambda cast: cast.sign(NOTE, MANTES, Decision.refused),
}


@pytest.mark.parametrize("state", STATES)
def test_the_same_decision_finds_its_fact_whatever_became_of_the_stage(at: At, state: str) -> None:
    cast = at("constitution in review")
    content = cast.deliverable(NOTE).sha256
    first = cast.sign(NOTE, NIORT)
    STATES[state](cast)
    facts = cast.journal()
    assert cast.sign(NOTE, NIORT, sha256=content) == first
    assert cast.journal() == facts


def test_after_the_whole_project_its_charter_still_answers_who_signed_it(at: At) -> None:
    cast = at("over")
    (fact,) = [each for each in cast.sign_offs("charte") if each.party_id == identity(cast.party(NIORT))]
    facts = cast.journal()
    assert cast.sign("charte", NIORT) == fact.id  # the council's act, with its scan
    with pytest.raises(Refusal):
        cast.click("charte", NIORT)  # a click is another act
    assert cast.journal() == facts


@pytest.mark.parametrize(
    ("repeat", "refusal"),
    [
        (lambda cast: cast.sign(NOTE, NIORT, Decision.refused), StageMovesOn),
        (lambda cast: cast.sign(NOTE, NIORT, Decision.approved_with_reservations), StageMovesOn),
        (lambda cast: cast.sign(NOTE, NIORT, sha256="0" * 64), StageMovesOn),
        (lambda cast: cast.sign(NOTE, NIORT, actor=cast.contact(NIORT)), StageMovesOn),
        (lambda cast: cast.sign(NOTE, NIORT, actor=cast.mayor(MANTES)), StageMovesOn),
        (lambda cast: cast.sign(NOTE, NIORT, actor=cast.agent), StageMovesOn),
    ],
)
def test_another_decision_or_another_person_finds_nothing_in_a_closed_stage(
    at: At, repeat: Callable[[Cast], int], refusal: type[Refusal]
) -> None:
    cast = at("constitution in review")
    cast.sign(NOTE, NIORT)
    close(cast)
    facts = cast.journal()
    with pytest.raises(refusal):
        repeat(cast)
    assert cast.journal() == facts


def test_a_decision_that_stands_no_more_is_not_found(at: At) -> None:
    cast = at("constitution in review")
    old = cast.deliverable(NOTE).sha256
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE, text="Une autre note.")
    with pytest.raises(Refusal, match="remplacée"):
        cast.sign(NOTE, NIORT, sha256=old)
    first = cast.sign(NOTE, NIORT)
    cast.withdraw(NOTE, NIORT)
    assert cast.sign(NOTE, NIORT) != first


def test_an_opening_asked_again_is_the_same_one_in_a_project_paused_since(at: At) -> None:
    cast = at("constitution open")
    for become in (lambda: None, cast.pause, lambda: cast.change("resume"), lambda: cancel(cast)):
        become()
        facts = cast.journal()
        assert cast.request("constitution").status is StageStatus.open
        assert cast.journal() == facts
    with pytest.raises(NotAllowed):
        cast.request("constitution", cast.mayor(NIORT))
    with pytest.raises(ProjectNotActive):
        cast.request("charter")


def test_the_charter_signed_again_by_the_anct_is_one_signature(at: At) -> None:
    cast = at("charter closed")
    content = cast.deliverable("charte").sha256 or ""
    facts = cast.journal()
    for become in (lambda: None, cast.pause):
        become()
        facts = cast.journal()
        signed = sign_charter(cast.db, cast.agent, CharterSignature(cast.slug, sha256=content), now=cast.now)
        assert signed.sha256 == content
        assert cast.journal() == facts
    with pytest.raises(ProjectNotActive):
        sign_charter(cast.db, cast.agent, CharterSignature(cast.slug, sha256="0" * 64), now=cast.now)
    with pytest.raises(NotAllowed):
        sign_charter(cast.db, cast.mayor(NIORT), CharterSignature(cast.slug, sha256=content), now=cast.now)


def test_the_same_contract_strand_and_version_are_found_in_a_paused_project(at: At) -> None:
    cast = at("consultation open")
    first = cast.award()
    cast.hold_strands(NIORT)
    cast.pause()
    facts = cast.journal()
    assert cast.award().id == first.id
    cast.hold_strands(NIORT)
    with pytest.raises(SameContent):
        cast.submit("diagnostic", NIORT, text=content_of(cast))
    assert cast.journal() == facts
    with pytest.raises(ContractAlreadyAwarded):
        cast.award(firms=[LEAD], amount_eur=Decimal(1), awarded_on=cast.today)


def content_of(cast: Cast) -> str:
    return cast.files.path(cast.deliverable("diagnostic", NIORT).sha256 or "").read_text("utf-8")


def test_a_city_that_has_left_is_told_what_became_of_its_commitments(at: At) -> None:
    cast = at("charter closed")
    kept, open_still, *_ = [identity(each) for each in cast.commitments(owner=NIORT)]
    contact, evidence = cast.contact(NIORT), Evidence(kept, "Fait le 3 mai.")
    keep_commitment(cast.db, contact, evidence, now=cast.now)
    leave(cast, NIORT)
    facts = cast.journal()
    assert keep_commitment(cast.db, contact, evidence, now=cast.now).evidence == "Fait le 3 mai."
    with pytest.raises(CommitmentSettled, match="levé"):
        keep_commitment(cast.db, contact, Evidence(open_still, "Fait le 3 mai."), now=cast.now)
    assert cast.journal() == facts


def test_a_commitment_and_a_comment_said_again_are_one(at: At) -> None:
    cast = at("charter closed")
    kept, waived, *_ = [identity(each) for each in cast.commitments(owner=NIORT)]
    evidence = Evidence(kept, "Fait le 3 mai.")
    keep_commitment(cast.db, cast.contact(NIORT), evidence, now=cast.now)
    waive_commitment(cast.db, cast.agent, Waiver(waived, "Sans objet."), now=cast.now)
    about = identity(cast.deliverable("charte"))
    then = cast.now
    first = add_comment(
        cast.db, cast.contact(NIORT), CommentRequest(cast.slug, about, "Bien reçu."), now=then
    )
    cancel(cast)
    facts = cast.journal()
    keep_commitment(cast.db, cast.contact(NIORT), evidence, now=cast.now)
    waive_commitment(cast.db, cast.agent, Waiver(waived, "Sans objet."), now=cast.now)
    again = add_comment(
        cast.db,
        cast.contact(NIORT),
        CommentRequest(cast.slug, about, "Bien reçu."),
        now=then + timedelta(seconds=20),
    )
    assert again.id == first.id
    assert cast.journal() == facts


# By the API, by the page, by the command


def test_the_api_gives_the_number_again_on_a_closed_stage(api: Callable[[str], Api]) -> None:
    here = api("constitution in review")
    body = {"party": NIORT, "decision": "approved", "sha256": here.cast.deliverable(NOTE).sha256}
    place = f"./stages/constitution/deliverables/{NOTE}/sign-offs"
    first = here.post(here.cast.mayor(NIORT), place, json=body)
    close(here.cast)
    again = here.post(here.cast.mayor(NIORT), place, json=body)
    assert (again.status_code, again.json()) == (201, first.json())
    refusal = problem(
        here.post(here.cast.mayor(NIORT), place, json=body | {"decision": "refused", "reason": "Non"})
    )
    assert refusal["code"] == "stage-moves-on"
    again = here.post(here.cast.agent, "./stages/constitution/open")
    assert (again.status_code, again.json()["status"]) == (200, "closed")


def test_the_page_leads_to_the_receipt_again(site: Callable[[str], Site]) -> None:
    here = site("constitution in review")
    sha256 = here.cast.deliverable(NOTE).sha256 or ""
    fields = {"partie": NIORT, "empreinte": sha256, "decision": "approved", "motif": ""}
    with here.client(here.cast.mayor(NIORT)) as mayor:
        first = mayor.send(here.deliverable(NOTE), fields)
        close(here.cast)
        again = mayor.send(here.deliverable(NOTE), fields)
    assert (again.status_code, again.headers["location"]) == (303, first.headers["location"])
    with here.client(here.cast.mayor(MANTES)) as other:
        assert other.send(here.deliverable(NOTE), fields).status_code == 409


def test_the_command_gives_the_number_again(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = at("constitution in review")
    cli = CommandLine(cast.db, cast.folder, monkeypatch)
    give = ["sign-off", "give", cast.slug, "constitution", NOTE, "--party", NIORT, "--decision", "approved"]
    give += ["--as", cast.mayor_email(NIORT), "--sha256", cast.deliverable(NOTE).sha256 or ""]
    first = cli.json(*give)
    close(cast)
    assert cli.json(*give) == first
