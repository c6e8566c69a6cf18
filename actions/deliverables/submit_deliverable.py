"""Submit a version of a deliverable: a new content opens a new round, and the sign-offs on the old one fall."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from actions.deliverables.version_mails import VersionMails
from actions.files.store_file import FileStore, ReceivedFile, StoredFile
from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake
from actions.stages.record_strand import strands_of
from database.engine import Database
from models.action_plan import read_action_plan
from models.consultation_strand import strands_refusal
from models.deliverable import (
    LONGEST_NOTE,
    Deliverable,
    DeliverableVersion,
    MinorNeedsReason,
    NoteTooLong,
    NothingToRevise,
    SameContent,
    submission_refusal,
)
from models.gate import review_status
from models.lifecycle import DeliverableDefinition
from models.party import Party
from models.person import Actor, NotAllowed, Role
from models.shared_project import SharedProject
from models.sign_off import is_live
from models.stage import UNDER_REVIEW, Stage, check_transition
from models.stored_row import identity
from models.tables import SIGN_OFF
from models.typed_text import plain
from queries.access.rights import require_agency_agent, submitter_role
from queries.ledger.find import find_deliverable, find_party, find_stage, lifecycle_of, stage_title
from queries.signing.matrix import matrix_of


@dataclass(frozen=True, slots=True)
class Submission:
    """Which deliverable, and the file. ``party_code`` names the city whose own deliverable it is.

    ``minor_reason`` makes it a minor revision: the sign-offs are kept (rule 2; the ANCT only). ``note`` says what
    the version changes, to those who knew the one before.
    """

    slug: str
    stage_key: str
    key: str
    file: ReceivedFile
    party_code: str | None = None
    is_minor: bool = False
    minor_reason: str | None = None
    note: str | None = None


def submit_deliverable(
    db: Database, files: FileStore, actor: Actor, submission: Submission, *, now: datetime
) -> DeliverableVersion:
    """Record a new version; its file is kept once all is checked, before the fact is. Commits.

    Raises ``NotAllowed``, ``ProjectNotActive``, ``StageMovesOn``, ``UnknownDeliverable``,
    ``SameContent``, ``MinorNeedsReason``, ``NoteTooLong``, ``NothingToRevise``, ``StrandsComeFirst``, ``InvalidFile``
    (a plan d'action that cannot be read).
    """
    if submission.is_minor and not (submission.minor_reason or "").strip():
        raise MinorNeedsReason
    note = plain(submission.note or "")
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong(len(note))
    with db.write() as session:
        project = lock_slug(session, submission.slug)
        stage = find_stage(session, project, submission.stage_key)
        owner = find_party(session, project, submission.party_code) if submission.party_code else None
        _check_new(session, project, stage, owner, actor, submission)
        if refusal := submission_refusal(project, stage_title(project, stage), stage.status):
            raise refusal
        deliverable = find_deliverable(session, stage, submission.key, owner)
        if deliverable.party_id is None:
            owner = None
        definition = lifecycle_of(project).stage(stage.key).deliverable(deliverable.key)
        role = _check_right(session, project, definition, owner, actor, submission, now)
        _check_content(session, stage, deliverable, definition, submission)
        file = files.keep(submission.file)
        version = _write(session, deliverable, file, actor, submission, note or None, now)
        _restart_review(session, project, stage, deliverable, version, actor, now)
        is_of_contact = owner is not None and role is Role.local_contact
        _record(session, project, stage, deliverable, version, owner if is_of_contact else None, actor, now)
        wake(session, identity(stage), now)
        return version


def _check_new(
    session: Session,
    project: SharedProject,
    stage: Stage,
    owner: Party | None,
    actor: Actor,
    submission: Submission,
) -> None:
    """Who submitted this content hears that it is there, whatever became of the stage. Raises ``SameContent``."""
    deliverable = find_deliverable(session, stage, submission.key, owner)
    version = session.get(DeliverableVersion, deliverable.version_id) if deliverable.version_id else None
    if version and (version.sha256, version.submitted_by) == (submission.file.sha256, actor.person_id):
        raise SameContent(deliverable)


def _check_right(
    session: Session,
    project: SharedProject,
    definition: DeliverableDefinition,
    owner: Party | None,
    actor: Actor,
    submission: Submission,
    now: datetime,
) -> Role:
    """In what role the actor submits."""
    if submission.is_minor:
        require_agency_agent(session, actor, now, "déclarer une révision mineure", project)
        return Role.agency_agent
    role = submitter_role(
        session,
        actor.person_id,
        definition.submitted_by,
        now,
        project_id=project.id,
        owner_code=owner.code if owner else None,
    )
    if role is not None:
        return role
    who = " ou ".join(f"un {Role(role).label}" for role in definition.submitted_by)
    whose = f" de {owner.name}" if owner else ""
    raise NotAllowed(actor, f"déposer « {definition.title} »{whose}", f"{who}{whose}")


def _check_content(
    session: Session,
    stage: Stage,
    deliverable: Deliverable,
    definition: DeliverableDefinition,
    submission: Submission,
) -> None:
    file = submission.file
    if file.sha256 == deliverable.sha256:
        raise SameContent(deliverable)
    if submission.is_minor and deliverable.number == 0:
        raise NothingToRevise(deliverable)
    if stage.key == "consultation" and deliverable.party_id is not None:
        strands = strands_of(session, stage, deliverable.party_id)
        if refusal := strands_refusal([each.title for each in strands if each.held_on is None]):
            raise refusal
    if definition.format == "action_plan":
        read_action_plan(file.read_bytes(), file.name)


def _write(
    session: Session,
    deliverable: Deliverable,
    file: StoredFile,
    actor: Actor,
    submission: Submission,
    note: str | None,
    now: datetime,
) -> DeliverableVersion:
    version = DeliverableVersion(
        deliverable_id=identity(deliverable),
        number=deliverable.number + 1,
        round=deliverable.round if submission.is_minor else deliverable.round + 1,
        sha256=file.sha256,
        size=file.size,
        file_name=file.name,
        is_minor=submission.is_minor,
        minor_reason=submission.minor_reason if submission.is_minor else None,
        change_note=note,
        submitted_by=actor.person_id,
        submitted_at=now,
    )
    session.add(version)
    session.flush()
    return version


def _restart_review(
    session: Session,
    project: SharedProject,
    stage: Stage,
    deliverable: Deliverable,
    version: DeliverableVersion,
    actor: Actor,
    now: datetime,
) -> None:
    """Put the version in place; under review, void what was signed on the old content and tell each party."""
    old_number, old_sha256 = deliverable.number, deliverable.sha256
    before = [
        cell
        for cell in matrix_of(session.connection(), identity(stage))
        if cell.deliverable_id == deliverable.id
    ]
    deliverable.number, deliverable.version_id = version.number, version.id
    deliverable.sha256, deliverable.round = version.sha256, version.round
    stage.round = max(stage.round, version.round)
    if not version.is_minor:
        _void(session, deliverable, now)
    session.flush()
    if stage.status not in UNDER_REVIEW:
        return
    if not version.is_minor:
        status = review_status(matrix_of(session.connection(), identity(stage)))
        stage.status = check_transition("revise", stage.status, status)
    mails = VersionMails(session, project, stage, deliverable, version, actor, now)
    if version.is_minor:
        mails.tell_minor(before)
    else:
        mails.tell_new(before, old_number, old_sha256)


def _record(
    session: Session,
    project: SharedProject,
    stage: Stage,
    deliverable: Deliverable,
    version: DeliverableVersion,
    party: Party | None,
    actor: Actor,
    now: datetime,
) -> None:
    """The fact in the journal, on behalf of the party whose contact submits."""
    record(
        session,
        "deliverable.revised_minor" if version.is_minor else "deliverable.submitted",
        project_id=project.id,
        actor=actor,
        now=now,
        party_code=party.code if party else None,
        stage=stage.key,
        deliverable=deliverable.key,
        version=version.number,
        round=version.round,
        sha256=version.sha256,
        reason=version.minor_reason,
    )


def _void(session: Session, deliverable: Deliverable, now: datetime) -> None:
    live = sa.update(SIGN_OFF).where(
        SIGN_OFF.c.deliverable_id == deliverable.id,
        is_live(),
    )
    session.connection().execute(live.values(voided_at=now))
