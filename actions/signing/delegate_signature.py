"""Record a delegation of signature: the order, who gives it, on what, and until when (rule 3)."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.ledger.journal import lock_register, record
from actions.mail.notify import tell
from actions.people.add_person import ensure_person
from database.engine import Database
from models.lifecycle import load_lifecycle
from models.local_authority import find_authority
from models.party import Party
from models.person import Actor, NotAllowed, Person, Role
from models.recorded_act import NobodyInOffice
from models.shared_project import SharedProject
from models.signature_delegation import EVERYTHING, InvalidDelegation, SignatureDelegation, UnknownScope
from models.stored_row import identity
from models.subject import Subject
from queries.access.rights import has_role
from queries.ledger.find import find_person
from queries.projects.participants import scopes
from queries.signing.authority import office_holder, role_without_signature


def delegate_signature(
    db: Database,
    actor: Actor,
    *,
    authority_code: str,
    delegate_email: str,
    order_reference: str,
    scope: str,
    valid_from: date,
    valid_until: date,
    to_elected: bool,
    now: datetime,
    delegate_name: str | None = None,
) -> SignatureDelegation:
    """Record the delegation; the same order again is the same delegation. Commits.

    The delegate is somebody known, or is registered under the name that is given (``delegate_name``).

    The mayor or president gives it (CGCT L2122-18 to an elected person, L2122-19 to the staff); they, or
    their local contact, record it: the former is then told by mail. Raises ``NotAllowed``, ``NobodyInOffice``,
    ``InvalidDelegation``, ``UnknownScope``, ``UnknownPerson``, ``UnknownAuthority``.
    """
    authority = find_authority(authority_code)
    if valid_until < valid_from:
        raise InvalidDelegation(
            f"La délégation finirait le {valid_until:%d/%m/%Y}, avant de commencer le {valid_from:%d/%m/%Y} : "
            "corrigez l’une des deux dates."
        )
    if not order_reference.strip():
        raise InvalidDelegation("Une délégation se donne par arrêté : donnez sa référence.")
    scope = _check_scope(scope)
    with db.write() as session:
        lock_register(session)
        _check_right(session, actor, authority.code, authority.name, now)
        delegator = office_holder(session.connection(), authority.code, now)
        if delegator is None:
            raise NobodyInOffice(authority.name)
        delegate = _delegate(session, delegate_email, delegate_name, actor, now)
        _check_delegate(session, delegate, now)
        if delegate.id == actor.person_id != delegator:
            raise InvalidDelegation(
                f"{actor.name} ne peut pas s’enregistrer soi-même une délégation : c’est au maire ou au président de "
                f"{authority.name}, ou à un autre interlocuteur, de l’enregistrer."
            )
        known = session.exec(
            select(SignatureDelegation).where(
                SignatureDelegation.authority_code == authority.code,
                SignatureDelegation.delegate_id == delegate.id,
                SignatureDelegation.order_reference == order_reference,
                col(SignatureDelegation.scope) == scope,
            )
        ).one_or_none()
        if known is not None:
            return _same_or_refused(known, valid_from, valid_until, to_elected)
        delegation = SignatureDelegation(
            authority_code=authority.code,
            delegator_id=delegator,
            delegate_id=identity(delegate),
            order_reference=order_reference,
            scope=scope,
            to_elected=to_elected,
            valid_from=valid_from,
            valid_until=valid_until,
            recorded_by=actor.person_id,
            recorded_at=now,
        )
        session.add(delegation)
        session.flush()
        record(
            session,
            "delegation.recorded",
            project_id=None,
            actor=actor,
            now=now,
            party_code=authority.code,
            delegation=delegation.id,
            delegator=delegator,
            delegate=delegate.id,
            to_elected=to_elected,
            order=order_reference,
            scope=scope,
            valid_from=valid_from.isoformat(),
            valid_until=valid_until.isoformat(),
        )
        if delegator != actor.person_id:
            _tell_delegator(session, delegation, authority.name, delegate, actor, now)
        return delegation


def revoke_delegation(
    db: Database, actor: Actor, delegation_id: int, *, now: datetime
) -> SignatureDelegation:
    """End a delegation at once; what was signed under it stands. Twice is once. Commits.

    Raises ``NotAllowed``, ``InvalidDelegation`` (no such delegation).
    """
    with db.write() as session:
        lock_register(session)
        delegation = session.get(SignatureDelegation, delegation_id)
        if delegation is None:
            raise InvalidDelegation(f"La délégation n° {delegation_id} n’existe pas : vérifiez son numéro.")
        authority = find_authority(delegation.authority_code)
        _check_right(session, actor, authority.code, authority.name, now)
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


def _tell_delegator(
    session: Session,
    given: SignatureDelegation,
    party_name: str,
    delegate: Person,
    actor: Actor,
    now: datetime,
) -> None:
    """Nobody signs in somebody's place without their knowing: a legal notice, whatever they read of the rest."""
    slug = session.exec(
        select(SharedProject.slug)
        .join(Party, col(Party.project_id) == SharedProject.id)
        .where(Party.code == given.authority_code, col(Party.left_at).is_(None))
        .order_by(col(SharedProject.id).desc())
    ).first()
    said = scopes(load_lifecycle())
    tell(
        session,
        [given.delegator_id],
        "delegation_recorded_for_delegator",
        Subject.of("delegation", given.id),
        now,
        project=None,
        party_name=party_name,
        delegate_name=delegate.name,
        delegate_email=delegate.email,
        order=given.order_reference,
        covers=", ".join(said.get(word, word) for word in given.scope.split(",")),
        valid_from=given.valid_from.isoformat(),
        valid_until=given.valid_until.isoformat(),
        recorded_by=actor.name,
        path=f"/projets/{slug}/participants#delegations" if slug else "/mon-compte",
    )


