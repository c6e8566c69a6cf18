"""What each stage is for: the steps of its flow, done for real, each of them once however often it is called."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from cast import BOURGES, CITIES, GUICHEN, LEAD, MANTES, NIORT, OBSERVER, PARTNER, STRANDS, Cast
from withdrawals import withdraw_charter

from actions.projects.appoint_contractor import InvalidAward
from actions.signing.sign_charter import CharterSignature, sign_charter
from actions.stages import ask
from actions.stages.record_strand import HeldStrand, record_strand
from models.agency_signature import AgencySignature, CitiesSignFirst
from models.commitment import CommitmentOrigin
from models.consultation_strand import InvalidStrand, StrandsComeFirst, UnknownStrand
from models.contractor import ContractAlreadyAwarded, Contractor, InvalidSiret
from models.invalid_file import InvalidFile
from models.notice import Notice
from models.person import NotAllowed
from models.publication import OPEN_LICENCE, Publication
from models.shared_project import ProjectStatus
from models.sign_off import OtherContent
from models.stage import StageMovesOn, StageStatus
from queries.stages.snapshot import load_stage

At = Callable[[str], Cast]


def written(cast: Cast) -> tuple[int, int, int]:
    """What the database holds that somebody would notice: facts, mails, commitments."""
    return len(cast.entries()), len(cast.all(Notice)), len(cast.commitments())


# Constitution


def test_the_constitution_waits_for_each_city_to_name_its_people(at: At) -> None:
    cast = at("constitution open")
    with cast.db.write_statements() as connection:
        ended = (
            "UPDATE mandate SET until = since WHERE authority_code = :code "
            "AND role IN ('local_contact', 'signatory')"
        )
        connection.execute(sa.text(ended), {"code": GUICHEN})
    snapshot = load_stage(cast.db, cast.stage_id("constitution"), cast.now)
    assert all(snapshot.awaits(what) for what in ("contact", "signatory", "deliverable"))
    assert not snapshot.has_received("note_de_cadrage")
    assert [(each.what, each.party) for each in cast.missing("constitution")][:2] == [
        ("contact", GUICHEN),
        ("signatory", GUICHEN),
    ]


def test_the_constitution_does_not_close_without_the_contact_of_each_city(at: At) -> None:
    cast = at("constitution in review")
    cast.sign_all("constitution")
    with cast.db.write_statements() as connection:
        ended = "UPDATE mandate SET until = since WHERE authority_code = :code AND role = 'local_contact'"
        connection.execute(sa.text(ended), {"code": GUICHEN})
    assert not cast.close("constitution")


def test_the_framing_note_is_asked_of_the_agent_in_charge(at: At) -> None:
    cast = at("constitution open")
    ask.ask_for_deliverable(cast.db, cast.stage_id("constitution"), "note_de_cadrage", now=cast.now)
    assert cast.told("deliverable_requested") == {"camille.roussel@anct.example"}


def test_each_contact_learns_that_the_stage_is_open(at: At) -> None:
    cast = at("constitution open")
    recipients = {each.recipient_id for each in cast.notices("stage_opened_for_contact")}
    assert recipients == {cast.contact(code).person_id for code in CITIES}


# Charter


def test_the_anct_signs_the_charter_last(at: At) -> None:
    cast = at("charter in review")
    cast.sign_all("charter", but=[GUICHEN])
    with pytest.raises(CitiesSignFirst, match="Guichen"):
        cast.sign_for_agency()
    cast.sign("charte", GUICHEN)
    assert [each.what for each in cast.missing("charter")] == ["agency_signature"]
    assert not cast.close("charter")
    cast.sign_for_agency()
    assert cast.close("charter")


def test_the_signature_of_the_anct_counts_for_no_city(at: At) -> None:
    cast = at("charter in review")
    with pytest.raises(CitiesSignFirst):
        cast.sign_for_agency()
    assert cast.status("charter") is StageStatus.in_review


def test_signing_twice_for_the_anct_is_signing_once(at: At) -> None:
    cast = at("charter in review")
    cast.sign_all("charter")
    cast.sign_for_agency()
    facts = written(cast)
    cast.sign_for_agency()
    assert written(cast) == facts
    assert len(cast.all(AgencySignature)) == 1


def test_the_anct_signs_the_content_it_has_read(at: At) -> None:
    cast = at("charter in review")
    cast.sign_all("charter")
    with pytest.raises(OtherContent):
        sign_charter(cast.db, cast.agent, CharterSignature(cast.slug, sha256="a" * 64), now=cast.now)
    for who in (cast.mayor(NIORT), cast.contact(NIORT), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            sign_charter(
                cast.db,
                who,
                CharterSignature(cast.slug, sha256=cast.deliverable("charte").sha256 or ""),
                now=cast.now,
            )


def test_a_city_that_signs_again_after_the_anct_has_it_sign_again(at: At) -> None:
    cast = at("charter in review")
    cast.sign_all("charter")
    cast.sign_for_agency()
    withdraw_charter(cast, NIORT)
    cast.sign("charte", NIORT)
    assert [each.what for each in cast.missing("charter")] == ["agency_signature"]
    assert not cast.close("charter")
    cast.sign_for_agency()
    assert cast.close("charter")


def test_closing_the_charter_creates_the_commitments_of_the_anct_and_of_each_city(at: At) -> None:
    cast = at("charter closed")
    assert len(cast.commitments(owner="ANCT")) == 7
    assert {code: len(cast.commitments(owner=code)) for code in CITIES} == dict.fromkeys(CITIES, 9)
    assert {each.origin for each in cast.commitments()} == {CommitmentOrigin.charter}


def test_each_owner_is_told_of_its_commitments_once(at: At) -> None:
    cast = at("charter closed")
    by_person = {each.recipient_id: each.payload for each in cast.notices("commitments_created")}
    assert set(by_person) == {cast.agent.person_id, *(cast.contact(code).person_id for code in CITIES)}
    assert len(by_person[cast.agent.person_id]["commitments"]) == 7
    assert len(by_person[cast.contact(NIORT).person_id]["commitments"]) == 9


# Terms of reference


def test_the_terms_of_reference_end_with_the_award_of_the_contract(at: At) -> None:
    cast = at("charter closed")
    cast.review("terms_of_reference")
    cast.sign_all("terms_of_reference")
    assert [each.what for each in cast.missing("terms_of_reference")] == ["contractor"]
    assert not cast.close("terms_of_reference")
    cast.award()
    assert cast.close("terms_of_reference")


def test_the_contract_has_its_firms_its_lead_and_its_amount(at: At) -> None:
    cast = at("met")
    award = cast.award()
    firms = [each for each in cast.all(Contractor) if isinstance(each, Contractor)]
    assert [(each.siret, each.is_lead) for each in firms] == [(LEAD.siret, True), (PARTNER.siret, False)]
    assert award.amount_eur == Decimal("148500.00")
    assert "contract.awarded" in {event for event, _ in cast.journal()}
    assert len(cast.told("contractor_appointed")) == 1 + 2 * len(CITIES) + len([OBSERVER]) + 2


def test_the_same_award_twice_is_one_and_another_is_refused(at: At) -> None:
    cast = at("met")
    cast.award()
    facts = written(cast)
    cast.award()
    assert written(cast) == facts
    with pytest.raises(ContractAlreadyAwarded):
        cast.award(amount_eur=Decimal("200000"))
    with pytest.raises(ContractAlreadyAwarded):
        cast.award(awarded_on=date(2026, 10, 1))


def test_only_the_anct_awards_the_contract(at: At) -> None:
    cast = at("met")
    for who in (cast.mayor(NIORT), cast.contact(NIORT), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            cast.award(who)


def test_a_contract_that_cannot_be_is_refused(at: At) -> None:
    cast = at("met")
    for wrong in ({"amount_eur": Decimal(0)}, {"awarded_on": cast.today + timedelta(days=1)}):
        with pytest.raises(InvalidAward):
            cast.award(**wrong)
    for firms, refusal in (
        ([], InvalidAward),
        ([LEAD, replace(PARTNER, siret=LEAD.siret)], InvalidAward),
        ([replace(LEAD, siret="73282932000075")], InvalidSiret),
    ):
        with pytest.raises(refusal):
            cast.award(firms=firms)
    assert cast.all(Contractor) == []


# Diagnosis


def test_a_diagnosis_is_asked_for_each_city_and_opened_to_the_reading_of_its_peers(at: At) -> None:
    cast = at("diagnosis in review")
    readers: dict[str, set[int]] = {}
    for notice in cast.notices("peer_reading_opened"):
        readers.setdefault(notice.payload["party_name"], set()).add(notice.recipient_id)
    contacts = {cast.party(code).name: cast.contact(code).person_id for code in CITIES}
    assert readers == {name: {each for other, each in contacts.items() if other != name} for name in contacts}


def test_a_diagnosis_comes_from_its_city_or_from_the_contractor(at: At) -> None:
    cast = at("diagnosis open")
    with pytest.raises(NotAllowed):
        cast.submit("diagnostic", NIORT, actor=cast.contact(BOURGES))
    cast.submit("diagnostic", NIORT, actor=cast.contact(NIORT))
    cast.submit("diagnostic", BOURGES, actor=cast.contractor)


# Consultation


def test_the_three_strands_come_before_the_report_of_the_consultation(at: At) -> None:
    cast = at("consultation open")
    for held in range(len(STRANDS)):
        with pytest.raises(StrandsComeFirst):
            cast.submit("bilan_de_concertation", NIORT)
        cast.hold_strands(NIORT, STRANDS[held : held + 1])
    cast.submit("bilan_de_concertation", NIORT)


def test_each_city_is_asked_for_its_report_once_its_own_strands_are_held(at: At) -> None:
    cast = at("consultation open")
    stage_id = cast.stage_id("consultation")
    before = len(cast.notices("deliverable_requested"))
    ask.ask_for_reports(cast.db, stage_id, "bilan_de_concertation", now=cast.now)
    assert len(cast.notices("deliverable_requested")) == before
    cast.hold_strands(NIORT)
    ask.ask_for_reports(cast.db, stage_id, "bilan_de_concertation", now=cast.now)
    assert cast.notices("deliverable_requested")[-1].recipient_id == cast.contact(NIORT).person_id
    assert len(cast.notices("deliverable_requested")) == before + 1


def test_a_strand_is_recorded_by_its_city_once_held(at: At) -> None:
    cast = at("consultation open")
    held = HeldStrand(cast.slug, NIORT, "citizens", held_on=cast.today, participants=12)
    for who in (cast.contact(BOURGES), cast.contractor, cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            record_strand(cast.db, who, held, now=cast.now)
    contact = cast.contact(NIORT)
    with pytest.raises(UnknownStrand, match="citizens, professionals, artistic_programme"):
        record_strand(cast.db, contact, replace(held, key="habitants"), now=cast.now)
    for wrong in (replace(held, held_on=cast.today + timedelta(days=1)), replace(held, participants=-1)):
        with pytest.raises(InvalidStrand):
            record_strand(cast.db, contact, wrong, now=cast.now)


def test_the_record_of_a_closed_consultation_does_not_change(at: At) -> None:
    with pytest.raises(StageMovesOn):
        at("action plan open").hold_strands(NIORT, participants=121)


# Action plan


def test_each_action_of_a_signed_plan_becomes_a_commitment_with_its_owner_and_its_date(at: At) -> None:
    cast = at("lessons open")
    promised = cast.commitments(origin=CommitmentOrigin.action)
    counts = {code: len([each for each in promised if each.owner == code]) for code in CITIES}
    assert counts == {MANTES: 4, NIORT: 3, BOURGES: 3, GUICHEN: 3}
    fabric = next(each for each in promised if "fabrique culturelle" in each.text)
    assert (fabric.owner, fabric.holder, fabric.due_on) == (
        NIORT,
        "Direction de la culture",
        date(2029, 3, 31),
    )


def test_a_plan_that_cannot_be_read_is_refused_line_by_line(at: At) -> None:
    cast = at("action plan open")
    wrong = cast.write("titre;porteur;budget;indicateur;debut;echeance\nPlan;;;;hier;demain\n", "plan.csv")
    with pytest.raises(InvalidFile, match=r"plan\.csv, ligne 2"):
        cast.submit("plan_d_action", NIORT, path=wrong)
    assert cast.deliverable("plan_d_action", NIORT).number == 0


# Lessons learned


def test_the_lessons_are_published_under_the_open_licence(at: At) -> None:
    cast = at("over")
    published = [each for each in cast.all(Publication) if isinstance(each, Publication)]
    assert len(published) == len(CITIES) + 1
    assert {each.licence for each in published} == {OPEN_LICENCE}
    assert [event for event, _ in cast.journal()].count("lessons.published") == len(CITIES) + 1


def test_the_resources_of_a_city_are_awaited_and_signed_by_nobody(at: At) -> None:
    cast = at("lessons open")
    cast.collect("lessons_learned")
    ask.start_review(cast.db, cast.stage_id("lessons_learned"), now=cast.now)
    asked = {each.deliverable for each in cast.missing("lessons_learned")}
    assert asked == {"dossier_de_capitalisation"}


def test_at_the_end_the_project_is_in_follow_up_and_its_commitments_live_on(at: At) -> None:
    cast = at("over")
    assert cast.project().status is ProjectStatus.in_follow_up
    assert cast.journal()[-1][0] == "project.in_follow_up"
    owed = cast.notices("project_in_follow_up")[0].payload["open_commitments"]
    assert owed == len(cast.commitments()) > 0


# Each step called twice changes nothing

STEPS: dict[str, list[tuple[str, Callable[[Cast, int], object]]]] = {
    "constitution in review": [
        ("constitution", lambda c, s: ask.ask_for_deliverable(c.db, s, "note_de_cadrage", now=c.now)),
        ("constitution", lambda c, s: ask.start_review(c.db, s, now=c.now)),
    ],
    "charter closed": [
        ("charter", lambda c, s: ask.tell_signed_off(c.db, s, now=c.now)),
        ("charter", lambda c, s: ask.ask_for_agency_signature(c.db, s, "charte", now=c.now)),
        ("charter", lambda c, s: c.close("charter")),
    ],
    "diagnosis in review": [
        ("terms_of_reference", lambda c, s: ask.ask_for_award(c.db, s, now=c.now)),
        ("territorial_diagnosis", lambda c, s: ask.ask_for_deliverable(c.db, s, "diagnostic", now=c.now)),
        ("territorial_diagnosis", lambda c, s: ask.open_peer_reading(c.db, s, "diagnostic", now=c.now)),
    ],
    "action plan in review": [
        ("consultation", lambda c, s: ask.ask_for_strands(c.db, s, now=c.now)),
        ("consultation", lambda c, s: ask.ask_for_reports(c.db, s, "bilan_de_concertation", now=c.now)),
        ("action_plan", lambda c, s: ask.ask_for_deliverable(c.db, s, "plan_d_action", now=c.now)),
    ],
    "over": [
        ("action_plan", lambda c, s: c.close("action_plan")),
        ("lessons_learned", lambda c, s: c.close("lessons_learned")),
        ("lessons_learned", lambda c, s: ask.ask_for_deliverable(c.db, s, "ressources", now=c.now)),
    ],
}


@pytest.mark.parametrize("point", STEPS)
def test_each_step_of_a_flow_called_again_changes_nothing(at: At, point: str) -> None:
    cast = at(point)
    before = written(cast)
    for key, step in STEPS[point]:
        step(cast, cast.stage_id(key))
    assert written(cast) == before
