"""Record a delegation of signature: the order, who gives it, on what, and until when (rule 3)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from sqlmodel import Session, col, select

from actions.authority.office import office_mandate
from actions.authority.pass_duties import passing_duties
from actions.authority.put_forward import Draft, proposal_of, put_forward, record_settled
from actions.files.store_file import ReceivedFile
from actions.ledger.journal import lock_register, record
from actions.people.add_person import ensure_person
from database.engine import Database
from models.evidence import Evidence
from models.lifecycle import load_lifecycle
from models.local_authority import LocalAuthority, find_authority
from models.mailbox import same_mailbox
from models.person import NAME, Actor, Person, SharedMailbox
from models.proposal import Proposal, ProposalKind, ProposalState, Side
from models.proposal_rules import proposal_refusal
from models.recorded_act import NobodyInOffice
from models.request import Request
from models.sign_off_rules import organisation_refusal
from models.signature_delegation import (
    ORDER,
    SCOPE,
    VALID_FROM,
    VALID_UNTIL,
    InvalidDelegation,
    SignatureDelegation,
    UnknownScope,
    delegation_scopes,
    is_valid,
)
from models.stored_row import identity
from queries.authority.keys import key_holder, living_projects
from queries.ledger.find import find_person, people_at
from queries.signing.authority import office_holder, role_without_signature


@dataclass(frozen=True, slots=True)
class DelegationRequest(Request):
    """The order (arrêté) to record, with its file. ``delegate_name`` registers a delegate whom nobody knows yet."""

    authority_code: str
    delegate_email: str
    order_reference: Annotated[str, ORDER]
    scope: Annotated[str, SCOPE]
    valid_from: Annotated[date, VALID_FROM]
    valid_until: Annotated[date, VALID_UNTIL]
    to_elected: bool
    delegate_name: Annotated[str | None, NAME] = None
    order_file: ReceivedFile | None = None
    shares_mailbox: bool = False


def delegate_signature(db: Database, actor: Actor, request: DelegationRequest, *, now: datetime) -> Proposal:
    """Record the delegation; the same order again is the same. Commits.

    The mayor or president gives it (CGCT L2122-18 to an elected person, L2122-19 to the staff): by their own hand it
    holds at once. Their local contact proposes it, to be confirmed by them or, when the order's file is there, by an
    agent who has read it. The proposal returned says which (``state``), and names the delegation (``result_id``).
    Raises ``NotYourKey``, ``NobodyInOffice``, ``InvalidDelegation``, ``UnknownScope``, ``UnknownPerson``,
    ``UnknownAuthority``, ``OtherProposal``, ``OtherOrganisation``.
    """
    authority = find_authority(request.authority_code)
    _check_order(request)
    scope = _check_scope(request.scope)
    with db.write() as session:
        lock_register(session)
        delegator = _delegator(session, actor, authority, now)
        delegate = _delegate(session, request, actor, now)
        _check_delegate(session, delegate, delegator, authority, actor, now)
        order = {
            "delegator": delegator,
            "order_reference": request.order_reference.strip(),
            "scope": scope,
            "to_elected": request.to_elected,
            "valid_from": request.valid_from.isoformat(),
            "valid_until": request.valid_until.isoformat(),
        }
        draft = _draft(session, authority, identity(delegate), order, request.order_file)
        if same := _recorded_before(session, authority.code, identity(delegate), order, now):
            return proposal_of(session, ProposalKind.delegation, identity(same), draft, now)
        if delegator != actor.person_id:
            return put_forward(session, draft, actor, now)
        proposal = put_forward(session, draft, actor, now, needs_key=False)
        with passing_duties(session, living_projects(session, authority.code), now):
            proposal.result_id = carry_out_delegation(session, proposal, actor, now)
        record_settled(session, proposal, ProposalState.confirmed, actor, now)
        return proposal


def _draft(
    session: Session,
    authority: LocalAuthority,
    delegate_id: int,
    order: dict[str, Any],
    file: ReceivedFile | None,
) -> Draft:
    kept = file.keep(session) if file else None
    about = hashlib.sha256(f"{order['order_reference']}|{order['scope']}".encode()).hexdigest()[:16]
    return Draft(
        ProposalKind.delegation,
        f"delegation:{authority.code}:{delegate_id}:{about}",
        authority.code,
        Side.party,
        f"Délégation de signature de {authority.name} (arrêté {order['order_reference']})",
        order,
        subject_id=delegate_id,
        file_sha256=kept.sha256 if kept else None,
        file_name=kept.name if kept else None,
    )


def carry_out_delegation(session: Session, proposal: Proposal, actor: Actor, now: datetime) -> int:
    """Write the delegation that two keys, or the delegator's own hand, give; returns its number. Does not commit.

    The order is its present holder's: raises ``InvalidDelegation`` when the office has passed on meanwhile, though it
    came back to the same person since, or when the delegate may no longer sign.
    """
    asked, authority = proposal.request, find_authority(proposal.authority_code)
    office = office_mandate(session, authority.code, now)
    is_theirs = office is not None and office.person_id == asked["delegator"]
    if office is None or not is_theirs or office.since > proposal.proposed_at:
        raise InvalidDelegation(
            f"L’arrêté {asked['order_reference']} est d’un autre maire ou président que celui d’aujourd’hui : une "
            "délégation finit avec la fonction de qui l’a donnée ; enregistrez un nouvel arrêté."
        )
    delegate = session.get_one(Person, proposal.subject_id)
    _check_delegate(session, delegate, office.person_id, authority, None, now)
    delegation = SignatureDelegation(
        authority_code=authority.code,
        delegator_id=office.person_id,
        delegate_id=identity(delegate),
        order_reference=asked["order_reference"],
        scope=asked["scope"],
        to_elected=asked["to_elected"],
        valid_from=date.fromisoformat(asked["valid_from"]),
        valid_until=date.fromisoformat(asked["valid_until"]),
        recorded_by=proposal.proposed_by or actor.person_id,
        recorded_at=now,
        evidence=Evidence.act if proposal.file_sha256 else Evidence.confirmed,
        file_sha256=proposal.file_sha256,
        file_name=proposal.file_name,
    )
    session.add(delegation)
    session.flush()
    _record(session, delegation, actor, now)
    return identity(delegation)


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


def check_may_delegate(session: Session, actor: Actor, authority: LocalAuthority, now: datetime) -> None:
    """Its holder or its contact, in a project that lives: those who propose a delegation may end one."""
    who = key_holder(session, actor, authority.code, None, now)
    if refusal := proposal_refusal(ProposalKind.delegation, who, authority.name):
        raise refusal
    act = f"enregistrer une délégation de signature de {authority.name}"
    if elsewhere := organisation_refusal(actor, authority.code, authority.name, act):
        raise elsewhere


def _delegator(session: Session, actor: Actor, authority: LocalAuthority, now: datetime) -> int:
    """Who delegates their signature, once the actor may record it."""
    check_may_delegate(session, actor, authority, now)
    delegator = office_holder(session.connection(), authority.code, now)
    if delegator is None:
        raise NobodyInOffice(authority.name)
    return delegator


def _delegate(session: Session, request: DelegationRequest, actor: Actor, now: datetime) -> Person:
    email, name = request.delegate_email, request.delegate_name
    if name:
        return ensure_person(session, email, name, now, actor, shares_mailbox=request.shares_mailbox)
    try:
        return find_person(session, email)
    except SharedMailbox:
        raise SharedMailbox(email) from None  # the actor may know none of them


def _check_delegate(
    session: Session,
    delegate: Person,
    delegator: int,
    authority: LocalAuthority,
    actor: Actor | None,
    now: datetime,
) -> None:
    """The delegate may sign, and is not who records it; asked again at the second key, without ``actor``."""
    for each in people_at(session, delegate.email):  # whoever reads their mailbox is any of them
        role = role_without_signature(session.connection(), identity(each), now)
        if role is None:
            continue
        raise InvalidDelegation(
            f"{each.name} est {role.label} : l’ANCT et les prestataires ne signent jamais pour une "
            "collectivité. Choisissez un élu ou un agent de la collectivité."
        )
    if actor is None or actor.person_id == delegator:
        return
    if delegate.id == actor.person_id or same_mailbox(
        session.get_one(Person, actor.person_id).email, delegate.email
    ):
        raise InvalidDelegation(
            f"{actor.name} ne peut pas s’enregistrer soi-même une délégation, sous cette adresse ni sous une autre : "
            f"c’est au maire ou au président de {authority.name}, ou à un autre interlocuteur, de l’enregistrer."
        )


def _recorded_before(
    session: Session, authority_code: str, delegate_id: int, order: Mapping[str, Any], now: datetime
) -> SignatureDelegation | None:
    """The delegation of the same order, while it runs on the same terms; on others, raises ``InvalidDelegation``."""
    recorded = session.exec(
        select(SignatureDelegation).where(
            SignatureDelegation.authority_code == authority_code,
            SignatureDelegation.delegate_id == delegate_id,
            SignatureDelegation.order_reference == order["order_reference"],
            col(SignatureDelegation.scope) == order["scope"],
        )
    ).one_or_none()
    if recorded is None:
        return None
    days = f"du {recorded.valid_from:%d/%m/%Y} au {recorded.valid_until:%d/%m/%Y}"
    terms = (recorded.valid_from.isoformat(), recorded.valid_until.isoformat(), recorded.to_elected)
    stands = select(SignatureDelegation.id).where(SignatureDelegation.id == recorded.id, is_valid(now))
    is_over = session.exec(stands).first() is None
    same = terms == (order["valid_from"], order["valid_until"], order["to_elected"])
    if same and not is_over:
        return recorded
    state = (
        "révoquée" if recorded.revoked_at else "finie avec la fonction de qui l’a donnée" if is_over else days
    )
    raise InvalidDelegation(
        f"L’arrêté {recorded.order_reference} est déjà enregistré pour cette personne et cette portée (délégation "
        f"n° {recorded.id}, {state}) : enregistrez un nouvel arrêté, ou révoquez d’abord celui-ci."
    )


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
