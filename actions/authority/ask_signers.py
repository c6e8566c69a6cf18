"""Ask those who sign for what is under review: all of them when it begins, one city's when its signer changes."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.mail.message_values import (
    about_deliverable,
    act_asked_for,
    current_version,
    name_of,
    short,
    until,
)
from actions.mail.notify import tell
from models.deliverable import Deliverable
from models.party import Party, is_present
from models.shared_project import ProjectStatus, SharedProject
from models.stage import UNDER_REVIEW, Stage
from models.stored_row import identity
from models.subject import Subject
from queries.ledger.find import deliverables_of
from queries.ledger.party_names import party_names
from queries.people.recipients import signatories_of
from queries.signing.matrix import SignedCell, matrix_of


def ask_signers(
    session: Session,
    project: SharedProject,
    stage: Stage,
    deliverable: Deliverable,
    now: datetime,
    *,
    only_for: int | None = None,
) -> None:
    """Invite whoever may sign a deliverable, each once a round; for one party, if it has not decided yet.

    Does not commit.
    """
    cells = [
        each
        for each in matrix_of(session.connection(), identity(stage))
        if each.deliverable_id == deliverable.id
    ]
    awaited = [cell.party_id for cell in cells if not cell.decision]
    version = current_version(session, deliverable)
    values = about_deliverable(session, project, stage, deliverable) | {
        "version": version.number,
        "short_hash": short(version.sha256),
        "submitted_by": name_of(session, version.submitted_by),
        "signed": party_names(session, [cell.party_id for cell in cells if cell.decision]),
    }
    for cell in _asked(cells, only_for):
        party = session.get_one(Party, cell.party_id)
        about = Subject.of("deliverable", deliverable.id, round=deliverable.round)
        values |= until(session, stage, party.id)
        values |= {
            "party_name": party.name,
            "act_label": act_asked_for(party.act_expected(deliverable.key, deliverable.act_kind)),
            "awaited": party_names(session, [party_id for party_id in awaited if party_id != party.id]),
        }
        people = signatories_of(session, party, stage.key, deliverable.key, now)
        tell(session, people, "sign_off_requested", about, now, project=project, **values)


def _asked(cells: list[SignedCell], only_for: int | None) -> list[SignedCell]:
    if only_for is None:
        return cells
    return [each for each in cells if each.party_id == only_for and not each.decision]


def ask_signers_of(session: Session, authority_code: str, now: datetime) -> None:
    """Ask those who sign for a city now for all that its projects wait for: a new holder learns it at once.

    Who was asked before is not asked again. Does not commit.
    """
    query = (
        select(Party, SharedProject, Stage)
        .join(SharedProject, col(SharedProject.id) == Party.project_id)
        .join(Stage, col(Stage.project_id) == Party.project_id)
        .where(
            Party.code == authority_code,
            is_present(),
            SharedProject.status == ProjectStatus.active,
            col(Stage.status).in_(UNDER_REVIEW),
        )
        .order_by(col(Stage.id))
    )
    for party, project, stage in session.exec(query).all():
        for deliverable in deliverables_of(session, identity(stage)):
            if deliverable.is_signed and deliverable.number:
                ask_signers(session, project, stage, deliverable, now, only_for=party.id)
