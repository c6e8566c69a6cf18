"""The steering committee: convened, moved and cancelled by the ANCT; three weeks late, a thing is on its agenda."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cast import CITIES, NIORT, OBSERVER, Cast
from icalendar import Calendar
from owed_mails import owed
from sqlmodel import col, select

from actions.mail.deliver import write_letter
from actions.meetings.change_meeting import MeetingCancellation, MeetingChanges, cancel_meeting, move_meeting
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from actions.prefect.mirrored_facts import facts_to_mirror
from actions.stages import ask
from models.commitment import Commitment, CommitmentOrigin
from models.meeting import (
    AlreadyConvened,
    InvalidMeeting,
    Meeting,
    MeetingSettled,
    NothingMoves,
    UnknownMeeting,
)
from models.notice import Notice
from models.paris_time import PARIS
from models.person import Actor, NotAllowed
from models.shared_project import ProjectNotActive
from models.sign_off import ReasonNeeded
from models.stored_row import identity
from queries.ledger.find import find_project
from queries.meetings.agenda import AgendaLine, agenda_of
from queries.meetings.meetings import MeetingShown, list_meetings

At = Callable[[str], Cast]
SHORT, LONG = timedelta(hours=1), timedelta(hours=2)


def plan(cast: Cast, **changes: Any) -> MeetingPlan:
    starts_at = cast.now.replace(hour=13, minute=0) + timedelta(days=30)
    fields = {"title": "Comité de pilotage n° 1", "starts_at": starts_at, "ends_at": starts_at + LONG}
    fields |= {"place": "Mairie de Niort", "agenda": "1. Calendrier"} | changes
    return MeetingPlan(cast.slug, **fields)


def convene(cast: Cast, actor: Actor | None = None, **changes: Any) -> Meeting:
    return convene_meeting(cast.db, actor or cast.agent, plan(cast, **changes), now=cast.now)


def move(cast: Cast, meeting: Meeting, actor: Actor | None = None, **changes: Any) -> Meeting:
    asked = MeetingChanges(identity(meeting), **changes)
    return move_meeting(cast.db, actor or cast.agent, asked, now=cast.now)


def cancel(cast: Cast, meeting: Meeting, reason: str = "Neige", actor: Actor | None = None) -> Meeting:
    cancellation = MeetingCancellation(identity(meeting), reason)
    return cancel_meeting(cast.db, actor or cast.agent, cancellation, now=cast.now)


def agenda(cast: Cast) -> list[AgendaLine]:
    with cast.db.read() as session:
        return agenda_of(session, find_project(session, cast.slug), cast.now)


def meetings(cast: Cast) -> list[MeetingShown]:
    with cast.db.read() as session:
        return list_meetings(session, find_project(session, cast.slug), cast.now)


def entries(cast: Cast, message: str) -> list[Any]:
    """The entries for the calendar of each mail of this message, as it leaves."""
    events = []
    for notice in owed(cast):
        if notice.message == message:
            letter = write_letter(notice, notice.payload, "https://projets.example", "secret", now=cast.now)
            assert letter.words.calendar is not None
            events += Calendar.from_ical(letter.words.calendar.content).walk("VEVENT")
    return events


# Convening


def test_everybody_is_invited_at_once(at: At) -> None:
    cast = at("diagnosis open")
    meeting = convene(cast)
    people = {person for code in CITIES for person in (cast.contact(code), cast.mayor(code))}
    invited = {each.recipient_id for each in cast.notices("meeting_invitation")}
    assert {each.person_id for each in (*people, cast.agent, cast.observer, cast.contractor)} <= invited
    assert len(invited) == 1 + 2 * len(CITIES) + len([OBSERVER]) + 2
    assert not any(each.is_held for each in cast.notices("meeting_invitation"))
    assert cast.journal()[-1] == ("meeting.convened", None)
    assert (meeting.sequence, meeting.told_at) == (0, meeting.convened_at)


def test_the_invitation_carries_its_entry_for_the_calendar_and_each_change_replaces_it(at: At) -> None:
    cast = at("met")
    meeting = convene(cast)
    moved = move(cast, meeting, starts_at=meeting.starts_at + timedelta(days=1))
    cancel(cast, moved)
    messages = ("meeting_invitation", "meeting_changed", "meeting_cancelled")
    events = {message: entries(cast, message) for message in messages}
    assert len({str(each["UID"]) for several in events.values() for each in several}) == 1
    for sequence, message in enumerate(messages):
        assert {int(each.get("SEQUENCE", 0)) for each in events[message]} == {sequence}
    assert {str(each.get("STATUS")) for each in events["meeting_cancelled"]} == {"CANCELLED"}


def test_only_the_anct_convenes_moves_and_cancels(at: At) -> None:
    cast = at("met")
    meeting = convene(cast)
    for who in (cast.mayor(NIORT), cast.contact(NIORT), cast.observer, cast.outsider):
        for act in (
            lambda who=who: convene(cast, who, title="Une autre"),
            lambda who=who: move(cast, meeting, who, place="Ailleurs"),
            lambda who=who: cancel(cast, meeting, actor=who),
        ):
            with pytest.raises(NotAllowed):
                act()
    assert cast.all(Meeting) == [meeting]


def test_a_meeting_is_to_come_ends_after_it_begins_and_has_a_title(at: At) -> None:
    cast = at("met")
    starts_at = plan(cast).starts_at
    for wrong, words in (
        ({"starts_at": cast.now - SHORT}, "dans le passé"),
        ({"ends_at": starts_at}, "avant d’avoir commencé"),
        ({"ends_at": starts_at - SHORT}, "avant d’avoir commencé"),
        ({"title": "  "}, "titre"),
    ):
        with pytest.raises(InvalidMeeting, match=words):
            convene(cast, **wrong)
    assert cast.all(Meeting) == []
    assert cast.told("meeting_invitation") == set()


def test_a_meeting_convened_twice_is_convened_once(at: At) -> None:
    cast = at("met")
    meeting = convene(cast)
    with pytest.raises(AlreadyConvened, match=f"n° {meeting.id}"):
        convene(cast, starts_at=meeting.starts_at, ends_at=meeting.ends_at)
    shouted = meeting.title.upper().replace(" ", "\u202f")
    with pytest.raises(AlreadyConvened):
        convene(cast, title=shouted, starts_at=meeting.starts_at, ends_at=meeting.ends_at)
    cancel(cast, meeting)
    again = convene(cast, starts_at=meeting.starts_at, ends_at=meeting.ends_at)
    assert again.id != meeting.id


def test_no_meeting_is_convened_while_the_project_is_paused_but_one_can_be_cancelled(at: At) -> None:
    cast = at("met")
    meeting = convene(cast)
    cast.pause()
    with pytest.raises(ProjectNotActive):
        convene(cast, title="Une autre")
    moved = move(cast, meeting, place="Mairie de Bourges")
    assert cancel(cast, moved).cancelled_at is not None


def test_a_project_that_is_cancelled_takes_its_meetings_out_of_every_calendar(at: At) -> None:
    cast = at("met")
    meeting = convene(cast)
    cast.change("cancel")
    with cast.db.read() as session:
        kept = session.get_one(Meeting, meeting.id)
        payloads = session.exec(select(Notice.payload).where(Notice.message == "meeting_cancelled")).all()
    assert kept.cancelled_at is not None
    assert {each["event_sequence"] for each in payloads} == {meeting.sequence + 1}
    with pytest.raises(ProjectNotActive):
        move(cast, kept, place="Mairie de Niort")


def test_the_committee_still_meets_during_the_follow_up(at: At) -> None:
    cast = at("over")
    assert convene(cast).id


# Moving, cancelling


def test_who_moves_a_meeting_tells_what_was_and_what_is(at: At) -> None:
    cast = at("met")
    meeting = convene(cast)
    later = meeting.starts_at + timedelta(days=1)
    moved = move(cast, meeting, starts_at=later, place="Visioconférence", reason="Grève des trains")
    assert (moved.starts_at, moved.ends_at, moved.place) == (later, later + LONG, "Visioconférence")
    assert moved.agenda == meeting.agenda
    assert moved.sequence == 1
    assert moved.told_at > meeting.told_at
    mail = cast.notices("meeting_changed")[0].payload
    assert mail["old_starts_at"] == meeting.starts_at.isoformat()
    assert mail["old_place"] == "Mairie de Niort"
    assert (mail["reason"], mail["agenda_changed"]) == ("Grève des trains", False)
    assert cast.told("meeting_changed") == cast.told("meeting_invitation")
    assert cast.journal()[-1] == ("meeting.moved", None)


def test_a_place_or_an_agenda_can_be_taken_away(at: At) -> None:
    cast = at("met")
    moved = move(cast, convene(cast), place="", agenda=" ")
    assert (moved.place, moved.agenda) == (None, None)
    assert cast.notices("meeting_changed")[0].payload["agenda_changed"] is True


def test_a_change_that_changes_nothing_tells_nobody(at: At) -> None:
    cast = at("met")
    meeting = convene(cast)
    for same in ({}, {"place": "Mairie de Niort"}, {"starts_at": meeting.starts_at}):
        with pytest.raises(NothingMoves):
            move(cast, meeting, **same)
    with pytest.raises(InvalidMeeting):
        move(cast, meeting, starts_at=cast.now - SHORT)
    assert cast.told("meeting_changed") == set()


def test_a_meeting_is_cancelled_with_its_reason_and_once(at: At) -> None:
    cast = at("met")
    meeting = convene(cast)
    with pytest.raises(ReasonNeeded):
        cancel(cast, meeting, " ")
    cancelled = cancel(cast, meeting)
    assert (cancelled.sequence, cancelled.cancel_reason) == (1, "Neige")
    assert {each.payload["reason"] for each in cast.notices("meeting_cancelled")} == {"Neige"}
    with pytest.raises(MeetingSettled, match="annulée"):
        cancel(cast, meeting)
    with pytest.raises(MeetingSettled, match="annulée"):
        move(cast, meeting, place="Ailleurs")
    assert cast.journal()[-1] == ("meeting.cancelled", None)


def test_what_has_begun_is_neither_moved_nor_cancelled(at: At) -> None:
    cast = at("met")
    meeting = convene(cast)
    cast.set_clock(meeting.starts_at)
    with pytest.raises(MeetingSettled, match="a commencé"):
        cancel(cast, meeting)
    with pytest.raises(MeetingSettled, match="a commencé"):
        move(cast, meeting, ends_at=meeting.ends_at + SHORT)
    with pytest.raises(UnknownMeeting):
        cancel_meeting(cast.db, cast.agent, MeetingCancellation(999, "Neige"), now=cast.now)


def test_what_people_wrote_of_a_meeting_stays_out_of_prefect(at: At) -> None:
    cast = at("met")
    cancel(cast, move(cast, convene(cast), place="Ailleurs", reason="Travaux"))
    _, facts = facts_to_mirror(cast.db, cast.stage_id("constitution"))
    identifiers = [each.identifiers for each in facts if each.event.startswith("meeting.")]
    assert [set(each) for each in identifiers] == [
        {"meeting", "starts_at", "ends_at"},
        {"meeting", "starts_at", "ends_at", "changed"},
        {"meeting", "starts_at", "ends_at"},
    ]


# The agenda


def late_by(cast: Cast, days: int, key: str = "charter") -> None:
    """Go to the day when the stage is so many days late, at the same hour."""
    due_on = cast.stage(key).due_on
    assert due_on is not None
    cast.set_clock(
        datetime.combine(due_on + timedelta(days=days), datetime.min.time(), PARIS) + timedelta(hours=9)
    )


def test_from_three_weeks_late_a_thing_is_on_the_agenda_of_the_next_meeting(at: At) -> None:
    cast = at("charter in review")
    cast.sign("charte", NIORT)
    late_by(cast, 20)
    assert agenda(cast) == []
    late_by(cast, 21)
    assert {each.party_code for each in agenda(cast)} == set(CITIES) - {NIORT}
    line = agenda(cast)[0]
    assert (line.text, line.days_late) == (
        "Mantes-la-Jolie : valider « Charte de projet partagé », en retard de 21 jours",
        21,
    )


def test_the_invitation_and_the_list_show_what_is_late(at: At) -> None:
    cast = at("charter in review")
    late_by(cast, 25)
    convene(cast, starts_at=cast.now + timedelta(days=9), ends_at=cast.now + timedelta(days=9, hours=2))
    convene(
        cast,
        title="La suivante",
        starts_at=cast.now + timedelta(days=60),
        ends_at=cast.now + timedelta(days=61),
    )
    written = cast.notices("meeting_invitation")[0].payload["agenda"]
    assert written.startswith("1. Calendrier\n\nEn retard, à examiner en séance :\n– ")
    assert "– Niort : valider « Charte de projet partagé », en retard de 25 jours" in written
    first, second = meetings(cast)
    assert [each.party for each in first.late] == list(CITIES)
    assert (first.status, second.late) == ("to_come", [])
    assert first.agenda == "1. Calendrier"


def test_what_is_late_with_the_anct_or_the_contractor_is_on_the_agenda_too(at: At) -> None:
    cast = at("charter open")
    ask.ask_for_deliverable(cast.db, cast.stage_id("charter"), "charte", now=cast.now)
    late_by(cast, 30)
    assert [each.text for each in agenda(cast)] == [
        "ANCT : déposer « Charte de projet partagé », en retard de 30 jours"
    ]
    cast = at("diagnosis open")
    late_by(cast, 30, "territorial_diagnosis")
    who = {each.who for each in agenda(cast)}
    assert {"Prestataire", "Niort"} <= who


def test_the_agenda_keeps_the_words_of_a_commitment_that_names_its_city(at: At) -> None:
    cast = at("charter open")
    niort = cast.party(NIORT)
    with cast.db.write() as session:
        session.add(
            Commitment(
                project_id=niort.project_id,
                owner=niort.code,
                party_id=niort.id,
                origin=CommitmentOrigin.charter,
                reference="référente",
                text="Nommer une référente (Niort)",
                due_on=cast.today - timedelta(days=21),
                created_at=cast.now - timedelta(days=40),
            )
        )
    acts = [each.act for each in agenda(cast)]
    assert "tenir son engagement « Nommer une référente (Niort) »" in acts


def test_a_project_with_nothing_late_has_an_agenda_of_its_own_only(at: At) -> None:
    cast = at("met")
    convene(cast, agenda=None)
    assert cast.notices("meeting_invitation")[0].payload["agenda"] is None
    assert meetings(cast)[0].late == []


def test_the_list_tells_what_is_to_come_held_and_cancelled(at: At) -> None:
    cast = at("met")
    first, second = convene(cast), convene(cast, title="Une autre")
    cancel(cast, second)
    assert {each.id: each.status for each in meetings(cast)} == {
        first.id: "to_come",
        second.id: "cancelled",
    }
    cast.set_clock(first.ends_at)
    assert meetings(cast)[0].status == "held"


def test_a_moved_meeting_keeps_the_hour_of_paris_through_the_change_of_time(at: At) -> None:
    cast = at("met")
    summer = datetime(2027, 3, 29, 14, 0, tzinfo=PARIS)
    meeting = convene(
        cast,
        starts_at=datetime(2027, 3, 26, 14, 0, tzinfo=PARIS),
        ends_at=datetime(2027, 3, 26, 16, 0, tzinfo=PARIS),
    )
    moved = move(cast, meeting, starts_at=summer)
    assert moved.starts_at == datetime(2027, 3, 29, 12, 0, tzinfo=UTC)
    assert len(cast.all(Notice, col(Notice.message) == "meeting_changed")) == len(
        cast.told("meeting_changed")
    )
