"""Keep a commitment, with its evidence, or waive it, with a reason; who made a reservation hears of its answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from sqlmodel import Session

from actions.files.store_file import ReceivedFile
from actions.ledger.journal import record
from actions.ledger.locks import lock_project
from actions.mail.message_values import about_deliverable
from actions.mail.notify import tell
from database.engine import Database
from models.commitment import (
    AGENCY,
    CONTRACTOR,
    EVIDENCE,
    Commitment,
    CommitmentOrigin,
    CommitmentStatus,
    UnknownCommitment,
    answered_sign_off,
    is_owner,
    settled_refusal,
)
from models.deliverable import Deliverable, DeliverableVersion
from models.party import Party
from models.person import Actor, NotAllowed
from models.refusal import Refusal
from models.request import Request
from models.shared_project import SharedProject
from models.sign_off import ReasonNeeded, SignOff
from models.stage import Stage
from models.subject import Subject
from queries.access.rights import require_acting_for, require_agency_agent
from queries.access.standing import standing_in
from queries.people.recipients import contacts_of, signatories_of


class EvidenceNeeded(Refusal):
    """A kept commitment shows how it was kept."""

    sentence = "Dites comment l’engagement a été tenu : une note, un lien ou un fichier."


@dataclass(frozen=True, slots=True)
class CommitmentRequest(Request):
    """Which commitment; with ``slug``, it must be one of that project."""

    number: int
    slug: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Evidence(CommitmentRequest):
    """How a commitment was kept, and the document that shows it."""

    text: Annotated[str, EVIDENCE]
    file: ReceivedFile | None = None


@dataclass(frozen=True, slots=True)
class Waiver(CommitmentRequest):
    """Why the owner of a commitment is freed from it."""

    reason: Annotated[str, EVIDENCE]


def begin_commitment(db: Database, actor: Actor, request: CommitmentRequest, *, now: datetime) -> Commitment:
    """Record that its owner has begun to keep it; the same again is the same fact. Commits.

    Raises as ``keep_commitment`` does, ``EvidenceNeeded`` apart.
    """
    with db.write() as session:
        commitment, _ = _locked(session, request)
        _require_owner(session, actor, commitment, now, "commencer")
        if commitment.status is CommitmentStatus.in_progress:
            return commitment
        _require_open(commitment)
        commitment.status = CommitmentStatus.in_progress
        _record(session, "commitment.begun", commitment, actor, now)
        return commitment


def keep_commitment(db: Database, actor: Actor, evidence: Evidence, *, now: datetime) -> Commitment:
    """Record that its owner kept the commitment; the same evidence again is the same fact. Commits.

    Raises ``UnknownCommitment``, ``EvidenceNeeded``, ``WordsTooLong``, ``NotAllowed``, ``CommitmentSettled``.
    """
    if not evidence.text:
        raise EvidenceNeeded
    with db.write() as session:
        commitment, project = _locked(session, evidence)
        _require_owner(session, actor, commitment, now, "tenir")
        if commitment.status is CommitmentStatus.kept and commitment.evidence == evidence.text:
            return commitment
        _settle(commitment, CommitmentStatus.kept, evidence.text, now)
        sha256 = evidence.file.keep(session).sha256 if evidence.file else None
        commitment.evidence_sha256 = sha256
        _record(session, "commitment.kept", commitment, actor, now, evidence=evidence.text, sha256=sha256)
        _tell_settled(session, project, commitment, "reservation_answered_for_party", actor, now)
        return commitment


def waive_commitment(db: Database, actor: Actor, waiver: Waiver, *, now: datetime) -> Commitment:
    """The ANCT frees the owner of a commitment, and says why; the same again is the same fact. Commits.

    Raises ``ReasonNeeded``, ``WordsTooLong``, ``UnknownCommitment``, ``NotAllowed``, ``CommitmentSettled``.
    """
    if not waiver.reason:
        raise ReasonNeeded("lever un engagement")
    with db.write() as session:
        commitment, project = _locked(session, waiver)
        require_agency_agent(session, actor, now, "lever un engagement", project)
        if commitment.status is CommitmentStatus.waived and commitment.evidence == waiver.reason:
            return commitment
        _settle(commitment, CommitmentStatus.waived, waiver.reason, now)
        _record(session, "commitment.waived", commitment, actor, now, reason=waiver.reason)
        _tell_settled(session, project, commitment, "reservation_waived_for_party", actor, now)
        return commitment


def _locked(session: Session, request: CommitmentRequest) -> tuple[Commitment, SharedProject]:
    commitment = session.get(Commitment, request.number)
    if commitment is None:
        raise UnknownCommitment(request.number)
    project = lock_project(session, commitment.project_id)
    if request.slug not in (None, project.slug):
        raise UnknownCommitment(request.number)
    session.refresh(commitment)
    return commitment, project


def _require_owner(session: Session, actor: Actor, commitment: Commitment, now: datetime, verb: str) -> None:
    """Raises ``NotAllowed``. Those of a city that has left pass: they hear what became of their commitment."""
    act = f"{verb} l’engagement n° {commitment.id}"
    if commitment.party_id is not None:
        require_acting_for(session, actor, session.get_one(Party, commitment.party_id), now, act)
        return
    standing = standing_in(session.connection(), actor.person_id, commitment.project_id, now)
    if not is_owner(commitment.owner, standing.roles, standing.acts_for):
        owners = {AGENCY: "un agent de l’ANCT", CONTRACTOR: "le prestataire du projet"}
        raise NotAllowed(actor, act, owners[commitment.owner])


def _require_open(commitment: Commitment) -> None:
    if refusal := settled_refusal(commitment):
        raise refusal


def _settle(commitment: Commitment, status: CommitmentStatus, words: str, now: datetime) -> None:
    _require_open(commitment)
    commitment.status, commitment.evidence, commitment.settled_at = status, words, now


def _record(
    session: Session, event: str, commitment: Commitment, actor: Actor, now: datetime, **payload: str | None
) -> None:
    party = commitment.owner if commitment.party_id else None
    record(
        session,
        event,
        project_id=commitment.project_id,
        actor=actor,
        now=now,
        party_code=party,
        commitment=commitment.id,
        **payload,
    )


def _tell_settled(
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
    sign_off = session.get_one(SignOff, answered_sign_off(commitment))
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
