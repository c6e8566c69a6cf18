"""End a role, at once or after a last day: told to its holder, to their city and to the ANCT (rule 9)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import sqlalchemy as sa
from sqlmodel import Session

from actions.authority.pass_duties import passing_duties
from actions.ledger.journal import lock_register, record
from actions.ledger.locks import lock_projects
from actions.ledger.wake import wake_all
from actions.people.role_mails import RoleEnded, tell_role_end
from database.engine import Database
from models.columns import REASON
from models.contractor import is_of_contract
from models.person import Actor, Mandate, Role
from models.request import Request
from models.role_rules import LAST_DAY, HeldRole, day_refusal, instant_of_end
from models.tables import AWARD, CONTRACTOR
from queries.people.held_roles import (
    held_role,
    leaves_nobody,
    orders_of_office,
    projects_touched,
    refusal_to_end,
)


@dataclass(frozen=True, slots=True)
class RoleEnd(Request):
    """Which role ends, after which day in Paris (None: at once), and why, when it is somebody else's."""

    mandate_id: int
    last_day: Annotated[date | None, LAST_DAY] = None
    reason: Annotated[str, REASON] = ""


def end_role(db: Database, actor: Actor, request: RoleEnd, *, now: datetime) -> RoleEnded:
    """End a role; what was done in it stands. The same end again is the same end. Commits.

    An office that ends takes the delegations it gave along. Nobody gets anything by it. Raises ``UnknownRole``,
    ``NotAllowed``, ``OtherOrganisation``, ``InvalidEnd``, ``AlreadyEnding``, ``ReasonNeeded``, ``StillInCharge``,
    ``LastAgent``.
    """
    with db.write() as session:
        touched = projects_touched(session, held_role(session, request.mandate_id, now))
        lock_projects(session, touched)
        lock_register(session)
        held = held_role(session, request.mandate_id, now)
        _check(session, actor, held, request, now)
        until = instant_of_end(request.last_day, now)
        if held.until != until:
            with passing_duties(session, touched, now):
                _end(session, held, until)
        ended = RoleEnded(
            held,
            until,
            request.last_day,
            request.reason.strip(),
            leaves_nobody(session, held, until),
            tuple(orders_of_office(session, held, until)),
        )
        if held.until == until:
            return ended
        _record(session, actor, ended, touched, now)
        tell_role_end(session, actor, ended, touched, now)
        for project_id in touched:
            wake_all(session, project_id, now)
        return ended


def _check(session: Session, actor: Actor, held: HeldRole, request: RoleEnd, now: datetime) -> None:
    is_holder = actor.person_id == held.person_id
    refusal = refusal_to_end(session, actor, held, now)
    if refusal := refusal or day_refusal(
        held, request.last_day, request.reason.strip(), now, is_holder=is_holder
    ):
        raise refusal


def _end(session: Session, held: HeldRole, until: datetime) -> None:
    session.get_one(Mandate, held.mandate_id).until = until
    session.flush()
    if held.role is Role.contractor:
        award = sa.select(AWARD.c.id).where(AWARD.c.project_id == held.project_id)
        theirs = CONTRACTOR.c.award_id.in_(award) & (CONTRACTOR.c.contact_id == held.person_id)
        ends = sa.update(CONTRACTOR).where(theirs, is_of_contract()).values(contact_until=until)
        session.connection().execute(ends)


def _record(session: Session, actor: Actor, ended: RoleEnded, touched: list[int], now: datetime) -> None:
    """In the register, and in the journal of each project that the role touches."""
    held, last_day = ended.held, ended.last_day
    for project_id in (*touched, None):
        record(
            session,
            "mandate.ended",
            project_id=project_id,
            actor=actor,
            now=now,
            party_code=held.authority_code,
            person=held.person_id,
            role=held.role,
            until=ended.until.isoformat(),
            last_day=last_day.isoformat() if last_day else None,
            reason=ended.reason or None,
        )
