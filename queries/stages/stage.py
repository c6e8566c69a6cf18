"""The page of a stage: its deliverables with their versions, who has signed, its strands, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from models.agency_signature import charter_refusal
from models.consultation_strand import holding_refusal
from models.former_name import name_at
from models.gate import missing
from models.party import is_present
from models.project_shapes import DeliverableShown
from models.tables import AGENCY_SIGNATURE, PARTY, PARTY_DEADLINE, PERSON, STRAND
from queries.access.project_access import Header, NotVisible, ProjectAccess, access_to_project
from queries.access.standing import Standing
from queries.ledger.party_names import PartyName, parties_by_project, party_names
from queries.signing.matrix import matrix_of
from queries.stages.blockers import Blocker, blockers_of
from queries.stages.details import load_deliverables
from queries.stages.steps import StageStep, steps_of

CONSULTATION = "consultation"
_STAGE: sa.BindParameter[int] = sa.bindparam("stage")
_DEADLINES = (
    sa.select(PARTY.c.code, PARTY.c.name, PARTY_DEADLINE.c.due_on, PARTY_DEADLINE.c.reason)
    .join(PARTY, PARTY.c.id == PARTY_DEADLINE.c.party_id)
    .where(PARTY_DEADLINE.c.stage_id == _STAGE, is_present())
    .order_by(PARTY_DEADLINE.c.due_on, PARTY.c.id)
)
_STRANDS = (
    sa.select(STRAND.c.key, STRAND.c.title, PARTY.c.code, PARTY.c.name, STRAND.c.held_on,
              STRAND.c.participants, STRAND.c.summary)
    .join(PARTY, PARTY.c.id == STRAND.c.party_id)
    .where(STRAND.c.stage_id == _STAGE, is_present())
    .order_by(PARTY.c.id, STRAND.c.id)
)  # fmt: skip
_SIGNATURE = (
    sa.select(
        name_at(PERSON, AGENCY_SIGNATURE.c.signed_at), AGENCY_SIGNATURE.c.signed_at, AGENCY_SIGNATURE.c.sha256
    )
    .join(PERSON, PERSON.c.id == AGENCY_SIGNATURE.c.signed_by)
    .where(AGENCY_SIGNATURE.c.stage_id == _STAGE)
    .order_by(AGENCY_SIGNATURE.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class OwnDeadline:
    """A party has more time than the stage itself, and why."""

    party_code: str
    party_name: str
    due_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class StrandShown:
    """A strand of a city's consultation: held once ``held_on`` is set. ``participants`` counts people."""

    key: str
    title: str
    party_code: str
    party_name: str
    held_on: date | None
    participants: int | None
    summary: str | None


@dataclass(frozen=True, slots=True)
class AgencySigned:
    """The ANCT signed the charter, last."""

    by: str
    at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class StagePage:
    """Everything of it; ``previous`` and ``following`` lead to the stages beside, of ``count`` in all. Nothing in
    ``deliverables``, ``roster`` and ``strands`` before it is open; ``signatories`` are those that it asks, or will ask,
    something of. ``agency_signature`` is that of the charter, newest content first;
    ``charter_refusal`` is what ``sign_charter`` would answer."""

    header: Header
    standing: Standing
    stage: StageStep
    previous: StageStep | None
    following: StageStep | None
    count: int
    roster: tuple[PartyName, ...]
    signatories: tuple[PartyName, ...]
    deliverables: tuple[DeliverableShown, ...]
    missing: tuple[Blocker, ...]
    deadlines: tuple[OwnDeadline, ...]
    strands: tuple[StrandShown, ...]
    agency_signature: AgencySigned | None
    charter_refusal: str | None

    def may_record(self, strand: StrandShown) -> bool:
        """May the person record, or correct, this strand now?"""
        refusal = holding_refusal(self.header, self.stage.title, self.stage.status)
        return refusal is None and strand.party_code in self.standing.acts_for


@dataclass(frozen=True, slots=True)
class StrandPage:
    """The strand, where it is, and whether the person may record it now."""

    header: Header
    stage: StageStep
    strand: StrandShown
    may_record: bool


def read_stage(session: Session, slug: str, key: str, person_id: int, now: datetime) -> StagePage:
    """The page, as this person may see it; raises ``NotVisible``. Writes nothing."""
    access = access_to_project(session, slug, person_id, now)
    connection = session.connection()
    steps = steps_of(session, access)
    step = step_of(steps, key)
    details = load_deliverables(connection, slug, [step.id], now)[step.id]
    parties = parties_by_project(connection, [access.project_id])
    return StagePage(
        access.header,
        access.standing,
        step,
        steps[step.position - 1] if step.position else None,
        steps[step.position + 1] if step.position + 1 < len(steps) else None,
        len(steps),
        details.roster,
        details.roster or tuple(each for each in parties[access.project_id] if each.is_signatory),
        details.deliverables,
        tuple(blockers_of(connection, [step.id], access.now).get(step.id, ())),
        tuple(_deadlines(connection, step)),
        tuple(_strands(connection, step)),
        _agency_signature(connection, step),
        _charter_refusal(session, access, step) if step.key == "charter" else None,
    )


def read_strand(
    session: Session, slug: str, party_code: str, key: str, person_id: int, now: datetime
) -> StrandPage:
    """The strand of this key asked of this city; raises ``NotVisible`` when it is not. Writes nothing."""
    page = read_stage(session, slug, CONSULTATION, person_id, now)
    for strand in page.strands:
        if (strand.party_code, strand.key) == (party_code, key):
            return StrandPage(page.header, page.stage, strand, page.may_record(strand))
    raise NotVisible


def step_of(steps: Sequence[StageStep], key: str) -> StageStep:
    """The stage of this key; raises ``NotVisible``."""
    for step in steps:
        if step.key == key:
            return step
    raise NotVisible


def _deadlines(connection: Connection, step: StageStep) -> list[OwnDeadline]:
    """Those that are later than the stage's: only these count."""
    deadlines = [OwnDeadline(*row) for row in connection.execute(_DEADLINES, {"stage": step.id})]
    return [each for each in deadlines if step.due_on is None or each.due_on > step.due_on]


def _strands(connection: Connection, step: StageStep) -> list[StrandShown]:
    return [StrandShown(*row) for row in connection.execute(_STRANDS, {"stage": step.id})]


def _charter_refusal(session: Session, access: ProjectAccess, step: StageStep) -> str | None:
    matrix = matrix_of(session.connection(), step.id)
    waiting_for = party_names(session, [cell.party_id for cell in missing(matrix)])
    refusal = charter_refusal(access.project, step.title, step.status, matrix, waiting_for)
    return str(refusal) if refusal else None


def _agency_signature(connection: Connection, step: StageStep) -> AgencySigned | None:
    row = connection.execute(_SIGNATURE, {"stage": step.id}).first()
    return AgencySigned(*row) if row else None
