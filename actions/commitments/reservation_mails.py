"""The mails that tell a party what became of its reservation: answered by the author, or waived by the ANCT."""

from datetime import datetime

from sqlmodel import Session

from actions.mail.message_values import about_deliverable
from actions.mail.notify import tell
from models.commitment import RESERVATION_REFERENCE, Commitment, CommitmentOrigin, CommitmentStatus
from models.deliverable import Deliverable, DeliverableVersion
from models.party import Party
from models.person import Actor
from models.shared_project import SharedProject
from models.sign_off import SignOff
from models.stage import Stage
from models.subject import Subject
from queries.people.recipients import contacts_of, signatories_of


def tell_settled(
    session: Session,
    project: SharedProject,
    commitment: Commitment,
    message: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Owe ``message`` to the signers and contacts of the party that made the reservation, if the commitment answers
    one; the person who settles it excepted. Does not commit."""
    if commitment.origin is not CommitmentOrigin.reservation:
        return
    sign_off = session.get_one(SignOff, int(commitment.reference.removeprefix(RESERVATION_REFERENCE)))
    deliverable = session.get_one(Deliverable, sign_off.deliverable_id)
    stage, party = session.get_one(Stage, deliverable.stage_id), session.get_one(Party, sign_off.party_id)
    signers = signatories_of(session, party, stage.key, deliverable.key, now)
    people = [each for each in (*signers, *contacts_of(session, party, now)) if each != actor.person_id]
    settled = {"answer": commitment.evidence, "has_file": commitment.evidence_sha256 is not None}
    if commitment.status is CommitmentStatus.waived:
        settled = {"why": commitment.evidence}
    values = about_deliverable(session, project, stage, deliverable) | {
        "path": f"/projets/{project.slug}/livrables/{deliverable.id}#reserve-{sign_off.id}",
        "party_name": party.name,
        "version": session.get_one(DeliverableVersion, sign_off.version_id).number,
        "reason": sign_off.reason,
        "settled_by": actor.name,
        **settled,
    }
    tell(session, people, message, Subject.of("commitment", commitment.id), now, project=project, **values)
