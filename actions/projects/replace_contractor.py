"""The ANCT replaces the contractor: why, from when, and what passes to the new one (rule 10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.authority.pass_duties import passing_duties
from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake_all
from actions.mail.message_values import iso, name_of
from actions.mail.notify import tell
from actions.projects.appoint_contractor import AwardRequest, appoint_firms, check_award, firms_of
from database.engine import Database
from models.columns import REASON
from models.commitment import CONTRACTOR, STILL_OPEN
from models.contractor import (
    ENDED_ON,
    ContractAward,
    ContractEnd,
    Contractor,
    NoContract,
    contract_end_refusal,
)
from models.paris_time import paris_day
from models.person import Actor, Mandate, Role, has_not_ended
from models.request import Request
from models.shared_project import SharedProject, refusal_if_cancelled
from models.stored_row import identity
from models.subject import Subject
from models.tables import COMMITMENT
from queries.access.rights import require_agency_agent
from queries.deliverables.submitted import Submitted, submitted_by
from queries.people.recipients import everybody


@dataclass(frozen=True, slots=True)
class Replacement(Request):
    """The new contract, the last day of the present one, and why it ends."""

    award: AwardRequest
    ended_on: Annotated[date, ENDED_ON]
    reason: Annotated[str, REASON]


def replace_contractor(
    db: Database, actor: Actor, replacement: Replacement, *, now: datetime
) -> ContractAward:
    """Record that a contract takes the place of the present one; the same again is one replacement. Commits.

    The former contacts lose access at ``now`` and are told, with a receipt of what they submitted. What the
    contractor had promised passes to the new one. Raises ``NotAllowed``, ``InvalidSiret``, ``InvalidAward``,
    ``NoContract``, ``InvalidEndOfContract``, ``ReasonNeeded``, ``ProjectNotActive``, ``IncompatibleRoles``.
    """
    request, reason = replacement.award, replacement.reason.strip()
    check_award(request, now)
    with db.write() as session:
        project = lock_slug(session, request.slug)
        require_agency_agent(session, actor, now, "remplacer le prestataire", project)
        if cancelled := refusal_if_cancelled(project):
            raise cancelled
        award = session.exec(
            select(ContractAward).where(ContractAward.project_id == project.id)
        ).one_or_none()
        if award is None:
            raise NoContract
        if _is_done(session, award, replacement):
            return award
        if refusal := contract_end_refusal(award, replacement.ended_on, reason, paris_day(now)):
            raise refusal
        with passing_duties(session, [identity(project)], now):
            _replace(session, project, award, replacement, actor, now)
        return award


def _is_done(session: Session, award: ContractAward, replacement: Replacement) -> bool:
    query = select(ContractEnd).where(ContractEnd.project_id == award.project_id)
    last = session.exec(query.order_by(col(ContractEnd.id).desc()).limit(1)).first()
    if last is None or (last.ended_on, last.reason) != (replacement.ended_on, replacement.reason.strip()):
        return False
    sirets = [each.siret for each in firms_of(session, award)]
    wanted, request = check_award(replacement.award, award.recorded_at), replacement.award
    return (sirets, award.amount_eur, award.awarded_on) == (wanted, request.amount_eur, request.awarded_on)


def _replace(
    session: Session,
    project: SharedProject,
    award: ContractAward,
    replacement: Replacement,
    actor: Actor,
    now: datetime,
) -> None:
    former, request = firms_of(session, award), replacement.award
    ended = _close(session, award, former, replacement, actor, now)
    award.amount_eur, award.awarded_on = request.amount_eur, request.awarded_on
    award.recorded_by, award.recorded_at = actor.person_id, now
    contacts = appoint_firms(session, award, request.firms, actor, now)
    gone = [each.contact_id for each in former if each.contact_id and each.contact_id not in contacts]
    _end_roles(session, project, gone, replacement, actor, now)
    _pass_commitments(session, project, contacts[0])
    record(
        session,
        "contract.replaced",
        project_id=project.id,
        actor=actor,
        now=now,
        former_sirets=[each.siret for each in former],
        ended_on=replacement.ended_on.isoformat(),
        reason=ended.reason,
        sirets=[each.siret for each in firms_of(session, award)],
        amount_eur=str(award.amount_eur),
        awarded_on=iso(award.awarded_on),
    )
    _tell(session, project, ended, former, gone, replacement, now)
    wake_all(session, identity(project), now)


def _close(
    session: Session,
    award: ContractAward,
    former: Sequence[Contractor],
    replacement: Replacement,
    actor: Actor,
    now: datetime,
) -> ContractEnd:
    """Keep what the contract was, and take its firms out of it."""
    ended = ContractEnd(
        project_id=award.project_id,
        amount_eur=award.amount_eur,
        awarded_on=award.awarded_on,
        ended_on=replacement.ended_on,
        reason=replacement.reason.strip(),
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    session.add(ended)
    session.flush()
    for firm in former:
        firm.contract_end_id = ended.id
        firm.contact_until = min(firm.contact_until or now, now)
    session.flush()
    return ended


def _end_roles(
    session: Session,
    project: SharedProject,
    people: Sequence[int],
    replacement: Replacement,
    actor: Actor,
    now: datetime,
) -> None:
    query = select(Mandate).where(
        col(Mandate.person_id).in_(people),
        Mandate.role == Role.contractor,
        Mandate.project_id == project.id,
        has_not_ended(now),
    )
    for mandate in session.exec(query.order_by(col(Mandate.id))).all():
        mandate.until = now
        session.flush()
        record(
            session,
            "mandate.ended",
            project_id=project.id,
            actor=actor,
            now=now,
            person=mandate.person_id,
            role=mandate.role,
            until=now.isoformat(),
            reason=replacement.reason.strip(),
        )


def _pass_commitments(session: Session, project: SharedProject, contact: int) -> None:
    """The contractor's are the role's; those that bear a name bear the new contact's."""
    open_ones = (
        (COMMITMENT.c.project_id == project.id)
        & (COMMITMENT.c.owner == CONTRACTOR)
        & COMMITMENT.c.status.in_(STILL_OPEN)
    )
    named = sa.update(COMMITMENT).where(open_ones, COMMITMENT.c.holder.is_not(None))
    session.connection().execute(named.values(holder=name_of(session, contact), holder_id=contact))


