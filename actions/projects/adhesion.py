"""A city that joined while the others were signing the charter adheres to it, once it is signed (rule 6)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from actions.authority.put_forward import Draft, put_forward
from actions.commitments.schedule_commitments import promise_to
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake_all
from actions.projects.accession import check_proposer, side_of
from actions.projects.carry_out_accession import has_signed_charter, signer_of
from actions.projects.council_entry import act_refusal, closed_charter
from actions.signing.adhere import adhere
from actions.signing.paper_act import PaperAct
from actions.signing.sign_on_paper import confirmed_act, frozen
from database.engine import Database
from models.accession import adhesion_refusal
from models.deliverable import Deliverable
from models.local_authority import find_authority
from models.party import Party
from models.person import Actor
from models.proposal import Proposal, ProposalKind
from models.recorded_act import NobodyInOffice
from models.shared_project import SharedProject, refusal_if_cancelled
from models.stored_row import identity
from queries.authority.keys import key_holder
from queries.ledger.find import find_party
from queries.signing.authority import office_holder


@dataclass(frozen=True, slots=True)
class AdhesionRequest:
    """Which city adheres to the charter of a project, by which council's act."""

    slug: str
    code: str
    act: PaperAct


def propose_adhesion(db: Database, actor: Actor, request: AdhesionRequest, *, now: datetime) -> Proposal:
    """Propose it: the city is bound once the other side has confirmed it. Commits.

    Raises ``UnknownParty``, ``NotYourKey``, ``OtherOrganisation``, ``NotAccepted``, ``NobodyInOffice``,
    ``InvalidPaperAct``, the rules of a council's deliberation, ``ProjectNotActive``, ``OtherProposal``.
    """
    with db.write() as session:
        project = lock_slug(session, request.slug)
        party = find_party(session, project, request.code)
        city = find_authority(party.code)
        who = key_holder(session, actor, party.code, project.id, now)
        check_proposer(who, ProposalKind.adhesion, city)
        charter = _check(session, project, party)
        if office_holder(session.connection(), party.code, now) is None:
            raise NobodyInOffice(party.name)
        proof = request.act.proof.keep(session)
        if refusal := act_refusal(session, project, city, request.act, proof.sha256, now):
            raise refusal
        draft = Draft(
            ProposalKind.adhesion,
            f"accession:{project.id}:{party.code}",
            party.code,
            side_of(who),
            f"Adhésion de {party.name} à la charte",
            frozen(request.act) | {"sha256": charter.sha256},
            project_id=project.id,
            party_id=party.id,
            deliverable_id=charter.id,
            file_sha256=proof.sha256,
            file_name=proof.name,
        )
        return put_forward(session, draft, actor, now)


def carry_out_adhesion(session: Session, proposal: Proposal, actor: Actor, now: datetime) -> int:
    """The city signs the charter and takes all its commitments; returns the number of the sign-off. Does not commit.

    The project is locked. Raises what ``propose_adhesion`` raises.
    """
    project = session.get_one(SharedProject, proposal.project_id)
    party = find_party(session, project, proposal.authority_code)
    charter, act = _check(session, project, party), confirmed_act(proposal, actor)
    city = find_authority(party.code)
    if refusal := act_refusal(session, project, city, act, act.proof_sha256, now):
        raise refusal
    signer = signer_of(session, party, act, None, now)
    number = adhere(session, charter, identity(party), act, proposal.request["sha256"], signer, actor, now)
    promise_to(session, project, party, now)
    wake_all(session, identity(project), now)
    return number


def _check(session: Session, project: SharedProject, party: Party) -> Deliverable:
    """The charter to adhere to; raises ``ProjectNotActive``, ``NotAccepted``."""
    if refusal := refusal_if_cancelled(project):
        raise refusal
    charter = closed_charter(session, project)
    signed = has_signed_charter(session, project, party)
    if not_accepted := adhesion_refusal(party, is_closed=charter is not None, has_signed=signed):
        raise not_accepted
    if charter is None:
        raise LookupError("a closed charter stage has its charter")
    return charter
