"""Entries of a journal as people read them: the sentence of each, and who did it; the newest first, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import among
from models.paging import page_shown
from models.refusal import typeset
from models.tables import AUDIT_ENTRY, PERSON
from queries.ledger.journal_words import Names, reason, sentence

ENTRIES_A_PAGE = 50
THE_SYSTEM = "Le système"
_PERSON_IN = ("person", "delegator", "delegate")
"""Where a payload holds the number of one person."""


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
class EntriesOfPage:
    """The rows of one page, its number, how many pages there are, and how many entries on all of them."""

    rows: Sequence[Any]
    page: int
    pages: int
    count: int


def load_page(connection: Connection, wanted: sa.ColumnElement[bool], page: int) -> EntriesOfPage:
    """Page ``page`` of the entries that meet ``wanted``; past the end, the last one. Two queries."""
    count = connection.execute(sa.select(sa.func.count()).select_from(AUDIT_ENTRY).where(wanted)).scalar_one()
    shown, pages = page_shown(count, page, ENTRIES_A_PAGE)
    query = sa.select(AUDIT_ENTRY).where(wanted).order_by(AUDIT_ENTRY.c.seq.desc())
    rows = connection.execute(query.offset((shown - 1) * ENTRIES_A_PAGE).limit(ENTRIES_A_PAGE)).all()
    return EntriesOfPage(rows, shown, pages, count)


def load_people(connection: Connection, rows: Sequence[Any]) -> dict[int, str]:
    """The present names of the people of these entries, by number: an erased person's says that it was erased."""
    numbers = {number for row in rows for number in _people(row)}
    people = sa.select(PERSON.c.id, PERSON.c.name).where(among(PERSON.c.id, "people"))
    return {row[0]: row[1] for row in connection.execute(people, {"people": [*numbers]})}


def _people(row: Any) -> Iterator[int]:
    """The numbers of the people that an entry names."""
    payload = row.payload
    people = (row.actor_id, *(payload.get(name) for name in _PERSON_IN), *payload.get("recipients", ()))
    yield from (one for one in people if one is not None)
    yield from (one for _, _, one in payload.get("reminders", ()))


def line_of(row: Any, names: Names) -> JournalLine:
    """The line of an entry, once ``names`` are those of its people."""
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
