"""Turn each action of each city's signed plan into a commitment of that city."""

from datetime import datetime

from sqlmodel import Session

from actions.commitments.schedule_commitments import tell_owners
from actions.files.store_file import FileStore
from actions.mail.message_values import current_version
from database.engine import Database
from models.action_plan import PlannedAction, read_action_plan
from models.commitment import Commitment, CommitmentOrigin
from models.deliverable import DeliverableVersion
from models.party import Party
from models.shared_project import SharedProject
from models.stage import Stage
from models.stored_row import identity
from queries.ledger.find import deliverables_of, lifecycle_of, signatory_parties


class ActionPlans:
    """The plans of a stage, read before anything is locked; called in the transaction that closes the stage.

    A plan that was replaced in between, and signed again, raises ``KeyError``: nothing is written, and the flow's next
    run reads the new one.
    """

    def __init__(self, db: Database, stage_id: int, files: FileStore) -> None:
        with db.read() as session:
            stage = session.get_one(Stage, stage_id)
            plans = _plans_of(session, session.get_one(SharedProject, stage.project_id), stage)
        self._actions = {
            version.id: read_action_plan(files.path(version.sha256).read_bytes(), version.file_name)
            for _, version in plans
        }

    def __call__(self, session: Session, project: SharedProject, stage: Stage, now: datetime) -> None:
        """Write the commitments, and owe each city the mail that lists them. Does not commit."""
        for city, version in _plans_of(session, project, stage):
            for place, action in enumerate(self._actions[version.id], start=1):
                session.add(_commitment(project, city, version, place, action, now))
        session.flush()
        cities = signatory_parties(session, project)
        tell_owners(session, project, stage, cities, CommitmentOrigin.action, now)


def _plans_of(
    session: Session, project: SharedProject, stage: Stage
) -> list[tuple[Party, DeliverableVersion]]:
    """Each city's own plan, as far as it is submitted."""
    cities = {city.id: city for city in signatory_parties(session, project)}
    definitions = lifecycle_of(project).stage(stage.key)
    return [
        (cities[deliverable.party_id], current_version(session, deliverable))
        for deliverable in deliverables_of(session, identity(stage))
        if definitions.deliverable(deliverable.key).format == "action_plan"
        and deliverable.party_id in cities
        and deliverable.version_id is not None
    ]


def _commitment(
    project: SharedProject,
    city: Party,
    version: DeliverableVersion,
    place: int,
    action: PlannedAction,
    now: datetime,
) -> Commitment:
    return Commitment(
        project_id=identity(project),
        owner=city.code,
        party_id=city.id,
        origin=CommitmentOrigin.action,
        reference=f"{city.code}/version-{version.id}/{place}",
        text=action.title,
        holder=action.owner,
        due_on=action.due_on,
        due_set_at=now,
        created_at=now,
    )
