"""The register as the agents of the ANCT read it: mandates, delegations, tokens, people added and erased."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from models.folded import folded
from models.journal_event import EVENT_LABELS
from models.lifecycle import lifecycle_or_none
from models.local_authority import UnknownAuthority, find_authority
from models.person import Actor
from models.tables import AUDIT_ENTRY, JOURNAL, PROJECT
from queries.access.rights import require_agency_agent
from queries.ledger.journal_lines import JournalLine, line_of, load_page, load_people
from queries.ledger.journal_words import Names
from queries.ledger.verify_journal import count_entries

_OF_REGISTER = (
    AUDIT_ENTRY.c.journal_id
    == sa.select(JOURNAL.c.id).where(JOURNAL.c.project_id.is_(None)).scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class RegisterFilters:
    """What the page is narrowed to: the facts about one authority, those of one event."""

    party_code: str | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """One page of it; ``count`` is the number of entries of all pages, ``length`` that of the whole register.

    ``parties`` (code, name) and ``events`` (event, label) are all that the register tells of, by their words.
    """

    lines: tuple[JournalLine, ...]
    page: int
    pages: int
    count: int
    length: int
    parties: tuple[tuple[str, str], ...]
    events: tuple[tuple[str, str], ...]


def require_register_reader(session: Session, actor: Actor, now: datetime) -> None:
    """Raises ``NotAllowed`` unless the actor is an agent of the ANCT for all projects: it concerns them all."""
    require_agency_agent(session, actor, now, "lire le registre")


def read_register(
    session: Session, actor: Actor, now: datetime, page: int = 1, filters: RegisterFilters | None = None
) -> RegisterPage:
    """The page, the newest facts first; past the end, the last one. Raises ``NotAllowed``."""
    require_register_reader(session, actor, now)
    connection, filters = session.connection(), filters or RegisterFilters()
    wanted = _OF_REGISTER
    if filters.party_code is not None:
        wanted &= AUDIT_ENTRY.c.party_code == filters.party_code
    if filters.event is not None:
        wanted &= AUDIT_ENTRY.c.event == filters.event
    found = load_page(connection, wanted, page)
    return RegisterPage(
        tuple(register_lines(session, found.rows)), found.page, found.pages, found.count,
        count_entries(session, None),
        _choices((code, _authority_name(code)) for code in _values(connection, AUDIT_ENTRY.c.party_code)),
        _choices((event, EVENT_LABELS.get(event, event)) for event in _values(connection, AUDIT_ENTRY.c.event)),
    )  # fmt: skip


def register_lines(session: Session, entries: Sequence[Any]) -> list[JournalLine]:
    """These entries of the register as people read them, in the same order. Two queries."""
    connection = session.connection()
    projects = {one.payload["project"] for one in entries if "project" in one.payload}
    titles = sa.select(PROJECT.c.id, PROJECT.c.title).where(PROJECT.c.id.in_(projects))
    names = Names(
        load_people(connection, entries),
        {code: _authority_name(code) for code in {one.party_code for one in entries} if code},
        lifecycle_or_none(),
        {row[0]: row[1] for row in connection.execute(titles)},
    )
    return [line_of(one, names) for one in entries]


def _authority_name(code: str) -> str:
    """Its name in the COG; its code when the COG no longer has it."""
    try:
        return find_authority(code).name
    except UnknownAuthority:
        return code


def _values(connection: Connection, column: sa.Column[str]) -> Sequence[str]:
    query = sa.select(column).where(_OF_REGISTER, column.is_not(None)).distinct()
    return connection.execute(query).scalars().all()


def _choices(named: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(named, key=lambda each: (folded(each[1]), each[0])))
