"""What a command says of something that waits for its second key."""

from commands.printing import answer, day
from models.paris_time import paris_day
from models.proposal import Proposal, ProposalState, waits_for
from models.proposal_shapes import ProposalShown


def answer_proposal(proposal: Proposal, as_json: bool) -> None:
    """The proposal: whom it waits for, and how they confirm it; or what became of it."""
    answer(proposed(proposal), ProposalShown.of(proposal), as_json)


def proposed(proposal: Proposal) -> str:
    """Whom it waits for, and how they confirm it; or what became of it."""
    if proposal.state is not ProposalState.proposed:
        return f"« {proposal.what} » : {proposal.state.label}."
    return (
        f"« {proposal.what} » est proposé (n° {proposal.id}) et ne donne rien avant d’être confirmé, d’ici le "
        f"{day(paris_day(proposal.expires_at))}, par {waits_for(proposal.confirmers)} : "
        f"« projet-partage authority confirm {proposal.id} --as ADRESSE »."
    )
