"""All that is awaited in some projects, from whom, and until when: what reminders, agendas and lists are made of."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import DAY, among
from models.awaited import Awaited
from models.commitment import AGENCY, STILL_OPEN
from models.meeting import meeting_path
from models.paris_time import PARIS, paris_day
from models.party import is_present
from models.reminder import ReminderKind
from models.shared_project import ONGOING
from models.stage import LAID_OUT
from models.subject import Subject
from models.tables import COMMITMENT, DELEGATION, MANUAL_REMINDER, MEETING, PARTY, PROJECT, STAGE
from queries.people.people_of_projects import PartyHead, People, ProjectHead
from queries.reminders.awaited_confirmations import awaited_confirmations, confirming_projects
from queries.reminders.awaited_in_stages import awaited_in_stages

_REMINDED_BY_HAND = (
    sa.select(
        MANUAL_REMINDER.c.subject,
        sa.func.max(MANUAL_REMINDER.c.asked_at, type_=MANUAL_REMINDER.c.asked_at.type),
    )
    .where(among(MANUAL_REMINDER.c.project_id, "projects"))
    .group_by(MANUAL_REMINDER.c.subject)
)
_COMMITMENTS = (
    sa.select(COMMITMENT.c.id, COMMITMENT.c.project_id, COMMITMENT.c.party_id, COMMITMENT.c.owner, COMMITMENT.c.text,
              COMMITMENT.c.due_on, COMMITMENT.c.created_at, COMMITMENT.c.due_set_at)
    .where(
        among(COMMITMENT.c.project_id, "projects"), COMMITMENT.c.status.in_(STILL_OPEN), COMMITMENT.c.due_on <= DAY
    )
    .order_by(COMMITMENT.c.project_id, COMMITMENT.c.id)
)  # fmt: skip
_MEETINGS = (
    sa.select(MEETING.c.id, MEETING.c.project_id, MEETING.c.title, MEETING.c.starts_at, MEETING.c.told_at)
    .where(
        among(MEETING.c.project_id, "projects"),
        MEETING.c.cancelled_at.is_(None),
        MEETING.c.starts_at >= sa.bindparam("since"),
    )
    .order_by(MEETING.c.id)
)


def concerned_projects(connection: Connection, day: date, horizon: date) -> list[int]:
    """The projects where something may be due by ``horizon``: the work follows what is due, not what exists.

    What cannot be late (a meeting, the end of a delegation) counts from ``day`` on.
    """
    is_ongoing = PROJECT.c.status.in_(ONGOING)
    due = sa.union(
        sa.select(COMMITMENT.c.project_id).where(
            COMMITMENT.c.status.in_(STILL_OPEN), COMMITMENT.c.due_on <= horizon
        ),
        sa.select(STAGE.c.project_id).where(STAGE.c.status.in_(LAID_OUT), STAGE.c.due_on <= horizon),
        sa.select(MEETING.c.project_id).where(
            MEETING.c.cancelled_at.is_(None), MEETING.c.starts_at >= _beginning_of(day)
        ),
        _delegating_projects(day, horizon),
        confirming_projects(day, horizon),
    ).subquery()
    query = sa.select(PROJECT.c.id).where(PROJECT.c.id.in_(sa.select(due.c[0])), is_ongoing)
    return list(connection.execute(query.order_by(PROJECT.c.id)).scalars())


def awaited_in(
    connection: Connection, project_ids: Sequence[int], now: datetime, horizon: date | None = None
) -> Iterator[Awaited]:
    """What is awaited in these projects now, and due by ``horizon`` (none: whenever)."""
    people = People.of(connection, project_ids, now)
    yield from awaited_of(connection, people, paris_day(now), horizon)


def awaited_of(
    connection: Connection,
    people: People,
    day: date,
    horizon: date | None,
    *,
    stages_to_the_end: bool = False,
    kinds: Collection[ReminderKind] = tuple(ReminderKind),
) -> Iterator[Awaited]:
    """As ``awaited_in``, when the people are already known; with ``stages_to_the_end``, what stages at work ask for
    now is there whatever its day. What is of none of the ``kinds`` is not read."""
    last = horizon or date.max
    again = _reminded_by_hand(connection, list(people.projects))
    things: list[Awaited] = []
    if ReminderKind.deliverable in kinds or ReminderKind.sign_off in kinds:
        things += awaited_in_stages(connection, people, date.max if stages_to_the_end else last)
    if ReminderKind.commitment in kinds:
        things += _commitments(connection, people, last)
    if ReminderKind.meeting in kinds:
        things += _meetings(connection, people, day, last)
    if ReminderKind.confirmation in kinds:
        things += awaited_confirmations(connection, people, last)
    for each in (*things, *_delegations(people, last)):
        resumed_at = people.projects[each.project_id].resumed_at
        told_at = max(each.told_at, resumed_at or each.told_at)
        reminded_at = again.get(each.subject)
        as_it_is = told_at == each.told_at and reminded_at is None
        yield each if as_it_is else replace(each, told_at=told_at, reminded_at=reminded_at)


def _reminded_by_hand(connection: Connection, project_ids: list[int]) -> dict[str, datetime]:
    rows = connection.execute(_REMINDED_BY_HAND, {"projects": project_ids})
    return {row[0]: row[1] for row in rows}


def _commitments(connection: Connection, people: People, last: date) -> Iterator[Awaited]:
    followed = [each.id for each in people.projects.values() if each.status.is_ongoing]
    rows = connection.execute(_COMMITMENTS, {"projects": followed, "day": last}).all()
    for number, project_id, party_id, owner, text, due_on, created_at, due_set_at in rows:
        party, project = people.parties.get(party_id), people.projects[project_id]
        if party_id is not None and party is None:
            continue  # the city has left
        agent = people.agent(project_id)
        firms = people.contractors(project_id) if party is None and owner != AGENCY else ()
        yield Awaited(
            ReminderKind.commitment,
            str(Subject.of("commitment", number)),
            project_id,
            party.code if party else None,
            party.name if party else None,
            text,
            due_on,
            max(created_at, due_set_at or created_at),
            f"/projets/{project.slug}/engagements#engagement-{number}",
            people.contacts(party) if party else firms or agent,
            (people.holder(party) if party else ()) + agent,
            is_contractors=bool(firms),
        )


def _meetings(connection: Connection, people: People, day: date, last: date) -> Iterator[Awaited]:
    followed = [each.id for each in people.projects.values() if each.status.is_ongoing]
    rows = connection.execute(_MEETINGS, {"projects": followed, "since": _beginning_of(day)})
    for number, project_id, title, starts_at, told_at in rows:
        if paris_day(starts_at) > last:
            continue
        at = starts_at.astimezone(PARIS)
        yield Awaited(
            ReminderKind.meeting,
            str(Subject.of("meeting", number)),
            project_id,
            None,
            None,
            f"{title}, à {at.hour} h {at.minute:02d}".removesuffix(" 00"),
            at.date(),
            told_at,
            meeting_path(people.projects[project_id].slug, number),
            people.everybody(project_id),
            overdue=False,
            starts_at=starts_at,
        )


def _delegations(people: People, last: date) -> Iterator[Awaited]:
    """A delegation is its authority's: it is reminded once, in the first of its living projects."""
    home: dict[str, tuple[PartyHead, ProjectHead]] = {}
    for party in people.parties.values():
        if party.is_signatory and people.projects[party.project_id].is_active:
            home.setdefault(party.code, (party, people.projects[party.project_id]))
    for each in people.delegations:
        if each.valid_until > last or each.code not in home:
            continue
        party, project = home[each.code]
        yield Awaited(
            ReminderKind.delegation,
            str(Subject.of("delegation", each.id)),
            project.id,
            party.code,
            party.name,
            f"Délégation de signature de {party.name} (arrêté {each.order_reference})",
            each.valid_until,
            max(each.recorded_at, _beginning_of(each.valid_from)),
            f"/projets/{project.slug}",
            tuple(dict.fromkeys((*people.contacts(party), each.delegator_id))),
            overdue=False,
        )


def _delegating_projects(day: date, horizon: date) -> sa.Select[int]:
    """The projects of the authorities that have an order ending between these days, whether it still runs or not."""
    ending = sa.select(DELEGATION.c.authority_code).where(
        DELEGATION.c.revoked_at.is_(None), DELEGATION.c.valid_until.between(day, horizon)
    )
    return sa.select(PARTY.c.project_id).where(PARTY.c.code.in_(ending), is_present())


def _beginning_of(day: date) -> datetime:
    return datetime.combine(day, time.min, PARIS)
