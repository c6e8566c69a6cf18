"""Whatever changes who is in charge of something, whoever comes to be in charge is told at once what is pending, in
one mail with its deadlines; reminders go to them from then on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from cast import GUICHEN, LEAD, NEWCOMER, NIORT, OBSERVER, SLUG, START, Cast, city_file, seed_file
from departures import leave
from duties import handed_over, told_since
from reminding import moment
from sqlmodel import select
from two_keys import DEPUTY, NEW_MAYOR, agent_proposes_mayor, order, propose_delegation, propose_mayor

from actions.authority.begin_offices import begin_offices
from actions.authority.pass_dated_duties import pass_dated_duties
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from actions.people.add_person import Registration, add_person
from actions.people.change_address import Confirmation, ask_for_address, confirm_address
from actions.people.end_role import RoleEnd, end_role
from actions.people.invite_person import Invitation, invite_person
from actions.people.move_person import Move, move_person
from actions.projects.accession import propose_accession
from actions.projects.appoint_contractor import AwardRequest, Firm
from actions.projects.join_project import JoinRequest, join_project
from actions.projects.replace_contractor import Replacement, replace_contractor
from actions.projects.take_charge import take_charge
from actions.signing.delegate_signature import delegate_signature
from actions.signing.revoke_delegation import revoke_delegation
from models.person import Actor, Mandate, Role
from models.project_file import PersonEntry
from models.proposal import ProposalKind
from models.signature_delegation import SignatureDelegation
from models.stored_row import identity
from queries.reminders.awaited import awaited_in
from queries.reminders.preview import preview_reminders

At = Callable[[str], Cast]
NEW = "nouvelle@ville.example"
MAYOR_OF_OBSERVER = PersonEntry(
    name="Maire de Mérignac", email=f"maire-{OBSERVER}@ville.example", quality="Maire"
)
OTHER_FIRM = Firm("Agence du Pont (fictive)", "73282932000082", "Lou Berger", NEW)


def contact_email(code: str) -> str:
    (entry,) = (each for each in seed_file().parties if each.code == code)
    return entry.local_contact.email if entry.local_contact else ""


def mandate_of(cast: Cast, who: Actor, role: Role = Role.local_contact) -> int:
    with cast.db.read() as session:
        query = select(Mandate.id).where(Mandate.person_id == who.person_id, Mandate.role == role)
        return session.exec(query).one() or 0


def meet(cast: Cast) -> None:
    """A meeting to come, to which everybody is invited."""
    at = cast.now + timedelta(days=20)
    plan = MeetingPlan(cast.slug, "Comité de pilotage", at, at + timedelta(hours=2))
    convene_meeting(cast.db, cast.agent, plan, now=cast.now)


# The changes


def office(cast: Cast) -> None:
    cast.confirm(agent_proposes_mayor(cast))


def office_on_its_day(cast: Cast) -> None:
    cast.confirm(propose_mayor(cast, cast.agent, on=cast.today + timedelta(days=12)))
    assert handed_over(cast) == []
    cast.wait(days=12)
    begin_offices(cast.db, now=cast.now)
    pass_dated_duties(cast.db, now=cast.now)


def delegation(cast: Cast) -> None:
    delegate_signature(cast.db, cast.mayor(NIORT), order(cast), now=cast.now)


def delegation_by_two_keys(cast: Cast) -> None:
    cast.confirm(propose_delegation(cast, cast.contact(NIORT)), cast.mayor(NIORT))


def delegation_on_its_first_day(cast: Cast) -> None:
    later = order(cast, valid_from=cast.today + timedelta(days=9))
    delegate_signature(cast.db, cast.mayor(NIORT), later, now=cast.now)
    pass_dated_duties(cast.db, now=cast.now)
    assert handed_over(cast) == []
    cast.wait(days=9)
    pass_dated_duties(cast.db, now=cast.now)


def delegation_revoked(cast: Cast) -> None:
    cast.delegate()
    (given,) = cast.all(SignatureDelegation)
    revoke_delegation(cast.db, cast.mayor(NIORT), identity(given), now=cast.now)


def delegation_after_its_last_day(cast: Cast) -> None:
    cast.delegate(days=(cast.today, cast.today + timedelta(days=3)))
    pass_dated_duties(cast.db, now=cast.now)
    cast.wait(days=4)
    pass_dated_duties(cast.db, now=cast.now)


def contact_invited(cast: Cast) -> None:
    invitation = Invitation(cast.slug, NEW, "Nadège Roy", Role.local_contact, NIORT)
    invite_person(cast.db, cast.agent, invitation, now=cast.now)


def contact_registered(cast: Cast) -> None:
    add_person(cast.db, Registration(NEW, "Nadège Roy", Role.local_contact, NIORT), now=cast.now)


def contact_gone(cast: Cast) -> None:
    """Nobody else acts for Niort: its report is the contractor's to write."""
    number = mandate_of(cast, cast.contact(NIORT))
    end_role(cast.db, cast.agent, RoleEnd(number, None, "Changement de poste"), now=cast.now)


