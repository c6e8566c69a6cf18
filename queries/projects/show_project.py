"""Projects as the command and the API show them: one line each, or one whole. Writes nothing."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from database.bound import among
from database.engine import Database
from models.lifecycle import trouble_of
from models.project_shapes import MissingShown, PeriodShown, ProjectLine, ProjectShown, StageShown
from models.proposal_shapes import PendingConfirmation
from models.shared_project import SharedProject
from models.stage import Stage, current_stage
from models.stage_needs import Missing, missing_of
from models.stored_row import identity
from models.tables import PROJECT, STAGE
from queries.commitments.commitments import list_commitments
from queries.ledger.find import find_project, stage_title, stages_of, title_or_key
from queries.ledger.moving import moving_stages
from queries.projects.parties import load_parties
from queries.signing.pending_acts import pending_in_stages
from queries.stages.details import StageDetails, load_deliverables
from queries.stages.snapshot import load_stages


def list_projects(db: Database) -> list[ProjectLine]:
    """One line per project, the oldest first: where it stands and what comes next."""
    with db.read() as session:
        return project_lines(session, list(session.exec(select(SharedProject.id))))


def project_lines(session: Session, project_ids: Collection[int | None]) -> list[ProjectLine]:
    """The lines of these projects, the oldest first: two queries, however many."""
    these = {"projects": [*project_ids]}
    query = select(SharedProject).where(among(PROJECT.c.id, "projects"))
    projects = session.exec(query.order_by(col(SharedProject.id)), params=these)
    stages: dict[int, list[Stage]] = {}
    of_projects = select(Stage).where(among(STAGE.c.project_id, "projects"))
    for stage in session.exec(of_projects.order_by(col(Stage.position)), params=these):
        stages.setdefault(stage.project_id, []).append(stage)
    return [_line(project, current_stage(stages.get(identity(project), []))) for project in projects]


def _line(project: SharedProject, stage: Stage | None) -> ProjectLine:
    return ProjectLine(
        slug=project.slug,
        title=project.title,
        theme=project.theme,
        status=project.status,
        current_stage=stage and stage.key,
        current_stage_status=stage and stage.status,
        current_stage_title=title_or_key(project, stage.key) if stage else None,
        trouble=trouble_of(project.lifecycle_key, project.lifecycle_version),
        due_on=stage and stage.due_on,
    )


def show_project(db: Database, slug: str, now: datetime) -> ProjectShown:
    """The project, its parties, stages and commitments, in a fixed number of queries.

    Raises ``UnknownProject``.
    """
    with db.read() as session:
        project = find_project(session, slug)
        stages = stages_of(session, project)
        current, connection = current_stage(stages), session.connection()
        parties = load_parties(connection, identity(project))
        stage_ids = [identity(stage) for stage in stages]
        details = load_deliverables(connection, slug, stage_ids, now)
        snapshots = load_stages(connection, stage_ids, now)
        pending = pending_in_stages(connection, stage_ids, now)
        moving = {each.stage_id for each in moving_stages(connection, [identity(project)])}
        return ProjectShown(
            slug=project.slug,
            title=project.title,
            theme=project.theme,
            status=project.status,
            status_reason=project.status_reason,
            period=PeriodShown(from_=project.period_from, until=project.period_until),
            current_stage=current and current.key,
            parties=[each for each in parties if each.left_at is None],
            departed_parties=[each for each in parties if each.left_at is not None],
            stages=[
                _stage(
                    project,
                    stage,
                    details[stage_id],
                    missing_of(snapshots[stage_id]),
                    pending[stage_id],
                    stage_id in moving,
                )
                for stage_id, stage in zip(stage_ids, stages, strict=True)
            ],
            commitments=list_commitments(session, project),
        )


def _stage(
    project: SharedProject,
    stage: Stage,
    details: StageDetails,
    missing: Iterable[Missing],
    pending: list[PendingConfirmation],
    is_moving: bool,
) -> StageShown:
    return StageShown(
        **stage.model_dump(),
        title=stage_title(project, stage),
        roster=[party.code for party in details.roster],
        is_moving=is_moving,
        missing=[MissingShown.model_validate(each) for each in missing],
        pending_confirmations=pending,
        deliverables=list(details.deliverables),
    )
