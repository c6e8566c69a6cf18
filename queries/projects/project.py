"""The page of a project: who takes part, where each stage stands, what is missing, and what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Session

from database.bound import NOW
from models.contractor import is_contact, is_of_contract
from models.project_shapes import DeliverableShown, PartyShown, PersonName
from models.stage import AT_WORK
from models.tables import AWARD, CONTRACTOR, PERSON
from queries.access.project_access import Header, ProjectAccess, access_to_project
from queries.access.standing import Standing
from queries.commitments.counts import promised_by_project
from queries.ledger.party_names import PartyName
from queries.meetings.meetings import MeetingShown, list_meetings
from queries.projects.parties import load_agent, load_parties_with_people
from queries.stages.blockers import Blocker, blockers_of
from queries.stages.details import StageDetails, load_deliverables
from queries.stages.next_transition import NextStep, next_step
from queries.stages.steps import StageStep, steps_of

_FIRMS = (
    sa.select(AWARD.c.amount_eur, AWARD.c.awarded_on, CONTRACTOR.c.name, CONTRACTOR.c.siret,
              CONTRACTOR.c.is_lead, PERSON.c.name.label("contact"))
    .join(CONTRACTOR, CONTRACTOR.c.award_id == AWARD.c.id)
    .outerjoin(PERSON, (PERSON.c.id == CONTRACTOR.c.contact_id) & is_contact(NOW))
    .where(AWARD.c.project_id == sa.bindparam("project"), is_of_contract())
    .order_by(CONTRACTOR.c.is_lead.desc(), CONTRACTOR.c.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WorkShown:
    """A stage at work: its matrix (each deliverable has its ``seats``), and what is still missing."""

    stage: StageStep
    roster: tuple[PartyName, ...]
    deliverables: tuple[DeliverableShown, ...]
    missing: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True)
class FirmShown:
    """A firm of the contract; ``contact`` is the person written to."""

    name: str
    siret: str
    is_lead: bool
    contact: str | None


@dataclass(frozen=True, slots=True)
class ContractShown:
    """The contract: the amount is before tax; it may be unknown, as the day may. The lead firm comes first."""

    amount_eur: Decimal | None
    awarded_on: date | None
    firms: tuple[FirmShown, ...]


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """Everything of it. ``departed`` are the parties that left; ``next_step`` is None when no stage is to be opened;
    ``is_in_charge`` tells the agent in charge."""

    header: Header
    standing: Standing
    agent: PersonName | None
    is_in_charge: bool
    parties: tuple[PartyShown, ...]
    departed: tuple[PartyShown, ...]
    stages: tuple[StageStep, ...]
    at_work: tuple[WorkShown, ...]
    next_step: NextStep | None
    contractor: ContractShown | None
    meetings: tuple[MeetingShown, ...]
    open_commitments: int
    late_commitments: int


def read_project(session: Session, slug: str, person_id: int, now: datetime) -> ProjectPage:
    """The page, as this person may see it; raises ``NotVisible``. Writes nothing."""
    access = access_to_project(session, slug, person_id, now)
    connection = session.connection()
    steps = steps_of(session, access)
    working = [each.id for each in steps if each.status in AT_WORK]
    blocking = blockers_of(connection, working, access.now)
    details = load_deliverables(connection, slug, working, now)
    parties = load_parties_with_people(connection, access)
    promised = promised_by_project(connection, [access.project_id], access.today)
    open_count, late_count = promised.get(access.project_id, (0, 0))
    return ProjectPage(
        access.header,
        access.standing,
        load_agent(connection, access),
        access.project.agency_agent_id == person_id,
        tuple(each for each in parties if each.left_at is None),
        tuple(each for each in parties if each.left_at is not None),
        tuple(steps),
        tuple(_work(step, details, blocking) for step in steps if step.id in details),
        next_step(access, steps, blocking),
        contract_shown(session, access),
        tuple(list_meetings(session, access.project, now)),
        open_count,
        late_count,
    )


def _work(
    step: StageStep, details: Mapping[int, StageDetails], blocking: Mapping[int, Sequence[Blocker]]
) -> WorkShown:
    loaded = details[step.id]
    return WorkShown(step, loaded.roster, loaded.deliverables, tuple(blocking.get(step.id, ())))


def contract_shown(session: Session, access: ProjectAccess) -> ContractShown | None:
    """The contract of the project, if it was awarded. One query."""
    values = {"project": access.project_id, "now": access.now}
    rows = session.connection().execute(_FIRMS, values).all()
    if not rows:
        return None
    firms = tuple(FirmShown(row.name, row.siret, row.is_lead, row.contact) for row in rows)
    return ContractShown(rows[0].amount_eur, rows[0].awarded_on, firms)