def contact_gone_after_their_last_day(cast: Cast) -> None:
    number = mandate_of(cast, cast.contact(NIORT))
    last_day = cast.today + timedelta(days=5)
    end_role(cast.db, cast.agent, RoleEnd(number, last_day, "Changement de poste"), now=cast.now)
    pass_dated_duties(cast.db, now=cast.now)
    assert handed_over(cast) == []
    cast.wait(days=6)
    pass_dated_duties(cast.db, now=cast.now)


def agent(cast: Cast) -> None:
    add_person(cast.db, Registration(NEW, "Nadège Roy", Role.agency_agent, None), now=cast.now)
    take_charge(cast.db, cast.person(NEW), SLUG, now=cast.now)


def contractor(cast: Cast) -> None:
    cast.award(firms=[OTHER_FIRM])


def other_contractor(cast: Cast) -> None:
    award = AwardRequest(SLUG, [OTHER_FIRM], Decimal("90000.00"), START.date())
    replace_contractor(cast.db, cast.agent, Replacement(award, START.date(), "Liquidation"), now=cast.now)


def city_joins(cast: Cast) -> None:
    entry = city_file(NEWCOMER, "Nantes")
    join_project(cast.db, cast.agent, JoinRequest(cast.slug, entry), now=cast.now)


def city_returns(cast: Cast) -> None:
    leave(cast, GUICHEN)
    cast.confirm(
        propose_accession(cast.db, cast.agent, cast.accession(ProposalKind.comeback, GUICHEN), now=cast.now)
    )


def observer_signs(cast: Cast) -> None:
    asked = cast.accession(
        ProposalKind.become_signatory, OBSERVER, signatory=MAYOR_OF_OBSERVER,
        contact=PersonEntry(name="Nadège Roy", email=NEW),
    )  # fmt: skip
    cast.confirm(propose_accession(cast.db, cast.observer, asked, now=cast.now), cast.agent)


def office_during_a_pause(cast: Cast) -> None:
    cast.pause()
    cast.confirm(agent_proposes_mayor(cast))
    assert handed_over(cast) == []
    cast.wait(days=3)
    cast.change("resume")


def address_changed(cast: Cast) -> None:
    who = cast.mayor(NIORT)
    asked = ask_for_address(cast.db, who, NEW, now=cast.now)
    confirm_address(cast.db, who, Confirmation(asked.token), now=cast.now)


def address_moved(cast: Cast) -> None:
    proposal = move_person(cast.db, cast.agent, Move(cast.mayor_email(NIORT), NEW), now=cast.now)
    cast.confirm(proposal)


@dataclass(frozen=True, slots=True)
class Case:
    """From ``point``, this change hands ``what`` over to ``reader``, and nothing to anybody else."""

    point: str
    change: Callable[[Cast], None]
    reader: str
    what: tuple[str, ...]
    also: Callable[[Cast], None] | None = None


