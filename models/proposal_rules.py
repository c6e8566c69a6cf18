"""What is answered to who proposes, confirms or drops: pure, asked by the act under its lock and by the pages."""

from dataclasses import dataclass
from datetime import datetime

from models.mailbox import same_mailbox
from models.paris_time import french_date_time
from models.person import Actor
from models.proposal import PROPOSED_BY, Capacity, Proposal, ProposalKind, ProposalState, waits_for
from models.refusal import Refusal


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Somebody before a proposal: who they are, their address, and in what quality they may turn a key.

    ``key_from``: a contact named too recently to turn one before this instant.
    """

    actor: Actor
    email: str
    capacities: frozenset[Capacity]
    key_from: datetime | None = None


def proposal_refusal(kind: ProposalKind, who: KeyHolder, place: str) -> Refusal | None:
    """Why this person may not propose it for the local authority ``place``."""
    if who.capacities & PROPOSED_BY[kind]:
        return None
    if who.key_from is not None and Capacity.contact in PROPOSED_BY[kind]:
        return NewContact(who.actor, who.key_from)
    return NotYourKey(who.actor, f"proposer « {kind.label} » pour {place}", waits_for(PROPOSED_BY[kind]))


def confirmation_refusal(
    proposal: Proposal,
    who: KeyHolder,
    proposer: KeyHolder | None,
    subject_email: str | None,
    now: datetime,
) -> Refusal | None:
    """Why this person may not confirm this proposal now: what became of it, two persons, two addresses, two sides.

    ``proposer`` is who proposed it with what they are today (None: the operator): they must still speak for that side.
    ``subject_email`` is the address that would get power (of the person named, or the new one that somebody moves to):
    nobody gives it to oneself, under an alias either.
    """
    if refusal := settled_refusal(proposal, now):
        return refusal
    if proposal.proposed_by == who.actor.person_id or (proposer and same_mailbox(proposer.email, who.email)):
        return SamePerson(who.actor.name, proposal)
    able = who.capacities & proposal.confirmers
    if not able and who.key_from is not None and Capacity.contact in proposal.confirmers:
        return NewContact(who.actor, who.key_from)
    if not able:
        return NotYourKey(who.actor, f"confirmer « {proposal.what} »", waits_for(proposal.confirmers))
    if proposer is not None and not still_speaks(proposal, proposer):
        return NoLongerSpeaks(proposer.actor, proposal)
    names_themselves = proposal.subject_id == who.actor.person_id or same_mailbox(subject_email, who.email)
    if names_themselves and Capacity.named not in able:
        return SamePerson(who.actor.name, proposal)
    return None


def still_speaks(proposal: Proposal, proposer: KeyHolder) -> bool:
    """May who proposed it, as they are today, still propose it for its side?"""
    return bool(proposer.capacities & proposal.proposers)


def drop_refusal(proposal: Proposal, who: KeyHolder, now: datetime) -> Refusal | None:
    """Why this person may not drop it: whoever could have proposed or may confirm it can."""
    if refusal := settled_refusal(proposal, now):
        return refusal
    if who.actor.person_id == proposal.proposed_by:
        return None
    able = proposal.proposers | proposal.confirmers
    if who.capacities & able:
        return None
    return NotYourKey(who.actor, f"écarter « {proposal.what} »", waits_for(able))


def settled_refusal(proposal: Proposal, now: datetime) -> Refusal | None:
    """What became of a proposal that no longer waits."""
    if proposal.is_open_at(now):
        return None
    return ProposalSettled(proposal, now)


class NotYourKey(Refusal):
    """The person holds none of the roles that may do it."""

    def __init__(self, actor: Actor, act: str, who_may: str) -> None:
        super().__init__(f"{actor.name} ne peut pas {act} : il y faut {who_may}.")


class NewContact(Refusal):
    """A contact whom the ANCT has just named, where others are known already."""

    def __init__(self, actor: Actor, key_from: datetime) -> None:
        super().__init__(
            f"{actor.name} est interlocuteur depuis moins de cinq jours, et la collectivité avait déjà quelqu’un : "
            f"ce qui donne un pouvoir de signer attend jusqu’au {french_date_time(key_from)} ; d’ici là, le maire, le "
            "président ou un autre interlocuteur peut le faire."
        )


class NoLongerSpeaks(Refusal):
    """Whoever proposed it has left the role in which they did: one key does not outlive its holder's role."""

    def __init__(self, proposer: Actor, proposal: Proposal) -> None:
        super().__init__(
            f"{proposer.name}, qui a proposé « {proposal.what} », n’agit plus pour {proposal.side.label} : écartez "
            f"cette proposition ; elle peut être faite de nouveau par {waits_for(proposal.proposers)}."
        )


class SamePerson(Refusal):
    """One person, or one mailbox, is not two keys."""

    def __init__(self, name: str, proposal: Proposal) -> None:
        super().__init__(
            f"{name} ne peut pas confirmer « {proposal.what} » : ce qui donne un pouvoir de signer, ou l’exerce pour "
            f"quelqu’un, se confirme par une autre personne, d’une autre adresse ({waits_for(proposal.confirmers)})."
        )


class ProposalSettled(Refusal):
    """It waits no longer."""

    def __init__(self, proposal: Proposal, now: datetime) -> None:
        state = proposal.state
        if state is ProposalState.proposed:
            state = ProposalState.expired
        super().__init__(
            f"La proposition n° {proposal.id} (« {proposal.what} ») est {state.label} : il n’y a plus rien à en "
            "faire ; au besoin, proposez-la de nouveau."
        )


class UnknownProposal(Refusal):
    """There is no proposal of this number for this person."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"La proposition n° {number} n’existe pas, ou ne vous concerne pas : vérifiez son numéro."
        )


class OtherProposal(Refusal):
    """Something else is already proposed about the same thing."""

    def __init__(self, proposal: Proposal) -> None:
        super().__init__(
            f"« {proposal.what} » est déjà proposé (n° {proposal.id}) et attend {waits_for(proposal.confirmers)} : "
            "confirmez-le, ou écartez-le d’abord pour proposer autre chose."
        )
