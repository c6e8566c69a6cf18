"""A party takes its decision back, with a reason, until the stage closes (rule 4)."""

from datetime import datetime

from sqlmodel import Session, select

from actions.find import active, find_deliverable, find_party, find_stage, identity, lock_slug
from actions.journal import record
from actions.matrix import matrix_of
from actions.message_values import about_deliverable, current_version
from actions.notify import everybody, tell
from actions.organisation import by_proconnect, check_organisation
from actions.signing_authority import Authority, signing_authority
from actions.still_missing import stage_title
from actions.wake import wake
from models.act_kind import ActKind
from models.database import Database
from models.deliverable import Deliverable
from models.gate import review_status
from models.party import Party
from models.person import Actor
from models.shared_project import SharedProject
from models.sign_off import NoAuthority, NothingToWithdraw, ReasonNeeded, SignOff, WeakerAct, is_live
from models.stage import UNDER_REVIEW, Stage, StageMovesOn, StageStatus, check_transition


def withdraw_sign_off(
    db: Database,
    actor: Actor,
    slug: str,
    stage_key: str,
    key: str,
    *,
    party_code: str,
    reason: str,
    deliverable_party: str | None = None,
    sign_off_id: int | None = None,
    now: datetime,
) -> SignOff:
    """Withdraw the party's live decision; the gate is read again. Commits.

    With ``sign_off_id`` that one only: not another, given since it was read. Who may sign may withdraw. A
    reservation's commitment stays: what was asked was asked. Raises
    ``ReasonNeeded``, ``ProjectNotActive``, ``StageMovesOn``, ``NoAuthority``, ``OtherOrganisation``,
    ``NothingToWithdraw``.
    """
    if not reason.strip():
        raise ReasonNeeded("retirer une validation")
    with db.write() as session:
        project = active(lock_slug(session, slug))
        stage = find_stage(session, project, stage_key)
        party = find_party(session, project, party_code)
        owner = find_party(session, project, deliverable_party) if deliverable_party else party
        deliverable = find_deliverable(session, stage, key, owner)
        if stage.status not in (*UNDER_REVIEW, StageStatus.signed_off):
            advice = "une validation se retire jusqu’à la clôture de l’étape"
            raise StageMovesOn(stage_title(project, stage), stage.status, "y retirer une validation", advice)
        connection = session.connection()
        authority = signing_authority(connection, actor.person_id, party.code, stage.key, key, now)
        if authority is None:
            raise NoAuthority(actor.name, party.name, deliverable.title)
        check_organisation(actor, party.code, party.name, f"retirer la validation de « {deliverable.title} »")
        given = _live(session, deliverable, party)
        if sign_off_id not in (None, given.id):
            raise NothingToWithdraw(party.name, deliverable.title)
        _check_strength(authority, given, deliverable)
        given.withdrawn_at, given.withdrawn_reason = now, reason
        session.flush()
        status = review_status(matrix_of(connection, identity(stage)))
        stage.status = check_transition("withdraw", stage.status, status)
        record(
            session,
            "sign_off.withdrawn",
            project_id=project.id,
            actor=actor,
            now=now,
            party_code=party.code,
            stage=stage.key,
            deliverable=key,
            round=given.round,
            sha256=given.sha256,
            decision=given.decision,
            stage_status=stage.status,
            reason=reason,
            **by_proconnect(actor),
        )
        _tell(session, project, stage, deliverable, party, actor, given, now)
        wake(session, identity(stage), now)
        return given


def _check_strength(authority: Authority, given: SignOff, deliverable: Deliverable) -> None:
    """What an elected person or a council decided is not undone by a member of the staff (rule 5)."""
    needed = ActKind.elected_signature
    if given.act_kind.satisfies(needed) and not authority.act_kind.satisfies(needed):
        raise WeakerAct(deliverable.title, authority.act_kind, needed)


def _live(session: Session, deliverable: Deliverable, party: Party) -> SignOff:
    query = select(SignOff).where(
        SignOff.deliverable_id == deliverable.id,
        SignOff.party_id == party.id,
        is_live(),
    )
    given = session.exec(query).one_or_none()
    if given is None:
        raise NothingToWithdraw(party.name, deliverable.title)
    return given


def _tell(
    session: Session,
    project: SharedProject,
    stage: Stage,
    deliverable: Deliverable,
    party: Party,
    actor: Actor,
    given: SignOff,
    now: datetime,
) -> None:
    values = about_deliverable(session, project, stage, deliverable) | {
        "version": current_version(session, deliverable).number,
        "withdrawn_by": actor.name,
        "withdrawn_by_party": party.name,
        "reason": given.withdrawn_reason,
    }
    gave = [person for person in (given.signed_by, given.recorded_by) if person is not None]
    others = [person for person in (*everybody(session, project), *gave) if person != actor.person_id]
    tell(session, others, "sign_off_withdrawn", f"sign_off-{given.id}", now, project=project, **values)
