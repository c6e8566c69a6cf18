"""What a person's digest holds: the lines of the day, the news they waited for, the state of an agent's projects."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session, col, select

from database.bound import among
from models.commitment import STILL_OPEN
from models.notice import is_owed
from models.reminder import Reader, is_sending_day, opening_of
from models.shared_project import ONGOING, SharedProject, days_late
from models.stage import current_stage
from models.stored_row import identity
from models.tables import COMMITMENT, NOTICE, PERSON, PROJECT, REMINDER
from models.working_days import first_working_day_of_week
from queries.ledger.find import stage_title, stages_of
from queries.people.recipients import agent_of
from queries.reminders.plan import Line
from queries.stages.snapshot import still_missing

T = TypeVar("T")

NOBODY_IN_CHARGE = "L’équipe des projets partagés"
MOST_BLOCKING = 6
"""So many lines of what blocks a project are read; the page has the rest."""


@dataclass(slots=True)
class Digest:
    """One person's mail of a day, before it is written."""

    recipient_id: int
    day: date
    lines: list[Line] = field(default_factory=list)
    news: list[Any] = field(default_factory=list)
    states: list[SharedProject] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Nothing to say: it is not sent."""
        return not (self.lines or self.news or self.states)

    @property
    def projects(self) -> list[int]:
        """Those it speaks of, once each."""
        ids = [each.project_id for each in (*self.lines, *self.news)] + [each.id for each in self.states]
        return list(dict.fromkeys(each for each in ids if each is not None))

    @property
    def message(self) -> str:
        """The agent's mail of the first day of the week tells the state of each project too."""
        return "weekly_state" if self.states else "daily_digest"


def is_waiting_news(day: date) -> sa.ColumnElement[bool]:
    """News held for a digest, that none carries: none yet, or one that was given up and whose day is over."""
    digest = NOTICE.alias()
    over = sa.select(digest.c.id).where(
        digest.c.failed_at.is_not(None), digest.c.expires_at <= opening_of(day), digest.c.sent_at.is_(None)
    )
    return sa.and_(
        NOTICE.c.is_held,
        is_owed(),
        NOTICE.c.digest_id.is_(None) | NOTICE.c.digest_id.in_(over),
    )


def held_news(session: Session, person_ids: Sequence[int], day: date) -> dict[int, list[Any]]:
    """The news these people wait for on that day, oldest first, by person."""
    connection = session.connection()
    query = (
        sa.select(NOTICE.c.id, NOTICE.c.recipient_id, NOTICE.c.project_id, NOTICE.c.message, NOTICE.c.payload)
        .where(among(NOTICE.c.recipient_id, "people"), is_waiting_news(day))
        .order_by(NOTICE.c.id)
    )
    rows = connection.execute(query, {"people": [*person_ids]})
    return _grouped((row.recipient_id, row) for row in rows)


def states_due(session: Session, readers: dict[int, Reader], day: date) -> dict[int, list[SharedProject]]:
    """On the first working day of their week: the ongoing projects of each agent."""
    mondays = [
        person_id
        for person_id, reader in readers.items()
        if is_sending_day(reader, day) and day == first_working_day_of_week(day, reader.departement)
    ]
    query = (
        select(SharedProject)
        .where(
            col(SharedProject.agency_agent_id).in_(mondays),
            col(SharedProject.status).in_(ONGOING),
        )
        .order_by(col(SharedProject.id))
    )
    return _grouped((agent, each) for each in session.exec(query) for agent in agent_of(each))


def lines_written(session: Session, person_ids: Sequence[int], day: date) -> dict[int, list[Line]]:
    """The lines of that day as they were recorded, by person."""
    connection = session.connection()
    query = (
        sa.select(*(REMINDER.c[name] for name in Line.__slots__))
        .where(REMINDER.c.day == day, among(REMINDER.c.recipient_id, "people"))
        .order_by(REMINDER.c.due_on, REMINDER.c.id)
    )
    rows = connection.execute(query, {"people": [*person_ids]})
    return _grouped((row.recipient_id, Line(*row)) for row in rows)


