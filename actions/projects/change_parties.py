"""A city joins a project or leaves it; below three signatories the project is paused (rule 6)."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.files.store_file import ReceivedFile
from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake, wake_all
from actions.mail.notify import tell
from actions.projects.change_project_status import StatusChange, set_project_status
from actions.projects.create_project import check_acts, let_in
from database.engine import Database
from models.commitment import STILL_OPEN, Commitment, CommitmentStatus
from models.gate import review_status
from models.paris_time import PARIS
from models.party import Party, PartyDeparture, PartyRole, WrongNumberOfSignatories
from models.person import Actor
from models.project_file import PartyEntry
from models.refusal import Refusal
from models.shared_project import (
    ProjectStatus,
    SharedProject,
    next_project_status,
    refusal_unless_before_follow_up,
)
from models.sign_off import ReasonNeeded
from models.sign_off_rules import PARTY_DEPARTURE
from models.stage import LAID_OUT, UNDER_REVIEW, Stage, check_transition
from models.stored_row import identity
from models.subject import Subject
from models.tables import SEAT
from queries.access.rights import refusal_to_record, require_agency_agent
from queries.ledger.find import find_party, lifecycle_of, signatory_parties, stages_of
from queries.people.recipients import everybody
from queries.signing.matrix import matrix_of


class AlreadyParty(Refusal):
    """The local authority is, or was, a party of the project."""

    def __init__(self, party: Party) -> None:
        left = " et l’a quitté" if party.left_at else ""
        super().__init__(
            f"{party.address} est déjà entrée dans ce projet{left} : une partie n’y entre qu’une fois."
        )


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Which project a local authority joins, and as what, with whom."""

    slug: str
    party: PartyEntry


@dataclass(frozen=True, slots=True)
class DepartureRequest:
    """Which party leaves a project, why, and the decision it took."""

    slug: str
    party_code: str
    reason: str
    decision: ReceivedFile


def join_project(db: Database, actor: Actor, request: JoinRequest, *, now: datetime) -> Party:
    """The ANCT brings a local authority in. It counts in the stages that open from now on. Commits.

    The rosters of the stages already open stay as they were frozen. Raises ``NotAllowed``,
    ``UnknownAuthority``, ``WrongNumberOfSignatories``, ``AlreadyParty``, ``ProjectNotActive``.
    """
    entry = request.party
    with db.write() as session:
        project = _before_follow_up(lock_slug(session, request.slug))
        require_agency_agent(session, actor, now, "faire entrer une collectivité", project)
        same_code = select(Party).where(Party.project_id == project.id, Party.code == entry.code)
        former = session.exec(same_code).one_or_none()
        if former is not None:
            raise AlreadyParty(former)
        roster, count = lifecycle_of(project).roster, len(signatory_parties(session, project)) + 1
        if entry.role is PartyRole.signatory and count > roster.max:
            raise WrongNumberOfSignatories(count, roster.min, roster.max)
        check_acts(lifecycle_of(project), entry)
        party = let_in(session, project, entry, actor, now)
        wake_all(session, identity(project), now)
        return party


def leave_project(db: Database, actor: Actor, request: DepartureRequest, *, now: datetime) -> SharedProject:
    """Record the decision by which a city leaves: it no longer counts in the gates under way. Commits.

    Its open commitments are waived for that reason. Below the minimum of signatories the project is paused
    until another joins. Raises ``ReasonNeeded``, ``NotAllowed``, ``OtherOrganisation``,
    ``UnknownParty``, ``ProjectNotActive``.
    """
    if not request.reason.strip():
        raise ReasonNeeded("quitter un projet")
    with db.write() as session:
        project = _before_follow_up(lock_slug(session, request.slug))
        party = find_party(session, project, request.party_code)
        if refusal := refusal_to_record(session, actor, PARTY_DEPARTURE, party, now):
            raise refusal
        people = everybody(session, project, now)  # before it leaves: its own people are told too
        _record_departure(session, project, party, actor, request, now)
        _free_seats(session, project, party, now)
        remaining = len(signatory_parties(session, project))
        pauses = project.status is ProjectStatus.active and remaining < lifecycle_of(project).roster.min
        values = {
            "party_name": party.name,
            "left_on": now.astimezone(PARIS).date().isoformat(),
            "reason": request.reason,
            "remaining_signatories": remaining,
            "paused": pauses,
            "path": f"/projets/{project.slug}",
        }
        tell(session, people, "party_left", Subject.of("party", party.id), now, project=project, **values)
        if pauses:
            _pause(session, project, party, actor, now)
        return project


def _record_departure(
    session: Session,
    project: SharedProject,
    party: Party,
    actor: Actor,
    request: DepartureRequest,
    now: datetime,
) -> None:
    """The departure with its file, what it waives, and the journal entry."""
    file = request.decision.keep()
    party.left_at = now
    departure = PartyDeparture(
        party_id=identity(party),
        reason=request.reason,
        file_sha256=file.sha256,
        file_name=file.name,
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    session.add(departure)
    waived = _waive(session, project, party, request.reason, now)
    session.flush()
    record(
        session,
        "party.left",
        project_id=project.id,
        actor=actor,
        now=now,
        party_code=party.code,
        reason=request.reason,
        sha256=file.sha256,
        commitments_waived=waived,
    )


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
