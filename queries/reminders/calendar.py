"""What stands in a person's calendar: the meetings of their projects, and the days by which they owe something.

The deadlines are those of the reminders (``queries.reminders.awaited``): what is done, or sleeps, is not there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.awaited import Awaited
from models.meeting import meeting_event, meeting_path
from models.paris_time import paris_day
from models.reminder import ReminderKind
from models.shared_project import ProjectStatus
from models.stage import deadline_event
from models.subject import Subject
from models.tables import COMMITMENT, DELIVERABLE, MEETING, STAGE
from queries.access.standing import standings_of_concern
from queries.people.people_of_projects import People
from queries.reminders.awaited import awaited_of
from queries.stages.deadlines import deadlines_of

MEETINGS_KEPT = timedelta(days=365)
CANCELLED_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class MeetingEntry:
    """A meeting. ``name`` is that of ``meeting_event``; it stays for a month once cancelled, for a year once over."""

    name: str
    sequence: int
    project_title: str
    path: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str | None
    agenda: str | None
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class StageEntry:
    """The last day of a stage for a person. ``name`` is that of ``deadline_event``."""

    name: str
    sequence: int
    project_title: str
    path: str
    stage_title: str
    due_on: date


@dataclass(frozen=True, slots=True)
class CommitmentEntry:
    """The last day of something promised. ``name`` is « engagement-{id} »."""

    name: str
    sequence: int
    project_title: str
    path: str
    text: str
    due_on: date


Entry = MeetingEntry | StageEntry | CommitmentEntry


def calendar_of(connection: Connection, person_id: int, *, now: datetime) -> list[Entry]:
    """All that stands in the person's feed at ``now``, for all their projects; reads only."""
    day = paris_day(now)
    people = People.of(connection, list(standings_of_concern(connection, person_id, now)), now)
    awaited = [
        each
        for each in awaited_of(connection, people, day, None)
        if person_id in each.readers or person_id in people.agent(each.project_id)
    ]
    return [
        *_meetings(connection, people, person_id, now),
        *_stages(connection, people, person_id, awaited),
        *_commitments(connection, people, [each for each in awaited if person_id in each.readers]),
    ]


def _meetings(
    connection: Connection, people: People, person_id: int, now: datetime
) -> Iterable[MeetingEntry]:
    invited = [
        each.id
        for each in people.projects.values()
        if each.status is not ProjectStatus.cancelled and person_id in people.everybody(each.id)
    ]
    columns = MEETING.c
    is_there = sa.case(
        (columns.cancelled_at.is_(None), columns.ends_at >= now - MEETINGS_KEPT),
        else_=columns.cancelled_at >= now - CANCELLED_KEPT,
    )
    query = sa.select(MEETING).where(columns.project_id.in_(invited), is_there)
    for row in connection.execute(query.order_by(columns.id)):
        project = people.projects[row.project_id]
        yield MeetingEntry(
            meeting_event(row.id),
            row.sequence,
            project.title,
            meeting_path(project.slug, row.id),
            row.title,
            row.starts_at,
            row.ends_at,
            row.place,
            row.agenda,
            row.cancelled_at is not None,
        )


def _stages(
    connection: Connection, people: People, person_id: int, awaited: Sequence[Awaited]
) -> Iterable[StageEntry]:
    """One entry per stage and party; the agent in charge and the contractor have the stage's own."""
    of_stages = (ReminderKind.deliverable, ReminderKind.sign_off)
    asked = [each for each in awaited if each.kind in of_stages]
    stage_of = _stage_numbers(connection, asked)
    seats = {(stage_of[each.subject], _party_of(people, person_id, each)) for each in asked}
    numbers = sorted({stage_id for stage_id, _ in seats})
    stages = {row.id: row for row in connection.execute(sa.select(STAGE).where(STAGE.c.id.in_(numbers)))}
    deadlines = deadlines_of(connection, numbers)
    for stage_id, party_id in sorted(seats):
        stage, deadline = stages[stage_id], deadlines.of(stage_id, party_id)
        project = people.projects[stage.project_id]
        yield StageEntry(
            deadline_event(stage_id, party_id),
            deadline.sequence,
            project.title,
            f"/projets/{project.slug}/etapes/{stage.key}",
            project.lifecycle.stage(stage.key).title,
            deadline.due_on or stage.due_on,
        )


def _stage_numbers(connection: Connection, asked: Sequence[Awaited]) -> dict[str, int]:
    """The stage of each thing, by its subject."""
    subjects = {each.subject: Subject.parse(each.subject) for each in asked}
    deliverables = {each.id for each in subjects.values() if each.kind == "deliverable"}
    query = sa.select(DELIVERABLE.c.id, DELIVERABLE.c.stage_id)
    rows = connection.execute(query.where(DELIVERABLE.c.id.in_(sorted(deliverables))))
    stage_ids: dict[int, int] = {row.id: row.stage_id for row in rows}
    return {
        text: stage_ids[subject.id] if subject.kind == "deliverable" else subject.id
        for text, subject in subjects.items()
    }


def _party_of(people: People, person_id: int, thing: Awaited) -> int:
    """For which party the person has the thing to do; 0 for one who acts for none."""
    if person_id in people.agent(thing.project_id) + people.contractors(thing.project_id):
        return 0
    parties = people.parties_of(thing.project_id)
    return next((party.id for party in parties if party.code == thing.party_code), 0)


def _commitments(
    connection: Connection, people: People, awaited: Sequence[Awaited]
) -> Iterable[CommitmentEntry]:
    asked = {Subject.parse(each.subject).id: each for each in awaited if each.kind is ReminderKind.commitment}
    columns = COMMITMENT.c
    query = sa.select(columns.id, columns.created_at, columns.due_set_at).where(columns.id.in_(list(asked)))
    for number, created_at, due_set_at in connection.execute(query.order_by(columns.id)):
        thing = asked[number]
        yield CommitmentEntry(
            f"engagement-{number}",
            _changes(created_at, due_set_at),
            people.projects[thing.project_id].title,
            thing.path,
            thing.text,
            thing.due_on,
        )


def _changes(created_at: datetime, due_set_at: datetime | None) -> int:
    """A number that grows each time the day is moved, as calendars want it: minutes since it was promised."""
    return max(0, int((due_set_at - created_at).total_seconds() // 60)) if due_set_at else 0