def _grouped(pairs: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    groups: dict[int, list[T]] = {}
    for person_id, each in pairs:
        groups.setdefault(person_id, []).append(each)
    return groups


class Writer:
    """Makes the payloads of ``digests``, all of one day; what several of them say of a project is read once."""

    def __init__(self, session: Session, digests: Sequence[Digest], now: datetime) -> None:
        self._session, self._now = session, now
        self._heads = _heads(session, {one for digest in digests for one in digest.projects})
        self._states: dict[int, dict[str, Any]] = {}

    def payload(self, digest: Digest) -> dict[str, Any]:
        """The values of ``daily_digest`` or ``weekly_state``; the projects with the most urgent lines first."""
        lines: dict[int, list[Line]] = {}
        for line in sorted(digest.lines, key=lambda each: (each.is_copy, each.due_on, each.subject)):
            lines.setdefault(line.project_id, []).append(line)
        states = {each.id: each for each in digest.states}
        projects = [
            self._project(
                project_id,
                lines.get(project_id, []),
                [each for each in digest.news if each.project_id == project_id],
                states.get(project_id),
                digest.day,
            )
            for project_id in dict.fromkeys([*lines, *digest.projects])
        ]
        return {"day": digest.day.isoformat(), "projects": projects, "path": "/a-faire"}

    def _project(
        self, project_id: int, lines: list[Line], news: list[Any], state: SharedProject | None, day: date
    ) -> dict[str, Any]:
        slug, title, agent, email = self._heads[project_id]
        return {
            "title": title,
            "slug": slug,
            "agent_name": agent,
            "agent_email": email,
            "link_path": f"/projets/{slug}",
            "items": [
                {
                    "subject": line.subject,
                    "kind": line.kind.value,
                    "text": line.text,
                    "due_on": line.due_on.isoformat(),
                    "path": line.path,
                    "copied": line.is_copy,
                    "party": line.party,
                }
                for line in lines
            ],
            "news": [{"message": each.message, "values": each.payload} for each in news],
            "state": self._state(state, day) if state else None,
        }

    def _state(self, project: SharedProject, day: date) -> dict[str, Any]:
        number = identity(project)
        if number not in self._states:
            self._states[number] = state_of(self._session, project, day, self._now)
        return self._states[number]


def _heads(session: Session, project_ids: Collection[int]) -> dict[int, tuple[str, str, str, str]]:
    """Address, title, agent in charge and their mail, by project."""
    connection = session.connection()
    query = (
        sa.select(PROJECT.c.id, PROJECT.c.slug, PROJECT.c.title, PERSON.c.name, PERSON.c.email)
        .outerjoin(PERSON, PERSON.c.id == PROJECT.c.agency_agent_id)
        .where(among(PROJECT.c.id, "projects"))
    )
    return {
        number: (slug, title, agent or NOBODY_IN_CHARGE, email or "")
        for number, slug, title, agent, email in connection.execute(query, {"projects": [*project_ids]})
    }


def state_of(session: Session, project: SharedProject, day: date, now: datetime) -> dict[str, Any]:
    """Where a project stands, in the plain values of ``weekly_state``: what blocks it, how late, what is promised."""
    stage = current_stage(stages_of(session, project))
    blocking = [each.text for each in still_missing(session, stage, now)] if stage else []
    promised = session.connection().execute(
        sa.select(COMMITMENT.c.due_on).where(
            COMMITMENT.c.project_id == project.id, COMMITMENT.c.status.in_(STILL_OPEN)
        )
    )
    dues = list(promised.scalars())
    due_on = stage.due_on if stage else None
    return {
        "stage_title": stage_title(project, stage) if stage else None,
        "status_label": stage.status.label if stage else project.status.label,
        "due_on": due_on.isoformat() if due_on else None,
        "late_days": days_late(due_on, day, project.status),
        "blocking": blocking[:MOST_BLOCKING],
        "more_blocking": max(len(blocking) - MOST_BLOCKING, 0),
        "open_commitments": len(dues),
        "late_commitments": sum(days_late(each, day, project.status) > 0 for each in dues),
    }


PROJECTS_AT_A_TIME = 40


def waiting_people(connection: Connection, day: date) -> set[int]:
    """Those who wait for news, and the agents of projects that are ongoing."""
    held = sa.select(NOTICE.c.recipient_id).where(is_waiting_news(day))
    is_ongoing = PROJECT.c.status.in_(ONGOING)
    agents = sa.select(PROJECT.c.agency_agent_id).where(is_ongoing, PROJECT.c.agency_agent_id.is_not(None))
    return set(connection.execute(sa.union(held, agents)).scalars())


def digests_of(
    session: Session,
    people: Sequence[int],
    lines: dict[int, list[Line]],
    readers: dict[int, Reader],
    day: date,
) -> list[Digest]:
    """The digests of these people that have something to say."""
    news = held_news(session, people, day)
    states = states_due(session, readers, day)
    digests = [Digest(one, day, lines.get(one, []), news.get(one, []), states.get(one, [])) for one in people]
    return [digest for digest in digests if not digest.is_empty]
