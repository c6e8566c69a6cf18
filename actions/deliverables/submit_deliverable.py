"""Submit a version of a deliverable: a new content opens a new round, and the sign-offs on the old one fall."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import sqlalchemy as sa
from sqlmodel import Session

from actions.deliverables.version_mails import VersionMails
from actions.files.store_file import ReceivedFile, StoredFile
from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake
from actions.mail.message_values import iso
from database.engine import Database
from models.action_plan import read_action_plan
from models.consultation_strand import strands_refusal
from models.deliverable import (
    MINOR_REASON,
    NOTE,
    DeliverableVersion,
    MinorNeedsReason,
    NothingToRevise,
    SameContent,
    submission_refusal,
)
from models.gate import review_status
from models.invalid_file import InvalidFile
from models.lifecycle import DeliverableDefinition
from models.minor_revision import last_day_to_object, minor_refusal
from models.party import Party
from models.person import Actor, NotAllowed, Role
from models.request import Request
from models.sign_off import is_live
from models.stage import UNDER_REVIEW, check_transition
from models.stored_row import identity
from models.tables import SIGN_OFF
from queries.access.rights import require_agency_agent, submitter_role
from queries.ledger.find import (
    find_deliverable,
    find_party,
    find_project,
    find_stage,
    lifecycle_of,
    stage_title,
    strands_of,
)
from queries.signing.matrix import SignedCell, matrix_of


@dataclass(frozen=True, slots=True)
class Submission(Request):
    """Which deliverable, and the file. ``party_code`` names the city whose own deliverable it is.

    ``is_minor`` makes it a minor revision, for its ``minor_reason``: the sign-offs are kept, and their signers may
    object (rule 2; the ANCT only). ``note`` says what the version changes, to those who knew the one before.
    """

    slug: str
    stage_key: str
    key: str
    file: ReceivedFile
    party_code: str | None = None
    is_minor: bool = False
    minor_reason: Annotated[str | None, MINOR_REASON] = None
    note: Annotated[str | None, NOTE] = None


def submit_deliverable(
    db: Database, actor: Actor, submission: Submission, *, now: datetime
) -> DeliverableVersion:
    """Record a new version; its file is kept once all is checked, before the fact is written. Commits.

    Raises ``NotAllowed``, ``ProjectNotActive``, ``StageMovesOn``, ``UnknownDeliverable``,
    ``SameContent``, ``MinorNeedsReason``, ``NoteTooLong``, ``NothingToRevise``, ``MinorForbidden``,
    ``StrandsComeFirst``, ``InvalidFile`` (a plan d'action that cannot be read).
    """
    if submission.is_minor and not submission.minor_reason:
        raise MinorNeedsReason
    trouble = _trouble_of_plan(db, submission)
    with db.write() as session:
        change = _Change(session, actor, submission, now)
        change.check_new()
        if refusal := submission_refusal(
            change.project, stage_title(change.project, change.stage), change.stage.status
        ):
            raise refusal
        role = change.check_right()
        change.check_content()
        if trouble:
            raise trouble
        version = change.write(submission.file.keep(session), submission.note or None)
        change.restart_review(version)
        change.record(version, role)
        wake(session, identity(change.stage), now)
        return version


def _trouble_of_plan(db: Database, submission: Submission) -> InvalidFile | None:
    """Why a plan d'action cannot be read; found before anything is locked. Raises what names nothing that is there."""
    with db.read() as session:
        project = find_project(session, submission.slug)
        stage = find_stage(session, project, submission.stage_key)
        definitions = lifecycle_of(project).stage(stage.key).deliverables
    if not any(each.key == submission.key and each.format == "action_plan" for each in definitions):
        return None
    try:
        read_action_plan(submission.file.read_bytes(), submission.file.name)
    except InvalidFile as trouble:
        return trouble
    return None


class _Change:
    """A deliverable about to change, in its stage and project, which is locked."""

    def __init__(self, session: Session, actor: Actor, submission: Submission, now: datetime) -> None:
        self.session, self.actor, self.submission, self.now = session, actor, submission, now
        self.project = lock_slug(session, submission.slug)
        self.stage = find_stage(session, self.project, submission.stage_key)
        owner = find_party(session, self.project, submission.party_code) if submission.party_code else None
        self.deliverable = find_deliverable(session, self.stage, submission.key, owner)
        self.owner = owner if self.deliverable.party_id is not None else None

    @property
    def definition(self) -> DeliverableDefinition:
        """What the lifecycle says of the deliverable."""
        return lifecycle_of(self.project).stage(self.stage.key).deliverable(self.deliverable.key)

    def check_new(self) -> None:
        """The author of the current version who submits it again gets ``SameContent``, whatever became of the stage."""
        version_id = self.deliverable.version_id
        version = self.session.get(DeliverableVersion, version_id) if version_id else None
        wanted = (self.submission.file.sha256, self.actor.person_id)
        if version and (version.sha256, version.submitted_by) == wanted:
            raise SameContent(self.deliverable)

    def check_right(self) -> Role:
        """In what role the actor submits. Raises ``NotAllowed``."""
        if self.submission.is_minor:
            act = "déclarer une révision mineure"
            require_agency_agent(self.session, self.actor, self.now, act, self.project)
            return Role.agency_agent
        roles, owner = self.definition.submitted_by, self.owner
        role = submitter_role(
            self.session,
            self.actor.person_id,
            roles,
            self.now,
            project_id=self.project.id,
            owner_code=owner.code if owner else None,
        )
        if role is not None:
            return role
        who = " ou ".join(f"un {Role(role).label}" for role in roles)
        whose = f" de {owner.name}" if owner else ""
        raise NotAllowed(self.actor, f"déposer « {self.definition.title} »{whose}", f"{who}{whose}")

    def check_content(self) -> None:
        """Raises ``SameContent``, ``NothingToRevise``, ``MinorForbidden``, ``StrandsComeFirst``."""
        file, deliverable = self.submission.file, self.deliverable
        if file.sha256 == deliverable.sha256:
            raise SameContent(deliverable)
        if self.submission.is_minor:
            self._check_minor()
        if self.stage.key == "consultation" and deliverable.party_id is not None:
            strands = strands_of(self.session, self.stage, deliverable.party_id)
            if refusal := strands_refusal([each.title for each in strands if each.held_on is None]):
                raise refusal

    def _check_minor(self) -> None:
        """Raises ``NothingToRevise``, ``MinorForbidden``."""
        deliverable, seats = self.deliverable, self._seats()
        if deliverable.number == 0:
            raise NothingToRevise(deliverable)
        expected = [party.act_expected(deliverable.key, deliverable.act_kind) for _, party in seats]
        given = sa.select(SIGN_OFF.c.act_kind).where(SIGN_OFF.c.deliverable_id == deliverable.id, is_live())
        refusal = minor_refusal(
            deliverable.title,
            is_charter=self.stage.key == "charter",
            is_plan=self.definition.format == "action_plan",
            acts={deliverable.act_kind, *expected, *self.session.connection().execute(given).scalars()},
        )
        if refusal:
            raise refusal

    def _last_day_to_object(self) -> date | None:
        """Until when the signers of the text that a minor revision corrects may object to it."""
        signed = [party.departement for cell, party in self._seats() if cell.decision is not None]
        return last_day_to_object(self.now, signed) if self.submission.is_minor else None

    def write(self, file: StoredFile, note: str | None) -> DeliverableVersion:
        """Write the version."""
        is_minor, deliverable = self.submission.is_minor, self.deliverable
        version = DeliverableVersion(
            deliverable_id=identity(deliverable),
            number=deliverable.number + 1,
            round=deliverable.round if is_minor else deliverable.round + 1,
            sha256=file.sha256,
            size=file.size,
            file_name=file.name,
            is_minor=is_minor,
            minor_reason=self.submission.minor_reason if is_minor else None,
            change_note=note,
            submitted_by=self.actor.person_id,
            submitted_at=self.now,
            objections_until=self._last_day_to_object(),
        )
        self.session.add(version)
        self.session.flush()
        return version

    def restart_review(self, version: DeliverableVersion) -> None:
        """Make it the current version; under review, void the sign-offs of the old content and tell each party."""
        deliverable, stage = self.deliverable, self.stage
        before = [cell for cell, _ in self._seats()]
        deliverable.number, deliverable.version_id = version.number, version.id
        deliverable.sha256, deliverable.round = version.sha256, version.round
        stage.round = max(stage.round, version.round)
        if not version.is_minor:
            live = sa.update(SIGN_OFF).where(SIGN_OFF.c.deliverable_id == deliverable.id, is_live())
            self.session.connection().execute(live.values(voided_at=self.now))
        self.session.flush()
        if stage.status not in UNDER_REVIEW:
            return
        mails = VersionMails(self.session, self.project, stage, deliverable, version, self.actor, self.now)
        if version.is_minor:
            mails.tell_minor(before)
        else:
            stage.status = check_transition("revise", stage.status, review_status(self._matrix()))
            mails.tell_new(before)

    def _seats(self) -> list[tuple[SignedCell, Party]]:
        """The cells of this deliverable, each with its party."""
        cells = [cell for cell in self._matrix() if cell.deliverable_id == self.deliverable.id]
        return [(cell, self.session.get_one(Party, cell.party_id)) for cell in cells]

    def _matrix(self) -> list[SignedCell]:
        return matrix_of(self.session.connection(), identity(self.stage))

    def record(self, version: DeliverableVersion, role: Role) -> None:
        """Write the fact in the journal, on behalf of the party whose contact submits."""
        owner = self.owner if role is Role.local_contact else None
        record(
            self.session,
            "deliverable.revised_minor" if version.is_minor else "deliverable.submitted",
            project_id=self.project.id,
            actor=self.actor,
            now=self.now,
            party_code=owner.code if owner else None,
            stage=self.stage.key,
            deliverable=self.deliverable.key,
            version=version.number,
            round=version.round,
            sha256=version.sha256,
            reason=version.minor_reason,
            **({"objections_until": iso(version.objections_until)} if version.is_minor else {}),
        )
