"""Is what a digest asks still awaited at the moment it leaves? A thing done since is never reminded."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from models.commitment import STILL_OPEN
from models.paris_time import paris_day
from models.shared_project import ONGOING
from models.sign_off import Decision, is_live
from models.signature_delegation import is_valid
from models.stage import StageStatus
from models.tables import COMMITMENT, DELEGATION, DELIVERABLE, MEETING, PARTY, PROJECT, SEAT, SIGN_OFF, STAGE
from queries.reminders.awaited_in_stages import REVIEWED
from queries.signing.matrix import ASKED, GIVEN
from queries.stages.deadlines import deadlines_of

_SUBJECT = re.compile(r"([a-z]+)-(\d+)(?:/(?:(version|party)-(\d+)|[a-z]+)(?:/round-(\d+))?)?")


def refresh(session: Session, payload: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    """The digest without the lines that nobody awaits any more; None when nothing is left to say. Writes nothing."""
    slugs = [project["slug"] for project in payload["projects"]]
    alive = _living(session, slugs)
    items = [item for project in payload["projects"] for item in project["items"]]
    awaited = still_awaited(
        session, {item["subject"]: date.fromisoformat(item["due_on"]) for item in items}, now
    )
    projects = []
    for project in payload["projects"]:
        kept = [each for each in project["items"] if each["subject"] in awaited and project["slug"] in alive]
        state = project["state"] if project["slug"] in alive else None
        if kept or project["news"] or state:
            projects.append(project | {"items": kept, "state": state})
    return payload | {"projects": projects} if projects else None


def still_awaited(session: Session, subjects: dict[str, date], now: datetime) -> set[str]:
    """Those of these subjects (with the due date they were reminded for) that are still awaited."""
    found: dict[str, dict[str, tuple[Any, ...]]] = {}
    for subject, due_on in subjects.items():
        match = _SUBJECT.fullmatch(subject)
        if match:
            name = f"{match[1]}/{match[3]}" if match[3] else match[1]
            numbers = tuple(int(one) for one in match.groups()[1:] if one and one.isdigit())
            found.setdefault(name, {})[subject] = (*numbers, due_on)
    checks = {
        "commitment": _commitments,
        "deliverable/version": _versions,
        "deliverable/party": _sign_offs,
        "stage": _stages,
        "meeting": _meetings,
        "delegation": _delegations,
    }
    still: set[str] = set()
    for name, given in found.items():
        keys = checks[name](session, given.values(), now)
        still |= {subject for subject, values in given.items() if values in keys}
    return still


Given = Iterable[tuple[Any, ...]]
Kept = set[tuple[Any, ...]]


def _commitments(session: Session, given: Given, now: datetime) -> Kept:
    known = COMMITMENT.c
    query = sa.select(known.id, known.due_on).where(
        known.id.in_([one[0] for one in given]), known.status.in_(STILL_OPEN)
    )
    return {(row[0], row[1]) for row in session.connection().execute(query)}


def _versions(session: Session, given: Given, now: datetime) -> Kept:
    """Those whose number is the next, of what is not in yet or stands refused, by the day they are still due."""
    connection = session.connection()
    numbers = [one[0] for one in given]
    query = (
        sa.select(DELIVERABLE.c.id, DELIVERABLE.c.number, DELIVERABLE.c.stage_id, DELIVERABLE.c.party_id)
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .outerjoin(PARTY, PARTY.c.id == DELIVERABLE.c.party_id)
        .where(DELIVERABLE.c.id.in_(numbers), STAGE.c.status.in_(REVIEWED), PARTY.c.left_at.is_(None))
    )
    rows, refused = connection.execute(query).all(), _refused(connection, numbers)
    deadlines = deadlines_of(connection, {row.stage_id for row in rows})
    return {
        (row.id, row.number + 1, deadlines.of(row.stage_id, row.party_id).due_on)
        for row in rows
        if row.number == 0 or row.id in refused
    }


def _sign_offs(session: Session, given: Given, now: datetime) -> Kept:
    """Those of the present round that nobody has refused, of the cities that are still there and have not answered."""
    connection = session.connection()
    numbers = [one[0] for one in given]
    query = (
        sa.select(DELIVERABLE.c.id, SEAT.c.party_id, DELIVERABLE.c.round, DELIVERABLE.c.stage_id)
        .select_from(SEAT.join(DELIVERABLE, ASKED).join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id))
        .outerjoin(SIGN_OFF, GIVEN)
        .where(DELIVERABLE.c.id.in_(numbers), STAGE.c.status.in_(REVIEWED), SEAT.c.left_at.is_(None),
               SIGN_OFF.c.id.is_(None))
    )  # fmt: skip
    rows, refused = connection.execute(query).all(), _refused(connection, numbers)
    deadlines = deadlines_of(connection, {row.stage_id for row in rows})
    return {
        (row.id, row.party_id, row.round, deadlines.of(row.stage_id, row.party_id).due_on)
        for row in rows
        if row.id not in refused
    }


def _refused(connection: Connection, numbers: list[int]) -> set[int]:
    """The deliverables whose current version a city refuses."""
    query = sa.select(SIGN_OFF.c.deliverable_id).where(
        SIGN_OFF.c.deliverable_id.in_(numbers),
        SIGN_OFF.c.decision == Decision.refused,
        is_live(),
    )
    return set(connection.execute(query).scalars())


def _stages(session: Session, given: Given, now: datetime) -> Kept:
    query = sa.select(STAGE.c.id, STAGE.c.due_on).where(
        STAGE.c.id.in_([one[0] for one in given]), STAGE.c.status == StageStatus.signed_off
    )
    return {(row[0], row[1]) for row in session.connection().execute(query)}


def _meetings(session: Session, given: Given, now: datetime) -> Kept:
    query = sa.select(MEETING.c.id, MEETING.c.starts_at).where(
        MEETING.c.id.in_([one[0] for one in given]),
        MEETING.c.cancelled_at.is_(None),
        MEETING.c.starts_at > now,
    )
    return {(row[0], paris_day(row[1])) for row in session.connection().execute(query)}


def _delegations(session: Session, given: Given, now: datetime) -> Kept:
    query = sa.select(DELEGATION.c.id, DELEGATION.c.valid_until).where(
        DELEGATION.c.id.in_([one[0] for one in given]), is_valid(now)
    )
    return {(row[0], row[1]) for row in session.connection().execute(query)}


def _living(session: Session, slugs: list[str]) -> set[str]:
    query = sa.select(PROJECT.c.slug).where(PROJECT.c.slug.in_(slugs), PROJECT.c.status.in_(ONGOING))
    return set(session.connection().execute(query).scalars())
