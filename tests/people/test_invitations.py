"""Inviting somebody into a project, and reading who takes part in it, on each kind of database."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cast import BOURGES, GUICHEN, NIORT, OBSERVER, SLUG, Cast

from actions.people.invite_person import Invitation, NotInvitedAs, OfficeHeld, invite_person
from actions.reminders.remind_by_hand import ReminderRequest, remind_by_hand
from models.person import NotAllowed, Person, Role
from models.shared_project import ProjectNotActive
from queries.ledger.verify_journal import verify_project
from queries.meetings.meetings import read_meetings
from queries.projects.participants import ParticipantsPage, read_participants
from queries.reminders.reminders import read_reminders

At = Callable[[str], Cast]


def invite(cast: Cast, role: Role, city: str = NIORT, **changes: object) -> Person:
    invitation = Invitation(SLUG, "ada@ville.example", "Ada Martin", role, city, **changes)  # type: ignore[arg-type]
    return invite_person(cast.db, cast.agent, invitation, now=cast.now)


def participants(cast: Cast) -> ParticipantsPage:
    with cast.db.read() as session:
        return read_participants(session, SLUG, cast.agent.person_id, cast.now)


def test_an_invitation_names_a_missing_contact_and_wakes_the_stage_that_waits(at: At) -> None:
    cast = at("constitution open")
    before = cast.stage("constitution").fact_seq
    invite(cast, Role.local_contact)
    invite(cast, Role.local_contact)
    assert cast.stage("constitution").fact_seq > before
    niort = next(party for party in participants(cast).parties if party.code == NIORT)
    assert [person.name for person in niort.people].count("Ada Martin") == 1
    assert cast.told("welcome") >= {"ada@ville.example"}


def test_the_office_changes_hands_only_when_it_is_meant_and_delegations_fall_with_it(at: At) -> None:
    cast = at("charter in review")
    cast.delegate(NIORT)
    with pytest.raises(OfficeHeld):
        invite(cast, Role.signatory, quality="Maire")
    assert "ada@ville.example" not in cast.told("welcome")
    invite(cast, Role.signatory, quality="Maire", takes_over=True)
    niort = next(party for party in participants(cast).parties if party.code == NIORT)
    assert niort.signatory == cast.mayor(NIORT).name, "until the city confirms"
    assert any("délégation" in person.quality for person in niort.people)
    assert "ada@ville.example" in cast.told("authority_proposed")
    cast.confirm_offices()
    niort = next(party for party in participants(cast).parties if party.code == NIORT)
    assert niort.signatory == "Ada Martin"
    assert not any("délégation" in person.quality for person in niort.people)


@pytest.mark.parametrize(
    ("role", "city"),
    [
        (Role.observer, NIORT),
        (Role.local_contact, OBSERVER),
        (Role.agency_agent, NIORT),
        (Role.contractor, NIORT),
    ],
)
def test_a_role_is_given_where_it_has_a_meaning(at: At, role: Role, city: str) -> None:
    with pytest.raises(NotInvitedAs):
        invite(at("met"), role, city)


def test_only_an_agent_invites_and_nobody_into_a_cancelled_project(at: At) -> None:
    cast = at("charter in review")
    invitation = Invitation(SLUG, "ada@ville.example", "Ada Martin", Role.local_contact, NIORT)
    for who in (cast.mayor(NIORT), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            invite_person(cast.db, who, invitation, now=cast.now)
    cast.change("cancel")
    with pytest.raises(ProjectNotActive):
        invite(cast, Role.local_contact)


def test_who_takes_part_is_read_with_delegations_and_departures(at: At) -> None:
    cast = at("charter in review")
    cast.delegate(NIORT, scope="charter,charte")
    cast.delegate(
        BOURGES,
        days=(cast.today - timedelta(days=9), cast.today - timedelta(days=1)),
        email="x@bourges.example",
    )
    (delegation,) = participants(cast).delegations
    assert delegation.scope == "étape « Charte », « Charte de projet partagé »"
    assert not delegation.may_revoke
    with cast.db.read() as session:
        mayor = read_participants(session, SLUG, cast.mayor(NIORT).person_id, cast.now)
    assert mayor.delegations[0].may_revoke
    assert GUICHEN in {party.code for party in mayor.parties}


def test_reminders_meetings_and_the_chain_are_read_as_they_stand(at: At) -> None:
    cast = at("charter in review")
    with cast.db.read() as session:
        lines = read_reminders(session, SLUG, cast.agent.person_id, cast.now).lines
        assert read_meetings(session, SLUG, cast.agent.person_id, cast.now).to_come == ()
        assert verify_project(session, SLUG) == []
    niort = next(line for line in lines if line.thing.who == "Niort")
    assert niort.again_at is None
    asked = cast.now
    remind_by_hand(cast.db, cast.agent, ReminderRequest(SLUG, niort.thing.subject), now=asked)
    with cast.db.read() as session:
        lines = read_reminders(session, SLUG, cast.agent.person_id, cast.now).lines
        again = {line.thing.who: line.again_at for line in lines}
        assert again["Niort"] == asked + timedelta(hours=24)
        assert again["Bourges"] is None
        later = read_reminders(session, SLUG, cast.agent.person_id, asked + timedelta(hours=25)).lines
    assert {line.again_at for line in later} == {None}
