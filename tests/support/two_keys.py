"""What is proposed about authority, by whom, and the people of every side who may try to confirm it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, NIORT, Cast
from database_contents import everything
from sqlmodel import col, select

from actions.confirmation.settle import confirm_proposal
from actions.people.add_person import Registration, add_person
from actions.people.invite_person import Invitation, invite_person
from actions.people.propose_holder import NewHolder, propose_holder
from actions.projects.leave_project import DepartureRequest, propose_departure
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from actions.signing.paper_act import PaperAct
from actions.signing.sign_off import SignOffRequest
from actions.signing.sign_on_paper import PaperSignOff, sign_on_paper
from actions.signing.withdraw_on_paper import PaperWithdrawal, withdraw_on_paper
from actions.signing.withdraw_sign_off import SignOffWithdrawal
from models.act_kind import ActKind
from models.audit_entry import AuditEntry
from models.local_authority import siren_of
from models.person import Actor, AuthMethod, Mandate, Person, Role
from models.proposal import Proposal, ProposalKind, ProposalState
from models.refusal import Refusal
from models.sign_off import Decision
from models.stored_row import identity

NOTE = "note_de_cadrage"
NEW_MAYOR = "nouvelle@niort.example"
DEPUTY = "adjointe@niort.example"
SECOND = "second@niort.example"


def people(cast: Cast) -> dict[str, Actor]:
    """Somebody of every side; Niort has a second contact, and a delegate."""
    cast.award()
    known_contact(cast, SECOND)
    return {
        "agent": cast.agent,
        "contact": cast.contact(NIORT),
        "second contact": cast.person(SECOND),
        "mayor": cast.mayor(NIORT),
        "delegate": cast.delegate(NIORT, email="deleguee@niort.example"),
        "another contact": cast.contact(BOURGES),
        "another mayor": cast.mayor(BOURGES),
        "contractor": cast.contractor,
        "observer": cast.observer,
        "outsider": cast.outsider,
    }


def known_contact(cast: Cast, email: str) -> None:
    """One more contact of Niort, known as long as the first."""
    also_is(cast, email, Role.local_contact, NIORT)
    first = select(Mandate.since).where(Mandate.person_id == cast.contact(NIORT).person_id)
    theirs = sa.update(Mandate).where(col(Mandate.person_id) == cast.person(email).person_id)
    with cast.db.write() as session:
        since = session.exec(first).one()
        session.connection().execute(theirs.values(since=since))


def also_is(cast: Cast, email: str, role: Role, code: str | None = None) -> None:
    """Give somebody one more role; what is proposed goes on waiting."""
    add_person(cast.db, Registration(email, cast.name_of(email), role, code), now=cast.now)


def by_proconnect(actor: Actor, code: str = NIORT) -> Actor:
    """The same person, whom ProConnect brought for the organisation of this city."""
    return replace(actor, auth_method=AuthMethod.proconnect, acr="eidas1", organisation_siren=siren_of(code))


def by_mail(actor: Actor) -> Actor:
    """The same person, who came by a link received by mail."""
    return replace(actor, auth_method=AuthMethod.email_link)


def agent_proposes_mayor(cast: Cast, email: str = NEW_MAYOR, *, actor: Actor | None = None) -> Proposal:
    """The ANCT invites somebody as mayor of Niort, in place of the present one."""
    invitation = Invitation(
        cast.slug, email, cast.name_of(email, "Nadège Roy"), Role.signatory, NIORT, "Maire", takes_over=True
    )
    invite_person(cast.db, actor or cast.agent, invitation, now=cast.now)
    return waiting(cast, ProposalKind.office)


def propose_mayor(
    cast: Cast, actor: Actor, email: str = NEW_MAYOR, *, on: date | None = None, act: str | None = None
) -> Proposal:
    """Propose the next mayor of Niort, from the day ``on`` if it is told; ``act`` is the text of what proves it."""
    proof = cast.files.receive_path(cast.write(act, "pv.pdf")) if act else None
    holder = NewHolder(NIORT, email, cast.name_of(email, "Nadège Roy"), "Maire", on, proof)
    return propose_holder(cast.db, actor, holder, now=cast.now)


def order(cast: Cast, email: str = DEPUTY, *, has_file: bool = True, **changes: object) -> DelegationRequest:
    """An order of the mayor of Niort, with its file."""
    scan = cast.files.receive_path(cast.write("l’arrêté", "arrete.pdf")) if has_file else None
    request = DelegationRequest(
        authority_code=NIORT,
        delegate_email=email,
        delegate_name=cast.name_of(email, "Odile Fournier"),
        order_reference="Arrêté 2026-118",
        scope="all",
        valid_from=cast.today,
        valid_until=cast.today + timedelta(days=365),
        to_elected=True,
        order_file=scan,
    )
    return replace(request, **changes)  # type: ignore[arg-type]


def propose_delegation(cast: Cast, actor: Actor, *, has_file: bool = True, email: str = DEPUTY) -> Proposal:
    return delegate_signature(cast.db, actor, order(cast, email, has_file=has_file), now=cast.now)


def signed_paper(cast: Cast, day: date | None = None, text: str = "le papier signé") -> PaperAct:
    """The mayor's signature on paper, given today."""
    scan = cast.files.receive_path(cast.write(text, "scan.pdf"))
    return PaperAct(ActKind.elected_signature, day or cast.today, scan)


