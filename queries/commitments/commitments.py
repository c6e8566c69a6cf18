"""The page of the commitments of a project: who promised what, until when, and how it was kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from models.commitment import (
    AGENCY,
    CONTRACTOR,
    STILL_OPEN,
    CommitmentStatus,
    is_owner,
    settled_refusal,
)
from models.paging import page_shown
from models.project_shapes import CommitmentShown
from models.shared_project import SharedProject, days_late
from models.tables import COMMITMENT, PARTY
from queries.access.project_access import Header, NotVisible, ProjectAccess, access_to_project
from queries.access.standing import Standing
from queries.commitments.counts import is_late, promised_by_project

COMMITMENTS_A_PAGE = 50
OWNERS_WITHOUT_CODE = {AGENCY: "ANCT", CONTRACTOR: "Prestataire"}


@dataclass(frozen=True, slots=True)
class CommitmentFilters:
    """What the page is narrowed to: an owner (the code of a party, « ANCT », « prestataire »), a state, what is
    late, or one commitment by its number."""

    owner: str = ""
    status: CommitmentStatus | None = None
    late: bool = False
    number: int | None = None


@dataclass(frozen=True, slots=True)
class OwnerName:
    """An owner to choose in the filters."""

    code: str
    name: str


class CommitmentLine(CommitmentShown):
    """One promise as one person sees it; ``has_file`` tells a document with its evidence.

    ``days_late`` is 0 unless it is open, its day has passed, and the project is ongoing. ``may_keep`` and
    ``may_waive`` tell what the person may do with it now.
    """

    owner_name: str
    days_late: int
    has_file: bool
    may_keep: bool
    may_waive: bool

    @property
    def is_open(self) -> bool:
        """Whether it is still to be kept."""
        return self.status in STILL_OPEN


@dataclass(frozen=True, slots=True)
class CommitmentsPage:
    """One page of them. ``count`` is that of all pages; ``open`` and ``late``, those of the project."""

    header: Header
    standing: Standing
    lines: tuple[CommitmentLine, ...]
    page: int
    pages: int
    count: int
    open: int
    late: int
    owners: tuple[OwnerName, ...]


def read_commitments(
    session: Session,
    slug: str,
    person_id: int,
    now: datetime,
    page: int = 1,
    filters: CommitmentFilters | None = None,
) -> CommitmentsPage:
    """The open ones first, the most urgent before; raises ``NotVisible``. A page past the end is the last one."""
    access = access_to_project(session, slug, person_id, now)
    connection, condition = session.connection(), _condition(access, filters or CommitmentFilters())
    count = sa.select(sa.func.count()).select_from(COMMITMENT).where(condition)
    total = connection.execute(count).scalar_one()
    page, pages = page_shown(total, page, COMMITMENTS_A_PAGE)
    is_open = sa.case((COMMITMENT.c.status.in_(STILL_OPEN), 0), else_=1)
    query = (
        sa.select(COMMITMENT)
        .where(condition)
        .order_by(is_open, COMMITMENT.c.due_on.is_(None), COMMITMENT.c.due_on, COMMITMENT.c.id)
        .limit(COMMITMENTS_A_PAGE)
        .offset((page - 1) * COMMITMENTS_A_PAGE)
    )
    owners = owners_of(connection, access)
    lines = tuple(commitment_line(row, owners, access) for row in connection.execute(query))
    promised = promised_by_project(connection, [access.project_id], access.today)
    open_count, late_count = promised.get(access.project_id, (0, 0))
    named = tuple(OwnerName(code, name) for code, name in owners.items())
    return CommitmentsPage(
        access.header, access.standing, lines, page, pages, total, open_count, late_count, named
    )


def read_commitment(
    session: Session, slug: str, person_id: int, now: datetime, number: int
) -> tuple[CommitmentsPage, CommitmentLine]:
    """The page narrowed to one commitment, and that one; raises ``NotVisible`` when the project has no such one."""
    shown = read_commitments(session, slug, person_id, now, filters=CommitmentFilters(number=number))
    if not shown.lines:
        raise NotVisible
    return shown, shown.lines[0]


def evidence_sha256(session: Session, slug: str, person_id: int, now: datetime, number: int) -> str:
    """The hash of the document that shows how a commitment was kept; raises ``NotVisible``, also without one."""
    access = access_to_project(session, slug, person_id, now)
    query = sa.select(COMMITMENT.c.evidence_sha256).where(
        _condition(access, CommitmentFilters(number=number))
    )
    sha256: str | None = session.connection().execute(query).scalar()
    if sha256 is None:
        raise NotVisible
    return sha256


def _condition(access: ProjectAccess, filters: CommitmentFilters) -> sa.ColumnElement[bool]:
    conditions = [COMMITMENT.c.project_id == access.project_id]
    if filters.owner:
        conditions.append(COMMITMENT.c.owner == filters.owner)
    if filters.status:
        conditions.append(COMMITMENT.c.status == filters.status)
    if filters.late:
        conditions.append(is_late(access.today))
    if filters.number is not None:
        conditions.append(COMMITMENT.c.id == filters.number)
    return sa.and_(*conditions)


def owners_of(connection: Connection, access: ProjectAccess) -> dict[str, str]:
    """The names of those who may have promised: the ANCT, every party that ever joined, the contractor."""
    query = sa.select(PARTY.c.code, PARTY.c.name).where(PARTY.c.project_id == access.project_id)
    cities = {row[0]: row[1] for row in connection.execute(query.order_by(PARTY.c.id))}
    return {AGENCY: OWNERS_WITHOUT_CODE[AGENCY], **cities, CONTRACTOR: OWNERS_WITHOUT_CODE[CONTRACTOR]}


def commitment_line(row: Any, owners: Mapping[str, str], access: ProjectAccess) -> CommitmentLine:
    """A row of the commitments as this person may see it; ``owners`` are those of ``owners_of``."""
    is_open, standing = not settled_refusal(row), access.standing
    return CommitmentLine(
        **row._mapping,
        owner_name=owners.get(row.owner, row.owner),
        days_late=days_late(row.due_on if is_open else None, access.today, access.project.status),
        has_file=row.evidence_sha256 is not None,
        may_keep=is_open and is_owner(row.owner, standing.roles, standing.acts_for),
        may_waive=is_open and standing.is_agent,
    )


def list_commitments(
    session: Session, project: SharedProject, *, start: int = 0, most: int | None = None
) -> list[CommitmentShown]:
    """The commitments of a project, in the order they were made: ``most`` of them, after the ``start`` first."""
    query = sa.select(COMMITMENT).where(COMMITMENT.c.project_id == project.id).order_by(COMMITMENT.c.id)
    query = query.offset(start).limit(most) if most is not None else query
    return [CommitmentShown.model_validate(row) for row in session.connection().execute(query)]


def count_commitments(session: Session, project: SharedProject) -> int:
    """How many there are."""
    query = sa.select(sa.func.count()).where(COMMITMENT.c.project_id == project.id)
    return session.connection().execute(query).scalar_one()
