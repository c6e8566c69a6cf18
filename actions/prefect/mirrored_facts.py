"""The journal's entries not mirrored in Prefect yet, without what people wrote in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from database.engine import Database
from models.audit_entry import AuditEntry, Journal
from models.shared_project import SharedProject
from models.stage import Stage
from models.tables import JOURNAL

WRITTEN_BY_PEOPLE = ("reason", "evidence", "summary", "order", "amount_eur", "title", "place")
MOST = 200


@dataclass(frozen=True, slots=True)
class MirroredFact:
    """One entry as an event: identifiers, states and hashes only."""

    journal_id: int
    seq: int
    at: datetime
    event: str
    party_code: str | None
    identifiers: dict[str, Any]
    hash: str


def facts_to_mirror(db: Database, stage_id: int) -> tuple[str, list[MirroredFact]]:
    """The slug of the stage's project, and its next entries to tell, oldest first. Writes nothing."""
    with db.read() as session:
        project = session.get_one(SharedProject, session.get_one(Stage, stage_id).project_id)
        query = (
            select(AuditEntry)
            .join(Journal)
            .where(Journal.project_id == project.id, AuditEntry.seq > Journal.mirrored_seq)
            .order_by(col(AuditEntry.seq))
            .limit(MOST)
        )
        return project.slug, [_fact(entry) for entry in session.exec(query)]


def _fact(entry: AuditEntry) -> MirroredFact:
    kept = {name: value for name, value in entry.payload.items() if name not in WRITTEN_BY_PEOPLE}
    return MirroredFact(
        entry.journal_id, entry.seq, entry.at, entry.event, entry.party_code, kept, entry.hash
    )


def mark_mirrored(db: Database, last: MirroredFact) -> None:
    """Note the last entry mirrored. Commits."""
    with db.write_statements() as connection:
        mirrored = sa.update(JOURNAL).where(
            JOURNAL.c.id == last.journal_id, JOURNAL.c.mirrored_seq < last.seq
        )
        connection.execute(mirrored.values(mirrored_seq=last.seq))
