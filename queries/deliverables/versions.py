"""The versions of a deliverable, as who is about to sign one has to see them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from models.tables import PERSON, VERSION


@dataclass(frozen=True, slots=True)
class VersionToRead:
    """One submitted content: its file, its ``size`` in bytes, when it was submitted and by whom (a name)."""

    number: int
    sha256: str
    size: int
    file_name: str
    submitted_at: datetime
    submitted_by: str


def versions_to_read(session: Session, deliverable_id: int) -> list[VersionToRead]:
    """All of them, the current one first; none before the first submission."""
    query = (
        sa.select(
            VERSION.c.number, VERSION.c.sha256, VERSION.c.size, VERSION.c.file_name, VERSION.c.submitted_at,
            PERSON.c.name,
        )
        .join(PERSON, PERSON.c.id == VERSION.c.submitted_by)
        .where(VERSION.c.deliverable_id == deliverable_id)
        .order_by(VERSION.c.number.desc())
    )  # fmt: skip
    return [VersionToRead(*row) for row in session.connection().execute(query)]
