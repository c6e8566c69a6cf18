"""A proposal as somebody reads it: what it asks, who proposed it, whom it waits for, and what they may do about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.person import Actor, Person
from models.proposal import Proposal, ProposalState, is_open, waits_for
from models.proposal_rules import drop_refusal
from models.refusal import Refusal
from models.shared_project import SharedProject
from models.stored_row import identity
from queries.access.project_access import NotVisible
from queries.access.standing import standings
from queries.authority.keys import key_holder_of, living_projects, refusal_to_confirm
from queries.authority.proposal_facts import Facts, facts_of, proposer_of
from queries.authority.visible import is_visible_to
from queries.ledger.find import find_project, parties_of
from queries.ledger.kept_file import KeptFile


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """The proposal, its ``facts`` line by line, and what would be answered to its reader."""

    proposal: Proposal
    facts: Facts
    proposed_by: str
    waits_for: str
    is_open: bool
    decided_by: str | None
    project_title: str | None
    project_path: str | None
    about_path: str | None
    confirmation_refusal: Refusal | None
    drop_refusal: Refusal | None
    is_mine: bool

    @property
    def path(self) -> str:
        """Its page."""
        return f"/confirmations/{self.proposal.id}"

    @property
    def file_path(self) -> str | None:
        """Its document, if it has one."""
        return f"{self.path}/document" if self.proposal.file_sha256 else None


def read_proposal(session: Session, number: int, actor: Actor, now: datetime) -> ProposalPage:
    """The page of one proposal; raises ``NotVisible``. Writes nothing."""
    return _page(session, _visible(session, number, actor, now), actor, now)


def proposal_file(session: Session, number: int, actor: Actor, now: datetime) -> KeptFile:
    """The document that a proposal rests on, for whoever may read it; raises ``NotVisible``."""
    proposal = _visible(session, number, actor, now)
    if proposal.file_sha256 is None:
        raise NotVisible
    return KeptFile(proposal.file_sha256, proposal.file_name or "document")


def proposals_for(session: Session, actor: Actor, now: datetime) -> list[ProposalPage]:
    """The open proposals that this person may read, those they may confirm first. Writes nothing."""
    pages = [
        _page(session, proposal, actor, now)
        for proposal in session.exec(select(Proposal).where(is_open(now)).order_by(col(Proposal.id)))
        if is_visible_to(session, proposal, actor, now)
    ]
    return sorted(pages, key=lambda each: each.confirmation_refusal is not None)


def proposals_of_project(session: Session, slug: str, actor: Actor, now: datetime) -> list[ProposalPage]:
    """Those of a project and of its cities' offices and delegations, that this person may read. Writes nothing."""
    project_id = identity(find_project(session, slug))
    codes = {each.code for each in parties_of(session, project_id)}
    query = select(Proposal).where(
        is_open(now),
        (col(Proposal.project_id) == project_id)
        | (col(Proposal.project_id).is_(None) & col(Proposal.authority_code).in_(codes)),
    )
    return [
        _page(session, each, actor, now)
        for each in session.exec(query.order_by(col(Proposal.id)))
        if is_visible_to(session, each, actor, now)
    ]


def _visible(session: Session, number: int, actor: Actor, now: datetime) -> Proposal:
    proposal = session.get(Proposal, number) if 0 < number < 2**31 else None
    if proposal is None or not is_visible_to(session, proposal, actor, now):
        raise NotVisible
    return proposal


def _page(session: Session, proposal: Proposal, actor: Actor, now: datetime) -> ProposalPage:
    who = key_holder_of(session, actor, proposal, now)
    decided = session.get(Person, proposal.decided_by) if proposal.decided_by else None
    project = _project(session, proposal, actor, now)
    path = f"/projets/{project.slug}" if project else None
    about = f"{path}/livrables/{proposal.deliverable_id}" if path and proposal.deliverable_id else None
    return ProposalPage(
        proposal,
        facts_of(session, proposal),
        proposer_of(session, proposal),
        waits_for(proposal.confirmers),
        proposal.is_open_at(now),
        decided.name if decided else None,
        project.title if project else None,
        path,
        about or (f"{path}/participants" if path else None),
        refusal_to_confirm(session, proposal, who, now),
        drop_refusal(proposal, who, now),
        proposal.proposed_by == actor.person_id,
    )


def _project(session: Session, proposal: Proposal, actor: Actor, now: datetime) -> SharedProject | None:
    """Its project; for what holds in all those of a city, the first of them that the reader may open."""
    if proposal.project_id is not None:
        return session.get(SharedProject, proposal.project_id)
    mine = standings(session.connection(), actor.person_id, now)
    number = next((each for each in living_projects(session, proposal.authority_code) if each in mine), None)
    return session.get(SharedProject, number) if number else None


def settled_label(proposal: Proposal, now: datetime) -> str:
    """What became of it, in words; one whose days have passed is expired."""
    is_late = proposal.state is ProposalState.proposed and not proposal.is_open_at(now)
    return (ProposalState.expired if is_late else proposal.state).label
