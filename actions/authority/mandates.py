"""Write who holds which role: one holder of an office at any instant, nobody on both sides (rule 3)."""

from datetime import datetime

from sqlmodel import Session, select

from actions.ledger.journal import record
from models.person import NEVER_SIGN, ActorOrSystem, Mandate, Person, Role, has_not_ended
from models.refusal import Refusal
from models.role_rules import EndIsPlanned
from models.stored_row import identity
from queries.ledger.find import people_at
from queries.signing.authority import role_without_signature


class IncompatibleRoles(Refusal):
    """The ANCT and the contractors never sign (rule 3): nobody is one of them and a signatory.

    ``other`` is who would be, when they share the mailbox of ``person``.
    """

    def __init__(self, person: Person, role: Role, held: Role, other: Person | None = None) -> None:
        may_not, advice = "ne peut pas être aussi", "Nommez quelqu’un d’autre"
        if other is not None:
            may_not = f"{other.name}, qui partage sa boîte, ne peut pas être"
            advice = "Donnez à cette personne une autre adresse"
        super().__init__(
            f"{person.name} est {held.label} et {may_not} {role.label} : l’ANCT et les prestataires "
            f"ne signent jamais pour une collectivité. {advice}."
        )


def ensure_mandate(session: Session, mandate: Mandate, actor: ActorOrSystem) -> None:
    """Write a new mandate, unless its person holds the role already. Does not commit. Raises ``IncompatibleRoles``,
    ``EndIsPlanned``.

    An office is not given so: two keys turn for it (``propose_office``).
    """
    now = mandate.since
    same_role = select(Mandate).where(
        Mandate.role == mandate.role,
        Mandate.authority_code == mandate.authority_code,
        Mandate.project_id == mandate.project_id,
        has_not_ended(now),
    )
    holders = session.exec(same_role).all()
    for each in holders:
        if each.person_id == mandate.person_id and each.since <= now:
            if each.until is not None:
                raise EndIsPlanned(session.get_one(Person, mandate.person_id).name, mandate.role, each.until)
            return
    check_compatible(session, mandate)
    session.add(mandate)
    _record(session, "mandate.given", mandate, actor, now)


def write_office(session: Session, mandate: Mandate, actor: ActorOrSystem, now: datetime) -> Mandate:
    """Write the office that a second key has confirmed: whoever held it, or was to, stops as the new one begins.

    Whoever holds it already keeps their mandate, on the new evidence. Does not commit. Raises ``IncompatibleRoles``.
    """
    check_compatible(session, mandate)
    holders = session.exec(
        select(Mandate).where(
            Mandate.role == Role.signatory,
            Mandate.authority_code == mandate.authority_code,
            has_not_ended(now),
        )
    ).all()
    for former in holders:
        if former.person_id == mandate.person_id and former.since <= now and former.until is None:
            former.evidence = mandate.evidence
            former.quality = mandate.quality or former.quality
            session.flush()
            return former
    for former in holders:
        last = max(mandate.since, former.since)
        if former.until is None or former.until > last:  # who was to leave before does
            former.until = last
            _record(session, "mandate.ended", former, actor, now)
    session.flush()
    session.add(mandate)
    _record(session, "mandate.given", mandate, actor, now)
    return mandate


def check_compatible(session: Session, mandate: Mandate) -> None:
    """Nobody signs and is of the ANCT, or a contractor (rule 3), whichever they became first; nor do two people of one
    mailbox, whoever reads it being either."""
    person = session.get_one(Person, mandate.person_id)
    for each in people_at(session, person.email):
        if held := _opposed(session, mandate, identity(each)):
            raise IncompatibleRoles(each, mandate.role, held, None if each is person else person)


def _opposed(session: Session, mandate: Mandate, person_id: int) -> Role | None:
    if mandate.role is Role.signatory:
        return role_without_signature(session.connection(), person_id, mandate.since)
    if mandate.role not in NEVER_SIGN:
        return None
    query = select(Mandate.id).where(
        Mandate.person_id == person_id, Mandate.role == Role.signatory, has_not_ended(mandate.since)
    )
    return Role.signatory if session.exec(query.limit(1)).first() else None


def _record(session: Session, event: str, mandate: Mandate, actor: ActorOrSystem, now: datetime) -> None:
    session.flush()
    record(
        session,
        event,
        project_id=mandate.project_id,
        actor=actor,
        now=now,
        party_code=mandate.authority_code,
        person=mandate.person_id,
        role=mandate.role,
    )
