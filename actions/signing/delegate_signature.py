"""Record a delegation of signature: the order, who gives it, on what, and until when (rule 3)."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.ledger.journal import lock_register, record
from actions.mail.notify import tell
from actions.people.add_person import ensure_person
from database.engine import Database
from models.lifecycle import load_lifecycle
from models.local_authority import LocalAuthority, find_authority
from models.party import Party, is_present
from models.person import Actor, NotAllowed, Person, Role
from models.recorded_act import NobodyInOffice
from models.shared_project import SharedProject
from models.signature_delegation import (
    InvalidDelegation,
    SignatureDelegation,
    UnknownScope,
    delegation_scopes,
)
from models.stored_row import identity
from models.subject import Subject
from queries.access.rights import has_role
from queries.ledger.find import find_person
from queries.signing.authority import office_holder, role_without_signature


@dataclass(frozen=True, slots=True)
class DelegationRequest:
    """The order (arrêté) to record. ``delegate_name`` registers a delegate whom nobody knows yet."""

    authority_code: str
    delegate_email: str
    order_reference: str
    scope: str
    valid_from: date
    valid_until: date
    to_elected: bool
    delegate_name: str | None = None


def delegate_signature(
    db: Database, actor: Actor, request: DelegationRequest, *, now: datetime
) -> SignatureDelegation:
    """Record the delegation; the same order again is the same delegation. Commits.

    The mayor or president gives it (CGCT L2122-18 to an elected person, L2122-19 to the staff); they, or
    their local contact, record it: the former is then told by mail. Raises ``NotAllowed``, ``NobodyInOffice``,
    ``InvalidDelegation``, ``UnknownScope``, ``UnknownPerson``, ``UnknownAuthority``.
    """
    authority = find_authority(request.authority_code)
    _check_order(request)
    scope = _check_scope(request.scope)
    with db.write() as session:
        lock_register(session)
        _check_right(session, actor, authority, now)
        delegator = office_holder(session.connection(), authority.code, now)
        if delegator is None:
            raise NobodyInOffice(authority.name)
        delegate = _delegate(session, request, actor, now)
        _check_delegate(session, delegate, delegator, authority, actor, now)
        delegation = SignatureDelegation(
            authority_code=authority.code,
            delegator_id=delegator,
            delegate_id=identity(delegate),
            order_reference=request.order_reference,
            scope=scope,
            to_elected=request.to_elected,
            valid_from=request.valid_from,
            valid_until=request.valid_until,
            recorded_by=actor.person_id,
            recorded_at=now,
        )
        if same := _recorded_before(session, delegation):
            return same
        session.add(delegation)
        session.flush()
        _record(session, delegation, actor, now)
        if delegator != actor.person_id:
            _tell_delegator(session, delegation, authority.name, delegate, actor, now)
        return delegation


def revoke_delegation(
    db: Database, actor: Actor, delegation_id: int, *, now: datetime
) -> SignatureDelegation:
    """End a delegation at once; what was signed under it stands. Ended before, it changes nothing. Commits.

    Raises ``NotAllowed``, ``InvalidDelegation`` (no such delegation).
    """
    with db.write() as session:
        lock_register(session)
        delegation = session.get(SignatureDelegation, delegation_id)
        if delegation is None:
            raise InvalidDelegation(f"La délégation n° {delegation_id} n’existe pas : vérifiez son numéro.")
        authority = find_authority(delegation.authority_code)
        _check_right(session, actor, authority, now)
        if delegation.revoked_at is None:
            delegation.revoked_at = now
            session.flush()
            record(
                session,
                "delegation.revoked",
                project_id=None,
                actor=actor,
                now=now,
                party_code=authority.code,
                delegation=delegation_id,
            )
        return delegation


def _check_order(request: DelegationRequest) -> None:
    if request.valid_until < request.valid_from:
        raise InvalidDelegation(
            f"La délégation finirait le {request.valid_until:%d/%m/%Y}, avant de commencer le "
            f"{request.valid_from:%d/%m/%Y} : corrigez l’une des deux dates."
        )
    if not request.order_reference.strip():
        raise InvalidDelegation("Une délégation se donne par arrêté : donnez sa référence.")


def _check_scope(scope: str) -> str:
    scopes = delegation_scopes(load_lifecycle())
    words = [word.strip() for word in scope.split(",") if word.strip()]
    for word in words or [""]:
        if word not in scopes:
            raise UnknownScope(word, scopes)
    return ",".join(words)


def _check_right(session: Session, actor: Actor, authority: LocalAuthority, now: datetime) -> None:
    if not any(
        has_role(session, actor.person_id, role, now, authority_code=authority.code, any_project=True)
        for role in (Role.signatory, Role.local_contact)
    ):
        who = f"le maire ou président de {authority.name}, ou son interlocuteur privilégié,"
        raise NotAllowed(actor, f"enregistrer une délégation de signature de {authority.name}", who)


def _delegate(session: Session, request: DelegationRequest, actor: Actor, now: datetime) -> Person:
    email, name = request.delegate_email, request.delegate_name
    return ensure_person(session, email, name, now, actor) if name else find_person(session, email)


def _check_delegate(
    session: Session,
    delegate: Person,
    delegator: int,
    authority: LocalAuthority,
    actor: Actor,
    now: datetime,
) -> None:
    if role := role_without_signature(session.connection(), identity(delegate), now):
        raise InvalidDelegation(
            f"{delegate.name} est {role.label} : l’ANCT et les prestataires ne signent jamais pour une "
            "collectivité. Choisissez un élu ou un agent de la collectivité."
        )
    if delegate.id == actor.person_id != delegator:
        raise InvalidDelegation(
            f"{actor.name} ne peut pas s’enregistrer soi-même une délégation : c’est au maire ou au président de "
            f"{authority.name}, ou à un autre interlocuteur, de l’enregistrer."
        )


def _recorded_before(session: Session, wanted: SignatureDelegation) -> SignatureDelegation | None:
    """The delegation of the same order, while it runs on the same terms; on others, raises ``InvalidDelegation``."""
    recorded = session.exec(
        select(SignatureDelegation).where(
            SignatureDelegation.authority_code == wanted.authority_code,
            SignatureDelegation.delegate_id == wanted.delegate_id,
            SignatureDelegation.order_reference == wanted.order_reference,
            col(SignatureDelegation.scope) == wanted.scope,
        )
    ).one_or_none()
    if recorded is None:
        return None
    days = f"du {recorded.valid_from:%d/%m/%Y} au {recorded.valid_until:%d/%m/%Y}"
    if recorded.revoked_at is None and _terms(recorded) == _terms(wanted):
        return recorded
    raise InvalidDelegation(
        f"L’arrêté {recorded.order_reference} est déjà enregistré pour cette personne et cette portée (délégation "
        f"n° {recorded.id}, {'révoquée' if recorded.revoked_at else days}) : enregistrez un nouvel arrêté, ou "
        "révoquez d’abord celui-ci."
    )


def _terms(delegation: SignatureDelegation) -> tuple[date, date, bool]:
    return delegation.valid_from, delegation.valid_until, delegation.to_elected


def _record(session: Session, delegation: SignatureDelegation, actor: Actor, now: datetime) -> None:
    record(
        session,
        "delegation.recorded",
        project_id=None,
        actor=actor,
        now=now,
        party_code=delegation.authority_code,
        delegation=delegation.id,
        delegator=delegation.delegator_id,
        delegate=delegation.delegate_id,
        to_elected=delegation.to_elected,
        order=delegation.order_reference,
        scope=delegation.scope,
        valid_from=delegation.valid_from.isoformat(),
        valid_until=delegation.valid_until.isoformat(),
    )


def _tell_delegator(
    session: Session,
    delegation: SignatureDelegation,
    party_name: str,
    delegate: Person,
    actor: Actor,
    now: datetime,
) -> None:
    """Nobody signs in somebody's place without their knowing: a legal notice, sent whatever news they want."""
    slug = session.exec(
        select(SharedProject.slug)
        .join(Party, col(Party.project_id) == SharedProject.id)
        .where(Party.code == delegation.authority_code, is_present())
        .order_by(col(SharedProject.id).desc())
    ).first()
    titles = delegation_scopes(load_lifecycle())
    tell(
        session,
        [delegation.delegator_id],
        "delegation_recorded_for_delegator",
        Subject.of("delegation", delegation.id),
        now,
        project=None,
        party_name=party_name,
        delegate_name=delegate.name,
        delegate_email=delegate.email,
        order=delegation.order_reference,
        covers=", ".join(titles.get(word, word) for word in delegation.scope.split(",")),
        valid_from=delegation.valid_from.isoformat(),
        valid_until=delegation.valid_until.isoformat(),
        recorded_by=actor.name,
        path=f"/projets/{slug}/participants#delegations" if slug else "/mon-compte",
    )
