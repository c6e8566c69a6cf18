"""The contractor is replaced: why and when, who loses access, what passes on, and what the former keeps (rule 10)."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from cast import BOURGES, LEAD, NIORT, PARTNER, SLUG, START, Cast

from actions.commitments.settle_commitment import Evidence, keep_commitment
from actions.people.erase_person import NOBODY, erase_person
from actions.projects.appoint_contractor import AwardRequest, Firm, InvalidAward
from actions.projects.replace_contractor import Replacement, replace_contractor
from models.commitment import CommitmentOrigin
from models.contractor import ContractAward, ContractEnd, InvalidEndOfContract, NoContract
from models.person import NotAllowed, Person, Role
from models.shared_project import ProjectNotActive
from models.sign_off import Decision, ReasonNeeded
from models.stored_row import identity
from queries.access.standing import standing_in
from queries.ledger.verify_journal import verify_journal
from queries.people.recipients import contractor_people, everybody
from queries.projects.participants import read_participants

At = Callable[[str], Cast]
OTHER = Firm("Agence du Pont (fictive)", "73282932000082", "Lou Berger", "lou@pont.example")
REASON = "Liquidation judiciaire"


def replaced(cast: Cast, **changes: object) -> ContractAward:
    award = AwardRequest(SLUG, [OTHER], Decimal("90000.00"), START.date())
    by = changes.pop("by", cast.agent)
    request = replace(Replacement(award, START.date(), REASON), **changes)  # type: ignore[arg-type]
    return replace_contractor(cast.db, by, request, now=cast.now)  # type: ignore[arg-type]


def roles_of(cast: Cast, email: str) -> frozenset[Role]:
    with cast.db.read() as session:
        number = identity(cast.project())
        return standing_in(session.connection(), cast.person(email).person_id, number, cast.now).roles


def payloads(cast: Cast, event: str) -> list[dict[str, Any]]:
    """Of the entries of this event in the project's journal; SQLite gives their text."""
    found = [each["payload"] for each in cast.entries() if each["event"] == event]
    return [json.loads(each) if isinstance(each, str) else each for each in found]


def test_the_former_contacts_lose_access_and_the_new_one_has_it(at: At) -> None:
    cast = at("diagnosis open")
    replaced(cast)
    for firm in (LEAD, PARTNER):
        assert not roles_of(cast, firm.contact_email)
    assert roles_of(cast, OTHER.contact_email) == {Role.contractor}
    with cast.db.read() as session:
        project = cast.project()
        lou = cast.person(OTHER.contact_email).person_id
        assert contractor_people(session, project, cast.now) == [lou]
        assert cast.contractor.person_id not in everybody(session, project, cast.now)
        shown = read_participants(session, SLUG, cast.agent.person_id, cast.now).contractor
    assert shown is not None
    assert [(each.name, each.contact) for each in shown.firms] == [(OTHER.name, "Lou Berger")]
    assert shown.amount_eur == Decimal("90000.00")
    with pytest.raises(NotAllowed):
        cast.submit("synthese_croisee")
    cast.submit("synthese_croisee", actor=cast.person(OTHER.contact_email))


def test_each_is_told_and_the_former_has_the_receipt_of_what_it_submitted(at: At) -> None:
    cast = at("diagnosis open")
    for city in (NIORT, BOURGES):
        cast.submit("diagnostic", city)
    version = cast.submit("synthese_croisee")
    replaced(cast)
    assert cast.told("contractor_replaced_for_former") == {LEAD.contact_email, PARTNER.contact_email}
    assert {OTHER.contact_email, "camille.roussel@anct.example"} <= cast.told("contractor_replaced")
    assert LEAD.contact_email not in cast.told("contractor_replaced")
    receipts = [
        each.payload["receipts"]
        for each in cast.notices("contractor_replaced_for_former")
        if each.recipient_id == cast.contractor.person_id
    ]
    assert version.sha256 in receipts[0][-1]


def test_the_past_contract_is_kept_and_the_journal_says_why(at: At) -> None:
    cast = at("diagnosis open")
    replaced(cast)
    (ended,) = cast.all(ContractEnd)
    assert isinstance(ended, ContractEnd)
    assert (ended.amount_eur, ended.reason) == (Decimal("148500.00"), REASON)
    (payload,) = payloads(cast, "contract.replaced")
    assert payload["former_sirets"] == [LEAD.siret, PARTNER.siret]
    assert payload["reason"] == REASON
    assert verify_journal(cast.db).tamperings == []


