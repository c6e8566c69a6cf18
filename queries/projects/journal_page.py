"""The journal of a project as its members read it, the newest facts first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from database.among import among
from models.paging import page_shown
from models.refusal import typeset
from models.tables import AUDIT_ENTRY, JOURNAL, PARTY, PERSON
from queries.access.project_access import Header, ProjectAccess, access_to_project
from queries.access.standing import Standing
from queries.ledger.journal_words import Names, reason, sentence

ENTRIES_A_PAGE = 50
THE_SYSTEM = "Le système"


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One fact: its sentence, what was written with it, who did it (« Le système » for the engine), on behalf of
    which party, and how they were recognised. ``hash`` is the entry's own in the chain."""

    seq: int
    at: datetime
    event: str
    sentence: str
    reason: str | None
    who: str
    party: str | None
    authenticated: str
    hash: str

    @property
    def is_by_somebody(self) -> bool:
        """A person did it, and not the engine."""
        return self.who != THE_SYSTEM


@dataclass(frozen=True, slots=True)
class JournalPage:
    """One page of it; ``count`` is the number of entries of all pages, ``parties`` the codes and names of all who ever
    joined."""

    header: Header
    standing: Standing
    lines: tuple[JournalLine, ...]
    page: int
    pages: int
    count: int
    parties: tuple[tuple[str, str], ...]


def read_journal(
    session: Session, slug: str, person_id: int, now: datetime, page: int = 1, party_code: str | None = None
) -> JournalPage:
    """The page, as this person may see it, of all facts or of those of one party; raises ``NotVisible``.

    A page past the end is the last one.
    """
    access = access_to_project(session, slug, person_id, now)
    connection = session.connection()
    journal = sa.select(JOURNAL.c.id).where(JOURNAL.c.project_id == access.project_id).scalar_subquery()
    wanted = AUDIT_ENTRY.c.journal_id == journal
    if party_code is not None:
        wanted &= AUDIT_ENTRY.c.party_code == party_code
    count = connection.execute(sa.select(sa.func.count()).select_from(AUDIT_ENTRY).where(wanted)).scalar_one()
    shown, pages = page_shown(count, page, ENTRIES_A_PAGE)
    query = sa.select(AUDIT_ENTRY).where(wanted).order_by(AUDIT_ENTRY.c.seq.desc())
    rows = connection.execute(query.offset((shown - 1) * ENTRIES_A_PAGE).limit(ENTRIES_A_PAGE)).all()
    names = _names(connection, access, rows)
    lines = tuple(_line(row, names) for row in rows)
    return JournalPage(
        access.header, access.standing, lines, shown, pages, count, tuple(names.parties.items())
    )


def _names(connection: Connection, access: ProjectAccess, rows: Sequence[Any]) -> Names:
    """Those of the people and parties that these entries tell of: two queries."""
    numbers = {number for row in rows for number in _people(row)}
    people = sa.select(PERSON.c.id, PERSON.c.name).where(among(connection, PERSON.c.id, numbers))
    parties = sa.select(PARTY.c.code, PARTY.c.name).where(PARTY.c.project_id == access.project_id)
    return Names(
        {row[0]: row[1] for row in connection.execute(people)},
        {row[0]: row[1] for row in connection.execute(parties)},
        access.lifecycle,
    )


def _people(row: Any) -> Iterator[int]:
    """The numbers of the people that an entry names."""
    payload = row.payload
    people = (row.actor_id, payload.get("person"), *payload.get("recipients", ()))
    yield from (one for one in people if one is not None)
    yield from (one for _, _, one in payload.get("reminders", ()))


def _line(row: Any, names: Names) -> JournalLine:
    return JournalLine(
        row.seq,
        row.at,
        row.event,
        typeset(sentence(row.event, row.payload, row.party_code, names)),
        reason(row.payload),
        names.person(row.actor_id) if row.actor_id is not None else THE_SYSTEM,
        names.party(row.party_code) if row.party_code else None,
        row.auth_method.as_adverb,
        row.hash,
    )