def _tell(
    session: Session,
    project: SharedProject,
    ended: ContractEnd,
    former: Sequence[Contractor],
    gone: Sequence[int],
    replacement: Replacement,
    now: datetime,
) -> None:
    about, lead = Subject.of("contract_end", ended.id), replacement.award.firms[0]
    values: dict[str, Any] = {
        "former_name": former[0].name,
        "contractor_name": lead.name,
        "ended_on": ended.ended_on.isoformat(),
        "reason": ended.reason,
    }
    for person in dict.fromkeys(gone):
        receipts = [_receipt(each) for each in submitted_by(session, person, identity(project))]
        tell(session, [person], "contractor_replaced_for_former", about, now, project=project,
             path="/mon-compte", receipts=receipts, **values)  # fmt: skip
    values |= {
        "members": [firm.name for firm in replacement.award.firms[1:]],
        "contact_name": lead.contact_name,
        "contact_email": lead.contact_email,
    }
    tell(session, everybody(session, project, now), "contractor_replaced", about, now, project=project,
         path=f"/projets/{project.slug}/participants#prestataire", **values)  # fmt: skip


def _receipt(version: Submitted) -> str:
    owner = f", {version.owner}" if version.owner else ""
    day = f"{paris_day(version.submitted_at):%d/%m/%Y}"
    return f"« {version.title} »{owner}, version {version.number}, {day} : {version.sha256}"
