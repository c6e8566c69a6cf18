"""Ask those who sign for what is under review, when it begins."""

from datetime import datetime

from sqlmodel import Session

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
from models.party import Party
from models.shared_project import SharedProject
from models.stage import Stage
from models.stored_row import identity
from models.subject import Subject
from queries.ledger.party_names import party_names
from queries.people.recipients import signatories_of
from queries.signing.matrix import matrix_of


def ask_signers(
    session: Session,
    project: SharedProject,
    stage: Stage,
    deliverable: Deliverable,
    now: datetime,
) -> None:
    """Invite whoever may sign a deliverable, each once a round and party. Does not commit."""
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
    for cell in cells:
        party = session.get_one(Party, cell.party_id)
        about = Subject.of("deliverable", deliverable.id, party=party.id, round=deliverable.round)
        values |= until(session, stage, party.id)
        values |= {
            "party_name": party.name,
            "act_label": act_asked_for(party.act_expected(deliverable.key, deliverable.act_kind)),
            "awaited": party_names(session, [party_id for party_id in awaited if party_id != party.id]),
        }
        people = signatories_of(session, party, stage.key, deliverable.key, now)
        tell(session, people, "sign_off_requested", about, now, project=project, **values)
