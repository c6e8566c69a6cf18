"""The mails about authority: what is proposed, and what became of it. No mail preference silences them."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from actions.mail.message_values import iso
from actions.mail.notify import tell
from models.local_authority import find_authority
from models.paris_time import paris_day
from models.person import Actor, ActorOrSystem, Person
from models.proposal import Capacity, Proposal, ProposalKind, waits_for
from models.shared_project import SharedProject
from models.signature_delegation import SignatureDelegation
from models.subject import Subject
from queries.authority.keyring import people_with
from queries.authority.proposal_facts import facts_of, proposer_of

CONCERNED = (Capacity.contact, Capacity.holder, Capacity.agent)
"""Who hears of all that touches a city's authority, whoever did it."""


def tell_proposed(session: Session, proposal: Proposal, who_loses: Iterable[int], now: datetime) -> None:
    """Ask those who may confirm it; tell the others whom it touches, the former holder among them. Does not commit."""
    where = (proposal.authority_code, proposal.project_id, now)
    able = [
        each
        for each in (*people_with(session, proposal.confirmers, *where), proposal.named_contact)
        if each not in (None, proposal.proposed_by)
    ]
    _tell(session, proposal, able, "authority_to_confirm", now)
    told = {*able, proposal.proposed_by}
    others = [
        each
        for each in (*who_loses, *people_with(session, CONCERNED, *where), proposal.subject_id)
        if each is not None and each not in told
    ]
    _tell(session, proposal, others, "authority_proposed", now)


def tell_settled(
    session: Session, proposal: Proposal, who_lost: Iterable[int], actor: ActorOrSystem, now: datetime
) -> None:
    """Tell what became of it to everybody it touches, save whoever has just settled it. Does not commit."""
    where = (proposal.authority_code, proposal.project_id, now)
    people = (
        proposal.proposed_by,
        proposal.subject_id,
        proposal.named_contact,
        *who_lost,
        *people_with(session, CONCERNED, *where),
    )
    me = getattr(actor, "person_id", None)
    others = [each for each in people if each is not None and each != me]
    _tell(session, proposal, others, "authority_settled", now)


def tell_revoked(
    session: Session, delegation: SignatureDelegation, city: str, actor: Actor, now: datetime
) -> None:
    """Tell that a delegation is over: its delegate, who gave it, the contact and the agents. Does not commit."""
    concerned = people_with(session, CONCERNED, delegation.authority_code, None, now)
    people = [
        each
        for each in (delegation.delegate_id, delegation.delegator_id, *concerned)
        if each != actor.person_id
    ]
    tell(
        session,
        people,
        "delegation_revoked",
        Subject.of("delegation", delegation.id),
        now,
        project=None,
        party_name=city,
        order=delegation.order_reference,
        delegate_name=session.get_one(Person, delegation.delegate_id).name,
        revoked_by=actor.name,
        path="/projets",
    )


def tell_contact_named(
    session: Session,
    authority_code: str,
    project: SharedProject,
    person: Person,
    actor: ActorOrSystem,
    now: datetime,
) -> None:
    """Tell those who are known for a city that somebody else becomes its contact: they could say that it is wrong.

    To be called before the role is given. A city of which nobody is known has nobody to tell. Does not commit.
    """
    city = people_with(session, (Capacity.contact, Capacity.holder), authority_code, None, now)
    city = [each for each in city if each != person.id]
    if not city:
        return
    agents = people_with(session, (Capacity.agent,), authority_code, project.id, now)
    me = actor.person_id if isinstance(actor, Actor) else None
    tell(
        session,
        [each for each in (*city, *agents) if each not in (me, person.id)],
        "contact_named",
        Subject.of("person", person.id, "contact", authority_code, project=project.id),
        now,
        project=project,
        party_name=find_authority(authority_code).name,
        contact_name=person.name,
        contact_email=person.email,
        named_by=actor.name if isinstance(actor, Actor) else "L’ANCT",
        path=f"/projets/{project.slug}/participants",
    )


def _tell(session: Session, proposal: Proposal, people: Iterable[int], message: str, now: datetime) -> None:
    project = session.get(SharedProject, proposal.project_id) if proposal.project_id else None
    decided_by = session.get_one(Person, proposal.decided_by).name if proposal.decided_by else None
    tell(
        session,
        people,
        message,
        Subject.of("proposal", proposal.id, proposal.state.value),
        now,
        project=project,
        party_name=find_authority(proposal.authority_code).name,
        what=proposal.what,
        facts=[list(fact) for fact in facts_of(session, proposal)],
        proposed_by=proposer_of(session, proposal),
        waits_for=waits_for(proposal.confirmers),
        expires_on=iso(paris_day(proposal.expires_at)),
        state=proposal.state.value,
        decided_by=decided_by,
        reason=proposal.reason,
        gives_power=proposal.kind in (ProposalKind.office, ProposalKind.delegation),
        has_file=proposal.file_sha256 is not None,
        path=f"/confirmations/{proposal.id}",
    )
