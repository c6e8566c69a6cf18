"""What a stage's flow sees when it looks: states and counts, read at once."""

from dataclasses import dataclass

import sqlalchemy as sa

from database.engine import Database
from models.shared_project import ProjectStatus, SharedProject
from models.stage import Stage, StageStatus
from models.tables import STAGE
from queries.ledger.find import deliverables_of, identity
from queries.stages.still_missing import has_agency_signature, has_contractor, still_missing


@dataclass(frozen=True, slots=True)
class StageLook:
    """The stage at one instant. ``awaited`` holds the kinds of what is still missing (``Missing.what``)."""

    key: str
    status: StageStatus
    project_status: ProjectStatus
    fact_seq: int
    not_received: frozenset[str]
    awaited: frozenset[str]
    has_agency_signature: bool
    has_contractor: bool

    def has_received(self, *keys: str) -> bool:
        """Is there a version of each of these deliverables, from every city for its own?"""
        return not self.not_received & set(keys)


def look_at_stage(db: Database, stage_id: int) -> StageLook:
    """Read the stage. Writes nothing."""
    with db.read() as session:
        stage = session.get_one(Stage, stage_id)
        project = session.get_one(SharedProject, stage.project_id)
        missing = still_missing(session, project, stage)
        laid_out = bool(deliverables_of(session, identity(stage)))
        return StageLook(
            key=stage.key,
            status=stage.status,
            project_status=project.status,
            fact_seq=stage.fact_seq,
            not_received=frozenset(each.deliverable or "" for each in missing if each.what == "deliverable"),
            awaited=frozenset(each.what for each in missing) if laid_out else frozenset({"opening"}),
            has_agency_signature=has_agency_signature(session, stage),
            has_contractor=has_contractor(session, project),
        )


def mark_seen(db: Database, stage_id: int, fact_seq: int) -> None:
    """Note the last fact a run of the stage has looked at. Commits."""
    with db.write_statements() as connection:
        seen = sa.update(STAGE).where(STAGE.c.id == stage_id, STAGE.c.seen_seq < fact_seq)
        connection.execute(seen.values(seen_seq=fact_seq))
