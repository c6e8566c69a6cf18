"""On what an authority rests: said on the office, the delegation, the sign-off, the receipt and the matrix (rule 3)."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from cast import BOURGES, CITIES, NIORT, Cast
from site_of_tests import Site, plain
from two_keys import (
    DEPUTY,
    NEW_MAYOR,
    NOTE,
    agent_proposes_mayor,
    by_mail,
    by_proconnect,
    offices,
    propose_delegation,
    propose_mayor,
    propose_paper,
    propose_withdrawal,
    signed_paper,
)

from models.evidence import Evidence
from models.person import Actor, Mandate
from models.project_shapes import ProjectShown, SignOffShown, StageShown
from models.proposal import ProposalKind
from models.proposal_shapes import AuthorityStatus
from models.signature_delegation import SignatureDelegation
from queries.authority.list_authorities import list_authorities
from queries.projects.show_project import show_project

TakeSite = Callable[..., Site]


def only_declared(cast: Cast) -> None:
    """The mayor of Niort was registered before two keys were asked for."""
    with cast.db.write() as session:
        session.connection().execute(
            sa.update(Mandate).where(Mandate.authority_code == NIORT).values(evidence=Evidence.declared)  # type: ignore[arg-type]
        )


def evidence_of(cast: Cast) -> Evidence:
    (recorded,) = cast.sign_offs(NOTE)
    return recorded.evidence


def project(cast: Cast) -> ProjectShown:
    return show_project(cast.db, cast.slug, cast.now)


def stage(cast: Cast) -> StageShown:
    return next(each for each in project(cast).stages if each.key == "constitution")


def in_matrix(cast: Cast) -> SignOffShown:
    (shown,) = [each for part in stage(cast).deliverables for each in part.sign_offs]
    return shown


# On the office and the delegation


def test_each_mayor_of_a_project_is_confirmed_by_their_city(cast: Cast) -> None:
    assert {each.evidence for code in CITIES for each in offices(cast, code)} == {Evidence.confirmed}


def test_an_office_with_its_minutes_is_proved_by_an_act(cast: Cast) -> None:
    cast.confirm(propose_mayor(cast, cast.contact(NIORT), act="procès-verbal d’élection"))
    assert offices(cast)[-1].evidence is Evidence.act


def test_an_office_confirmed_by_who_holds_it_is_proved_by_proconnect(cast: Cast) -> None:
    cast.confirm(agent_proposes_mayor(cast), by_proconnect(cast.person(NEW_MAYOR)))
    assert offices(cast)[-1].evidence is Evidence.proconnect


def test_an_office_declared_before_two_keys_is_confirmed_without_a_new_mandate(cast: Cast) -> None:
    only_declared(cast)
    (before,) = offices(cast)
    cast.confirm(propose_mayor(cast, cast.agent, cast.mayor_email(NIORT)))
    (after,) = offices(cast)
    assert (after.id, after.since, after.until) == (before.id, before.since, None)
    assert (before.evidence, after.evidence) == (Evidence.declared, Evidence.confirmed)


@pytest.mark.parametrize(("has_file", "evidence"), [(True, Evidence.act), (False, Evidence.confirmed)])
@pytest.mark.parametrize("who", ["contact", "mayor"])
def test_a_delegation_is_proved_by_its_order_when_it_is_there(
    cast: Cast, who: str, has_file: bool, evidence: Evidence
) -> None:
    proposal = propose_delegation(cast, getattr(cast, who)(NIORT), has_file=has_file)
    if who == "contact":
        cast.confirm(proposal, cast.mayor(NIORT))
    (delegation,) = cast.all(SignatureDelegation)
    assert isinstance(delegation, SignatureDelegation)
    assert delegation.evidence is evidence
    assert (delegation.file_sha256 is not None) is has_file
    cast.sign(NOTE, NIORT, actor=cast.person(DEPUTY))
    assert evidence_of(cast) is evidence


# On the sign-off


def test_a_sign_off_has_the_evidence_of_the_office_of_who_gives_it(cast: Cast) -> None:
    cast.sign(NOTE, NIORT, actor=by_mail(cast.mayor(NIORT)))
    assert evidence_of(cast) is Evidence.confirmed


def test_a_sign_off_of_a_mayor_whom_one_side_alone_declared_says_so(cast: Cast) -> None:
    only_declared(cast)
    cast.sign(NOTE, NIORT)
    assert evidence_of(cast) is Evidence.declared


def test_a_sign_off_given_through_proconnect_of_the_city_is_proved_by_it(cast: Cast) -> None:
    only_declared(cast)
    cast.sign(NOTE, NIORT, actor=by_proconnect(cast.mayor(NIORT)))
    assert evidence_of(cast) is Evidence.proconnect


def test_what_was_signed_keeps_the_evidence_of_its_day(cast: Cast) -> None:
    only_declared(cast)
    cast.sign(NOTE, NIORT)
    cast.confirm(propose_mayor(cast, cast.agent, cast.mayor_email(NIORT)))
    assert evidence_of(cast) is Evidence.declared


def test_an_act_on_paper_is_proved_by_the_act(cast: Cast) -> None:
    cast.confirm(propose_paper(cast, cast.contact(NIORT)))
    assert evidence_of(cast) is Evidence.act


# In the matrix, as JSON


def test_the_matrix_says_the_evidence_whether_it_is_on_paper_and_whether_it_counts(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    shown = in_matrix(cast)
    assert (shown.evidence, shown.paper, shown.counts) == (Evidence.confirmed, False, True)
    in_json = shown.model_dump(mode="json")
    assert (in_json["evidence"], in_json["paper"], in_json["counts"]) == ("confirmed", False, True)
    cast.withdraw(NOTE, NIORT)
    assert in_matrix(cast).counts is False


def test_an_act_on_paper_pends_in_its_stage_then_counts(cast: Cast) -> None:
    proposal = propose_paper(cast, cast.agent)
    (pending,) = stage(cast).pending_confirmations
    assert (pending.id, pending.kind, pending.party) == (proposal.id, ProposalKind.paper_act, NIORT)
    assert (pending.deliverable, pending.deliverable_party) == (NOTE, None)
    assert pending.waits_for == "l’interlocuteur privilégié de la collectivité ou le maire ou président"
    assert pending.expires_at == proposal.expires_at
    assert [each for part in stage(cast).deliverables for each in part.sign_offs] == []
    cast.confirm(proposal)
    shown = in_matrix(cast)
    assert (shown.evidence, shown.paper, shown.counts) == (Evidence.act, True, True)
    assert stage(cast).pending_confirmations == []


def test_a_withdrawal_pends_while_the_decision_still_counts(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    proposal = propose_withdrawal(cast, cast.contact(NIORT))
    assert [each.kind for each in stage(cast).pending_confirmations] == [ProposalKind.withdrawal]
    assert in_matrix(cast).counts is True
    cast.confirm(proposal)
    assert in_matrix(cast).counts is False
    assert stage(cast).pending_confirmations == []


def test_what_has_expired_pends_no_more(cast: Cast) -> None:
    propose_paper(cast, cast.contact(NIORT))
    cast.wait(days=30)
    assert stage(cast).pending_confirmations == []


def test_who_may_sign_what_on_which_evidence_is_one_list(cast: Cast) -> None:
    cast.delegate(NIORT, email="deleguee@niort.example")
    proposal = propose_delegation(cast, cast.contact(NIORT))
    cast.confirm(propose_mayor(cast, cast.agent, act="procès-verbal", on=cast.today.replace(day=30)))
    with cast.db.read() as session:
        lines = list_authorities(session, cast.now, NIORT)
        assert {each.party for each in list_authorities(session, cast.now)} == set(CITIES)
    assert {(each.kind, each.person, each.status, each.evidence) for each in lines} == {
        (ProposalKind.office, cast.mayor_email(NIORT), AuthorityStatus.in_force, Evidence.confirmed),
        (ProposalKind.office, NEW_MAYOR, AuthorityStatus.planned, Evidence.act),
        (ProposalKind.delegation, "deleguee@niort.example", AuthorityStatus.in_force, Evidence.confirmed),
        (ProposalKind.delegation, DEPUTY, AuthorityStatus.proposed, Evidence.declared),
    }
    (waits,) = [each for each in lines if each.status is AuthorityStatus.proposed]
    assert waits.id == proposal.id
    assert waits.waits_for == "un agent de l’ANCT ou le maire ou président"


# On the pages


def receipt(site: Site, number: int, who: Actor | None = None) -> str:
    with site.client(who or site.cast.contact(BOURGES)) as reader:
        return plain(reader.read(f"/recus/{number}"))


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        (Evidence.declared, "Autorité déclarée, sans seconde confirmation"),
        (Evidence.confirmed, "Autorité confirmée par la collectivité"),
        (Evidence.act, "Autorité prouvée par un acte"),
        (Evidence.proconnect, "Autorité reconnue par ProConnect, au nom de l’organisation"),
    ],
)
def test_the_receipt_says_it(site: TakeSite, evidence: Evidence, sentence: str) -> None:
    here = site("constitution in review")
    cast = here.cast
    if evidence is Evidence.declared:
        only_declared(cast)
    mayor = by_proconnect(cast.mayor(NIORT)) if evidence is Evidence.proconnect else cast.mayor(NIORT)
    if evidence is Evidence.act:
        number = cast.confirm(propose_paper(cast, cast.contact(NIORT))).result_id or 0
        sentence += " ; acte confirmé par Camille Roussel"
    else:
        number = cast.sign(NOTE, NIORT, actor=mayor)
    assert sentence in receipt(here, number)


def test_the_receipt_of_an_act_older_than_the_text_says_why(site: TakeSite) -> None:
    here = site("constitution in review")
    cast = here.cast
    first = max(cast.project().period_from, cast.today.replace(day=1))
    paper = replace(signed_paper(cast, first), early_reason="Signé <en séance> sur le projet de note")
    cast.confirm(propose_paper(cast, cast.contact(NIORT), paper=paper))
    (recorded,) = cast.sign_offs(NOTE)
    page = receipt(here, recorded.id or 0)
    assert "Acte antérieur au texte" in page
    assert "Signé &lt;en séance&gt; sur le projet de note" in page


def test_the_page_of_the_participants_says_it_of_each_who_signs(site: TakeSite) -> None:
    here = site("constitution in review")
    only_declared(here.cast)
    with here.client(here.cast.contact(BOURGES)) as reader:
        page = reader.read(f"{here.project}/participants")
    said = {
        city: plain(page.split(f'id="partie-{city}"')[1].split("</section>")[0]) for city in (NIORT, BOURGES)
    }
    assert "autorité déclarée" in said[NIORT]
    assert "autorité confirmée par la ville" in said[BOURGES]
