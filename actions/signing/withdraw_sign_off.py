"""A party takes its decision back, with a reason, until the stage closes (rule 4)."""

from datetime import datetime

from sqlmodel import Session, select

from actions.ledger.journal import by_proconnect, record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake
from actions.mail.message_values import about_deliverable, current_version
from actions.mail.notify import tell
from database.engine import Database
from models.deliverable import Deliverable
from models.gate import review_status
from models.party import Party
from models.person import Actor
from models.shared_project import SharedProject
from models.sign_off import NothingToWithdraw, ReasonNeeded, SignOff, is_live
from models.sign_off_rules import withdrawal_refusal
from models.stage import Stage, check_transition
from models.stored_row import identity
from models.subject import Subject
from queries.ledger.find import find_deliverable, find_party, find_stage
from queries.people.recipients import everybody
from queries.signing.authority import signing_authority
from queries.signing.matrix import load_seats, matrix_of


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
        project = lock_slug(session, slug)
        stage = find_stage(session, project, stage_key)
        party = find_party(session, project, party_code)
        owner = find_party(session, project, deliverable_party) if deliverable_party else party
        deliverable = find_deliverable(session, stage, key, owner)
        sign_off = _checked(session, actor, deliverable, party, sign_off_id, now)
        sign_off.withdrawn_at, sign_off.withdrawn_reason = now, reason
        session.flush()
        status = review_status(matrix_of(session.connection(), identity(stage)))
        stage.status = check_transition("withdraw", stage.status, status)
        _record(session, project, stage, party, deliverable, actor, sign_off, now)
        _tell(session, project, stage, deliverable, party, actor, sign_off, now)
        wake(session, identity(stage), now)
        return sign_off


def _checked(
    session: Session,
    actor: Actor,
    deliverable: Deliverable,
    party: Party,
    sign_off_id: int | None,
    now: datetime,
) -> SignOff:
    """The party's live sign-off, once the actor may withdraw it. Raises ``withdrawal_refusal``."""
    connection = session.connection()
    seat, _cell = load_seats(connection, identity(deliverable), now)[party.code]
    authority = signing_authority(connection, actor.person_id, seat, now)
    query = select(SignOff).where(
        SignOff.deliverable_id == deliverable.id, SignOff.party_id == party.id, is_live()
    )
    sign_off = session.exec(query).one_or_none()
    live = (identity(sign_off), sign_off.act_kind) if sign_off else None
    refusal = withdrawal_refusal(seat, actor, authority, live, sign_off_id)
    if sign_off is None or refusal:
        raise refusal or NothingToWithdraw(party.name, deliverable.title)
    return sign_off


def _record(
    session: Session,
    project: SharedProject,
    stage: Stage,
    party: Party,
    deliverable: Deliverable,
    actor: Actor,
    sign_off: SignOff,
    now: datetime,
) -> None:
    record(
        session,
        "sign_off.withdrawn",
        project_id=project.id,
        actor=actor,
        now=now,
        party_code=party.code,
        stage=stage.key,
        deliverable=deliverable.key,
        round=sign_off.round,
        sha256=sign_off.sha256,
        decision=sign_off.decision,
        stage_status=stage.status,
        reason=sign_off.withdrawn_reason,
        **by_proconnect(actor),
    )


def _tell(
    session: Session,
    project: SharedProject,
    stage: Stage,
    deliverable: Deliverable,
    party: Party,
    actor: Actor,
    sign_off: SignOff,
    now: datetime,
) -> None:
    values = about_deliverable(session, project, stage, deliverable) | {
        "version": current_version(session, deliverable).number,
        "withdrawn_by": actor.name,
        "withdrawn_by_party": party.name,
        "reason": sign_off.withdrawn_reason,
    }
    gave = [person for person in (sign_off.signed_by, sign_off.recorded_by) if person is not None]
    others = [person for person in (*everybody(session, project, now), *gave) if person != actor.person_id]
    about = Subject.of("sign_off", sign_off.id)
    tell(session, others, "sign_off_withdrawn", about, now, project=project, **values)
