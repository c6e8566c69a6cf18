"""A city leaves a project, by its own decision, which the ANCT confirms; below three signatories it pauses (rule 6)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.authority.put_forward import Draft, put_forward
from actions.files.store_file import ReceivedFile
from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake
from actions.mail.notify import tell
from actions.projects.change_project_status import StatusChange, set_project_status
from database.engine import Database
from models.columns import REASON
from models.commitment import STILL_OPEN, Commitment, CommitmentStatus
from models.gate import review_status
from models.paris_time import paris_day
from models.party import Party, PartyDeparture
from models.person import Actor
from models.proposal import Proposal, ProposalKind, Side
from models.request import Request
from models.shared_project import (
    ProjectStatus,
    SharedProject,
    next_project_status,
    refusal_unless_before_follow_up,
)
from models.sign_off import ReasonNeeded
from models.stage import LAID_OUT, UNDER_REVIEW, Stage, check_transition
from models.stored_row import identity
from models.subject import Subject
from models.tables import SEAT
from queries.access.rights import refusal_to_record
from queries.ledger.find import find_party, lifecycle_of, signatory_parties, stages_of
from queries.people.recipients import everybody
from queries.signing.matrix import matrix_of


@dataclass(frozen=True, slots=True)
class DepartureRequest(Request):
    """Which party leaves a project, why, and the decision it took."""

    slug: str
    party_code: str
    reason: Annotated[str, REASON]
    decision: ReceivedFile


def propose_departure(db: Database, actor: Actor, request: DepartureRequest, *, now: datetime) -> Proposal:
    """Propose that the city leaves, with its decision; it stays until the ANCT has confirmed it. Commits.

    Raises ``ReasonNeeded``, ``NotAllowed`` (the ANCT takes nobody out), ``OtherOrganisation``, ``UnknownParty``,
    ``ProjectNotActive``, ``OtherProposal``.
    """
    if not request.reason.strip():
        raise ReasonNeeded("quitter un projet")
    with db.write() as session:
        project = _before_follow_up(lock_slug(session, request.slug))
        party = find_party(session, project, request.party_code)
        if refusal := refusal_to_record(session, actor, ProposalKind.departure, party, now):
            raise refusal
        file = request.decision.keep(session)
        draft = Draft(
            ProposalKind.departure,
            f"departure:{party.id}",
            party.code,
            Side.party,
            f"Départ de {party.name}",
            {"reason": request.reason},
            project_id=project.id,
            party_id=party.id,
            file_sha256=file.sha256,
            file_name=file.name,
        )
        return put_forward(session, draft, actor, now)


def carry_out_departure(session: Session, proposal: Proposal, actor: Actor, now: datetime) -> int:
    """The city leaves: it no longer counts in the gates under way; returns the number of its departure.

    Its open commitments are waived for that reason. Below the minimum of signatories the project is paused until
    another joins. Does not commit; the project is locked. Raises ``ProjectNotActive``, ``UnknownParty``.
    """
    reason = proposal.request["reason"]
    project = _before_follow_up(session.get_one(SharedProject, proposal.project_id))
    party = find_party(session, project, proposal.authority_code)
    people = everybody(session, project, now)  # before it leaves: its own people are told too
    departure = _record_departure(session, project, party, proposal, actor, now)
    _free_seats(session, project, party, now)
    remaining = len(signatory_parties(session, project))
    pauses = project.status is ProjectStatus.active and remaining < lifecycle_of(project).roster.min
    values = {
        "party_name": party.name,
        "left_on": paris_day(now).isoformat(),
        "reason": reason,
        "remaining_signatories": remaining,
        "paused": pauses,
        "path": f"/projets/{project.slug}",
    }
    tell(session, people, "party_left", Subject.of("party", party.id), now, project=project, **values)
    if pauses:
        _pause(session, project, party, actor, now)
    return identity(departure)


def _record_departure(
    session: Session,
    project: SharedProject,
    party: Party,
    proposal: Proposal,
    actor: Actor,
    now: datetime,
) -> PartyDeparture:
    """The departure with its file, what it waives, and the journal entry."""
    reason, sha256 = proposal.request["reason"], proposal.file_sha256 or ""
    party.left_at = now
    departure = PartyDeparture(
        party_id=identity(party),
        reason=reason,
        file_sha256=sha256,
        file_name=proposal.file_name or "decision",
        recorded_by=proposal.proposed_by or actor.person_id,
        recorded_at=now,
    )
    session.add(departure)
    waived = _waive(session, project, party, reason, now)
    session.flush()
    record(
        session,
        "party.left",
        project_id=project.id,
        actor=actor,
        now=now,
        party_code=party.code,
        reason=reason,
        sha256=sha256,
        proposal=proposal.id,
        commitments_waived=waived,
    )
    return departure


def _before_follow_up(project: SharedProject) -> SharedProject:
    if refusal := refusal_unless_before_follow_up(project):
        raise refusal
    return project


def _free_seats(session: Session, project: SharedProject, party: Party, now: datetime) -> None:
    for stage in stages_of(session, project):
        if stage.status not in LAID_OUT:
            continue
        seat = sa.update(SEAT).where(SEAT.c.stage_id == stage.id, SEAT.c.party_id == party.id)
        session.connection().execute(seat.values(left_at=now))
        _read_gate_again(session, stage)
        wake(session, identity(stage), now)


def _read_gate_again(session: Session, stage: Stage) -> None:
    if stage.status in UNDER_REVIEW:
        status = review_status(matrix_of(session.connection(), identity(stage)))
        stage.status = check_transition("leave", stage.status, status)
        session.flush()


def _waive(session: Session, project: SharedProject, party: Party, reason: str, now: datetime) -> list[int]:
    """The numbers of the commitments the departure waives."""
    query = select(Commitment).where(
        Commitment.project_id == project.id,
        Commitment.party_id == party.id,
        col(Commitment.status).in_(STILL_OPEN),
    )
    waived = list(session.exec(query))
    for commitment in waived:
        commitment.status, commitment.settled_at = CommitmentStatus.waived, now
        commitment.evidence = f"{party.name} a quitté le projet : {reason}"
    return [identity(commitment) for commitment in waived]


def _pause(session: Session, project: SharedProject, party: Party, actor: Actor, now: datetime) -> None:
    least = lifecycle_of(project).roster.min
    reason = (
        f"départ de {party.name} : il reste moins de {least} signataires, le projet attend qu’une autre entre"
    )
    change = StatusChange(project.slug, "pause", reason)
    set_project_status(session, project, next_project_status(project, "pause"), change, actor, now)