def propose_paper(
    cast: Cast, actor: Actor, code: str = NIORT, *, paper: PaperAct | None = None, **changes: object
) -> Proposal:
    """Propose that this city has approved the framing note on paper."""
    note = cast.deliverable(NOTE)
    request = SignOffRequest(identity(note), identity(cast.party(code)), note.sha256 or "", Decision.approved)
    asked = PaperSignOff(replace(request, **changes), paper or signed_paper(cast))  # type: ignore[arg-type]
    return sign_on_paper(cast.db, actor, asked, now=cast.now)


def propose_withdrawal(cast: Cast, actor: Actor, *, paper: PaperAct | None = None) -> Proposal:
    """Propose that Niort takes back, by an act, what it decided on the framing note."""
    withdrawal = SignOffWithdrawal(cast.slug, "constitution", NOTE, NIORT, "Le conseil veut en débattre.")
    asked = PaperWithdrawal(withdrawal, paper or signed_paper(cast, text="le retrait signé"))
    return withdraw_on_paper(cast.db, actor, asked, now=cast.now)


def propose_to_leave(cast: Cast, actor: Actor, code: str = NIORT) -> Proposal:
    """Propose that the city leaves the project, with its council's decision."""
    decision = cast.files.receive_path(cast.write("le conseil décide.", "depart.pdf"))
    request = DepartureRequest(cast.slug, code, "Changement de majorité", decision)
    return propose_departure(cast.db, actor, request, now=cast.now)


def waiting(cast: Cast, kind: ProposalKind) -> Proposal:
    """The one proposal of this kind that waits."""
    (found,) = cast.open_proposals(kind)
    return found


def again(cast: Cast, proposal: Proposal) -> Proposal:
    """The proposal as it stands now."""
    (found,) = cast.all(Proposal, Proposal.id == proposal.id)
    assert isinstance(found, Proposal)
    return found


def state_of(cast: Cast, proposal: Proposal) -> ProposalState:
    return again(cast, proposal).state


def offices(cast: Cast, code: str = NIORT) -> list[Mandate]:
    """The mandates of mayor of this city, the first one first."""
    found = cast.all(Mandate, Mandate.role == Role.signatory, Mandate.authority_code == code)
    return list(found)  # type: ignore[arg-type]


def register_events(cast: Cast, event: str) -> list[dict[str, object]]:
    """What each entry of this event holds, in whichever journal."""
    found = cast.all(AuditEntry, AuditEntry.event == event)
    return [each.payload for each in found]  # type: ignore[attr-defined]


def told_of(cast: Cast, proposal: Proposal, message: str) -> set[str]:
    """The addresses of those who are owed this message about this proposal."""
    path = f"/confirmations/{proposal.id}"
    readers = {each.recipient_id for each in cast.notices(message) if each.payload["path"] == path}
    return {each.email for each in cast.all(Person, col(Person.id).in_(readers))}  # type: ignore[attr-defined]


def leaves(cast: Cast, who: Actor) -> None:
    """All their roles end."""
    with cast.db.write() as session:
        ended = sa.update(Mandate).where(Mandate.person_id == who.person_id)  # type: ignore[arg-type]
        session.connection().execute(ended.values(until=cast.now))


def try_to_confirm(
    cast: Cast, who: Actor, proposal: Proposal, refusal: type[Refusal] | tuple[type[Refusal], ...]
) -> str:
    """They are refused, with a sentence, and nothing has changed."""
    before = everything(cast.db)
    with pytest.raises(refusal) as refused:
        confirm_proposal(cast.db, who, identity(proposal), now=cast.now)
    assert everything(cast.db) == before
    return str(refused.value)
