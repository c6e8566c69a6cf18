"""Open a stage that the ANCT has asked for: freeze its roster, lay out what it must produce."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from actions.commitments.schedule_commitments import promise_for_stage
from actions.ledger.journal import record
from actions.ledger.locks import lock_stage
from actions.mail.message_values import iso
from actions.stages.opening_mails import tell_opening
from database.engine import Database
from models.consultation_strand import ConsultationStrand
from models.deliverable import Deliverable
from models.lifecycle import DeliverableDefinition, StageDefinition
from models.paris_time import paris_day
from models.party import Party, PartyRole
from models.person import SYSTEM
from models.refusal import Refusal
from models.stage import RosterSeat, Stage, StageStatus, StageTransition, check_transition
from models.stored_row import identity
from queries.ledger.find import active, lifecycle_of, parties_of, stages_of


class NoRecordedRequest(Refusal):
    """A flow run was started for a stage nobody asked to open."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"Aucune demande de l’ANCT n’est enregistrée pour l’étape « {title} » : rien n’est ouvert. "
            "Un agent l’ouvre avec « projet-partage stage open »."
        )


def open_stage(db: Database, stage_id: int, *, now: datetime) -> bool:
    """Open the stage; True once it is open, False while the stage before is not closed yet. Commits.

    Done before, it changes nothing. Raises ``NoRecordedRequest``, ``ProjectNotActive``.
    """
    with db.write() as session:
        project, stage = lock_stage(session, stage_id)
        definition = lifecycle_of(project).stage(stage.key)
        request = session.exec(
            select(StageTransition).where(StageTransition.stage_id == stage_id)
        ).one_or_none()
        if request is None:
            raise NoRecordedRequest(definition.title)
        if stage.status is not StageStatus.opening:
            return True
        active(project)
        if (
            stage.position
            and stages_of(session, project)[stage.position - 1].status is not StageStatus.closed
        ):
            return False
        stage.status = check_transition("open", stage.status, StageStatus.open)
        stage.opened_at = request.applied_at = now
        stage.due_on, stage.due_set_at = _deadline(stage, definition, now), now
        cities = [each for each in parties_of(session, identity(project)) if each.role is PartyRole.signatory]
        _lay_out(session, stage, definition, cities)
        promise_for_stage(session, project, stage, cities, now)
        session.flush()
        record(
            session,
            "stage.opened",
            project_id=project.id,
            actor=SYSTEM,
            now=now,
            stage=stage.key,
            roster=[city.code for city in cities],
            due_on=iso(stage.due_on),
        )
        tell_opening(session, project, stage, definition, cities, now)
        return True


def _deadline(stage: Stage, definition: StageDefinition, now: datetime) -> date:
    today = paris_day(now)
    if stage.due_on is not None and stage.due_on > today:
        return stage.due_on
    return today + timedelta(days=definition.duration_days)


def _lay_out(session: Session, stage: Stage, definition: StageDefinition, cities: list[Party]) -> None:
    session.add_all(RosterSeat(stage_id=identity(stage), party_id=identity(city)) for city in cities)
    for each in definition.deliverables:
        owners = [None] if each.scope == "shared" else [city.id for city in cities]
        session.add_all(_deliverable(stage, each, owner) for owner in owners)
    session.add_all(
        ConsultationStrand(
            stage_id=identity(stage), party_id=identity(city), key=strand.key, title=strand.title
        )
        for city in cities
        for strand in definition.strands
    )


def _deliverable(stage: Stage, definition: DeliverableDefinition, owner: int | None) -> Deliverable:
    return Deliverable(
        stage_id=identity(stage),
        key=definition.key,
        title=definition.title,
        party_id=owner,
        act_kind=definition.act,
        is_signed=definition.signed,
    )