NOTE, REVIEW = ("« Note de cadrage »",), "constitution in review"
MAYOR_OF_NIORT, CONTACT_OF_GUICHEN = "maire de Niort", "contact de Guichen"
CASES = {
    "an office passes": Case(REVIEW, office, NEW_MAYOR, NOTE),
    "an office passes on a day to come": Case(REVIEW, office_on_its_day, NEW_MAYOR, NOTE),
    "an office passes during a pause": Case(REVIEW, office_during_a_pause, NEW_MAYOR, NOTE),
    "a delegation is given": Case(REVIEW, delegation, DEPUTY, NOTE),
    "a delegation is confirmed": Case(REVIEW, delegation_by_two_keys, DEPUTY, NOTE),
    "a delegation begins on its day": Case(REVIEW, delegation_on_its_first_day, DEPUTY, NOTE),
    "a delegation is revoked": Case(REVIEW, delegation_revoked, MAYOR_OF_NIORT, NOTE),
    "a delegation is over": Case(REVIEW, delegation_after_its_last_day, MAYOR_OF_NIORT, NOTE),
    "a contact is invited": Case(REVIEW, contact_invited, NEW, (*NOTE, "Comité"), meet),
    "a contact is registered": Case(REVIEW, contact_registered, NEW, NOTE),
    "a contact leaves": Case("consultation open", contact_gone, LEAD.contact_email, ("« Bilan",)),
    "a contact leaves on a day": Case(
        "consultation open", contact_gone_after_their_last_day, LEAD.contact_email, ("« Bilan",)
    ),
    "an agent takes charge": Case("charter open", agent, NEW, ("« Charte",)),
    "a contractor is replaced": Case(
        "diagnosis open", other_contractor, NEW, ("« Diagnostic territorial » (Niort)", "« Synthèse")
    ),
    "a city joins": Case(REVIEW, city_joins, f"contact-{NEWCOMER}@ville.example", ("Comité",), meet),
    "a city returns": Case("charter closed", city_returns, CONTACT_OF_GUICHEN, ("Coopérer", "Comité"), meet),
    "an observer becomes a signatory": Case(REVIEW, observer_signs, NEW, ("Comité",), meet),
    "an address changes": Case(REVIEW, address_changed, NEW, NOTE),
    "an address is moved by two others": Case(REVIEW, address_moved, NEW, NOTE),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_whoever_comes_to_be_in_charge_has_one_mail_with_what_is_pending(at: At, case: Case) -> None:
    cast = at(case.point)
    if case.also:
        case.also(cast)
    before = len(handed_over(cast))
    case.change(cast)
    told = told_since(cast, before)
    known = {MAYOR_OF_NIORT: cast.mayor_email(NIORT), CONTACT_OF_GUICHEN: contact_email(GUICHEN)}
    reader = known.get(case.reader, case.reader)
    lines = told[reader].lines
    for what in case.what:
        assert any(text.startswith(what) and due_on for text, due_on in lines), (what, lines)
    assert all(reader_of(cast, reader, text) for text, _ in lines)


def reader_of(cast: Cast, email: str, text: str) -> bool:
    """Is this thing reminded to this person from now on?"""
    who = cast.person(email).person_id
    with cast.db.read() as session:
        things = list(awaited_in(session.connection(), [identity(cast.project())], cast.now))
    return any(who in each.readers and each.text == text for each in things)


def test_who_has_just_been_told_is_reminded_from_the_next_rung_on(at: At) -> None:
    cast = at("charter in review")
    due_on = cast.stage("charter").due_on or cast.today
    week_before, day_before = due_on - timedelta(days=7), due_on - timedelta(days=1)
    cast.set_clock(moment(week_before, 7))
    office(cast)
    reminded = {
        day: {digest.email for digest in preview_reminders(cast.db, day=day, now=cast.now)}
        for day in (week_before, day_before)
    }
    assert contact_email(NIORT) in reminded[week_before]
    assert NEW_MAYOR not in reminded[week_before]
    assert NEW_MAYOR in reminded[day_before]
