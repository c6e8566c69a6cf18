"""The journal of a project as its members read it, the newest facts first."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from models.tables import AUDIT_ENTRY, JOURNAL, PARTY
from queries.access.project_access import Header, access_to_project
from queries.access.standing import Standing
from queries.ledger.journal_lines import JournalLine, line_of, load_page, load_people
from queries.ledger.journal_words import Names


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
    found = load_page(connection, wanted, page)
    query = sa.select(PARTY.c.code, PARTY.c.name).where(PARTY.c.project_id == access.project_id)
    parties = {row[0]: row[1] for row in connection.execute(query)}
    names = Names(load_people(connection, found.rows), parties, access.lifecycle)
    return JournalPage(
        access.header,
        access.standing,
        tuple(line_of(row, names) for row in found.rows),
        found.page,
        found.pages,
        found.count,
        tuple(parties.items()),
    )