def _delegate(session: Session, email: str, name: str | None, actor: Actor, now: datetime) -> Person:
    return ensure_person(session, email, name, now, actor) if name else find_person(session, email)


def _same_or_refused(
    known: SignatureDelegation, valid_from: date, valid_until: date, to_elected: bool
) -> SignatureDelegation:
    same = (known.valid_from, known.valid_until, known.to_elected) == (valid_from, valid_until, to_elected)
    if same and known.revoked_at is None:
        return known
    state = (
        "révoquée" if known.revoked_at else f"du {known.valid_from:%d/%m/%Y} au {known.valid_until:%d/%m/%Y}"
    )
    raise InvalidDelegation(
        f"L’arrêté {known.order_reference} est déjà enregistré pour cette personne et cette portée (délégation "
        f"n° {known.id}, {state}) : enregistrez un nouvel arrêté, ou révoquez d’abord celui-ci."
    )


def _check_scope(scope: str) -> str:
    stages = load_lifecycle().stages
    known = [stage.key for stage in stages] + [each.key for stage in stages for each in stage.deliverables]
    words = [word.strip() for word in scope.split(",") if word.strip()]
    for word in words or [""]:
        if word not in (EVERYTHING, *known):
            raise UnknownScope(word, known)
    return ",".join(words)


def _check_delegate(session: Session, delegate: Person, now: datetime) -> None:
    if role := role_without_signature(session.connection(), identity(delegate), now):
        raise InvalidDelegation(
            f"{delegate.name} est {role.label} : l’ANCT et les prestataires ne signent jamais pour une "
            "collectivité. Choisissez un élu ou un agent de la collectivité."
        )


def _check_right(session: Session, actor: Actor, code: str, name: str, now: datetime) -> None:
    if not any(
        has_role(session, actor.person_id, role, now, authority_code=code, any_project=True)
        for role in (Role.signatory, Role.local_contact)
    ):
        who = f"le maire ou président de {name}, ou son interlocuteur privilégié,"
        raise NotAllowed(actor, f"enregistrer une délégation de signature de {name}", who)