def test_what_it_had_promised_passes_to_the_new_one(at: At) -> None:
    cast = at("diagnosis in review")
    cast.sign("synthese_croisee", NIORT, Decision.approved_with_reservations)
    replaced(cast)
    (commitment,) = cast.commitments(origin=CommitmentOrigin.reservation)
    lou = cast.person(OTHER.contact_email)
    assert (commitment.holder, commitment.holder_id) == ("Lou Berger", lou.person_id)
    evidence = Evidence(identity(commitment), "En page 3")
    with pytest.raises(NotAllowed):
        keep_commitment(cast.db, cast.contractor, evidence, now=cast.now)
    keep_commitment(cast.db, lou, evidence, now=cast.now)


def test_a_refusal_of_what_the_former_wrote_goes_to_the_new_one(at: At) -> None:
    cast = at("diagnosis in review")
    replaced(cast)
    cast.sign("synthese_croisee", NIORT, Decision.refused)
    cast.sign("synthese_croisee", BOURGES, Decision.approved_with_reservations)
    assert OTHER.contact_email in cast.told("deliverable_refused_for_author")
    assert LEAD.contact_email not in cast.told("deliverable_refused_for_author")
    assert cast.told("reservation_to_answer") == {OTHER.contact_email}
    (commitment,) = cast.commitments(origin=CommitmentOrigin.reservation)
    assert (commitment.owner, commitment.holder) == ("prestataire", "Lou Berger")


def test_the_same_again_is_one_and_the_same_firm_may_come_with_another_contact(at: At) -> None:
    cast = at("diagnosis open")
    replaced(cast)
    replaced(cast)
    assert len(cast.all(ContractEnd)) == 1
    same_firm = Firm(OTHER.name, OTHER.siret, "Max Roy", "max@pont.example")
    award = AwardRequest(SLUG, [same_firm], Decimal("90000.00"), START.date())
    replaced(cast, award=award, reason="Départ de Lou Berger")
    assert not roles_of(cast, OTHER.contact_email)
    assert roles_of(cast, "max@pont.example") == {Role.contractor}


def test_a_contact_who_stays_keeps_their_role_without_a_break(at: At) -> None:
    cast = at("diagnosis open")
    award = AwardRequest(SLUG, [PARTNER], Decimal("90000.00"), START.date())
    replaced(cast, award=award)
    assert roles_of(cast, PARTNER.contact_email) == {Role.contractor}
    assert cast.told("contractor_replaced_for_former") == {LEAD.contact_email}
    assert [each["person"] for each in payloads(cast, "mandate.ended")] == [cast.contractor.person_id]


def test_a_former_contact_may_be_a_delegate_and_the_present_one_may_not(at: At) -> None:
    cast = at("action plan in review")
    replaced(cast)
    deputy = cast.delegate(NIORT, email=LEAD.contact_email)
    cast.sign("plan_d_action", NIORT, actor=deputy)
    with pytest.raises(Exception, match="ne signent jamais"):
        cast.delegate(BOURGES, email=OTHER.contact_email)


def test_only_an_agent_replaces_with_a_reason_and_a_day_that_can_be(at: At) -> None:
    cast = at("diagnosis open")
    for by in (cast.contractor, cast.mayor(NIORT), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            replaced(cast, by=by)
    with pytest.raises(ReasonNeeded):
        replaced(cast, reason=" ")
    for day in (cast.today + timedelta(days=1), date(2026, 11, 1)):
        with pytest.raises(InvalidEndOfContract):
            replaced(cast, ended_on=day)
    with pytest.raises(InvalidAward):
        replaced(cast, award=AwardRequest(SLUG, [], Decimal(1), START.date()))
    assert not cast.all(ContractEnd)
    assert roles_of(cast, LEAD.contact_email) == {Role.contractor}


def test_nothing_to_replace_before_the_contract_nor_in_a_cancelled_project(at: At) -> None:
    cast = at("charter in review")
    with pytest.raises(NoContract):
        replaced(cast)
    cast.change("cancel")
    with pytest.raises(ProjectNotActive):
        replaced(cast)


def test_a_mayor_does_not_become_the_contractor_by_a_replacement(at: At) -> None:
    cast = at("diagnosis open")
    mayor = Firm(OTHER.name, OTHER.siret, cast.mayor(NIORT).name, cast.mayor_email(NIORT))
    with pytest.raises(Exception, match="signent jamais"):
        replaced(cast, award=AwardRequest(SLUG, [mayor], Decimal(1), START.date()))
    assert not cast.all(ContractEnd), "nothing half-done"
    assert roles_of(cast, LEAD.contact_email) == {Role.contractor}


def test_the_former_contact_may_then_be_erased(at: At) -> None:
    cast = at("diagnosis open")
    number = cast.contractor.person_id
    replaced(cast)
    erase_person(cast.db, cast.agent, LEAD.contact_email, now=cast.now)
    with cast.db.read() as session:
        assert session.get_one(Person, number).name == NOBODY
        named = sa.text("SELECT count(*) FROM contractor WHERE contact_id = :who")
        assert session.connection().execute(named, {"who": number}).scalar() == 0
