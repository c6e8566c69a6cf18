"""Whoever comes to be in charge of something is told at once what is pending and until when, whatever changed it.

One mail per person and change, however many things and projects it lists; reminders go to them from then on.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from actions.mail.notify import tell
from models.awaited import Awaited
from models.notice import DUTIES
from models.paris_time import paris_day
from queries.reminders.digests import Digest, Writer
from queries.reminders.duties import JUST_BEFORE, Duties, NewestRows, duties_of, taken_on
from queries.reminders.plan import Line


@contextmanager
def passing_duties(session: Session, project_ids: Collection[int], now: datetime) -> Iterator[None]:
    """What is done inside changes who is in charge in these projects: those whom something passes to are told.

    What is written inside (a commitment, a proposal) has a mail of its own. Does not commit.
    """
    if not project_ids:
        yield
        return
    session.flush()
    connection = session.connection()
    before, newest = duties_of(connection, project_ids, now), NewestRows(connection)
    yield
    session.flush()
    taken = taken_on(before, duties_of(connection, project_ids, now))
    tell_duties(
        session,
        {one: [each for each in them if newest.were_before(each)] for one, them in taken.items()},
        now,
    )


def pass_duties_of(session: Session, project_ids: Collection[int], instant: datetime, now: datetime) -> None:
    """As ``passing_duties``, for roles that were to change at an ``instant`` that has come. Does not commit.

    Called again, it tells nobody twice.
    """
    tell_duties(session, passed_at(session, project_ids, instant, now), now, instant)


def passed_at(
    session: Session, project_ids: Collection[int], instant: datetime, now: datetime
) -> dict[int, list[Awaited]]:
    """What passed to whom at this instant, and is theirs still; what was asked from then on was asked of the people of
    then. Writes nothing."""
    session.flush()
    connection = session.connection()
    before = duties_of(connection, project_ids, now, roles_at=instant - JUST_BEFORE)
    taken = taken_on(before, duties_of(connection, project_ids, now, roles_at=instant))
    if not taken:
        return {}
    still = duties_of(connection, project_ids, now)
    theirs = {
        one: [each for each in them if each.told_at < instant and each.subject in still.get(one, {})]
        for one, them in taken.items()
    }
    return {one: them for one, them in theirs.items() if them}


def pass_duties_since(
    session: Session, project_ids: Collection[int], paused_at: datetime, now: datetime
) -> None:
    """As ``passing_duties``, for the roles that changed while a project was paused, and nothing was asked. Does not
    commit."""
    session.flush()
    connection = session.connection()
    before = duties_of(connection, project_ids, now, roles_at=paused_at)
    tell_duties(session, taken_on(before, duties_of(connection, project_ids, now)), now)


def tell_all_duties(session: Session, person_id: int, project_ids: Collection[int], now: datetime) -> None:
    """Tell somebody, whose earlier mails nobody may have read, all that is awaited of them. Does not commit."""
    session.flush()
    theirs: Duties = duties_of(session.connection(), project_ids, now)
    tell_duties(session, {person_id: list(theirs.get(person_id, {}).values())}, now)


def tell_duties(
    session: Session,
    duties: Mapping[int, Sequence[Awaited]],
    now: datetime,
    since: datetime | None = None,
) -> None:
    """Owe each person the one mail that lists these things, theirs ``since`` an instant (now). Does not commit."""
    digests = [_digest(person_id, things, now) for person_id, things in sorted(duties.items()) if things]
    if not digests:
        return
    writer = Writer(session, digests, now)
    about = (since or now).astimezone(UTC).isoformat()
    for digest in digests:
        payload: dict[str, Any] = writer.payload(digest)
        tell(session, [digest.recipient_id], DUTIES, about, now, project=None, **payload)


def _digest(person_id: int, things: Sequence[Awaited], now: datetime) -> Digest:
    day = paris_day(now)
    lines = [
        Line(each.kind, each.subject, each.project_id, person_id, each.due_on, "", day, each.text, each.path,
             is_copy=False, party=each.party)
        for each in things
    ]  # fmt: skip
    return Digest(person_id, day, lines)
