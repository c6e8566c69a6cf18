"""A city becomes a signatory, once both sides have said so: it counts in the stages that open from now on (rule 6)."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.authority.mandates import ensure_mandate
from actions.authority.office import Office, carry_out_office, propose_office
from actions.authority.put_forward import record_settled
from actions.commitments.schedule_commitments import promise_to
from actions.commitments.take_up_again import take_up_again
from actions.ledger.journal import lock_register, record
from actions.ledger.wake import wake_all
from actions.people.invite_person import welcome
from actions.projects.accession import check_accession, former_party
from actions.projects.council_entry import act_refusal, closed_charter, last_departure, write_act
from actions.projects.create_project import add_party
from actions.signing.adhere import adhere
from actions.signing.paper_act import ConfirmedAct, noon_in_paris
from actions.signing.sign_on_paper import confirmed_act
from models.local_authority import find_authority
from models.party import Party, PartyDeparture, PartyRole
from models.person import Actor, Mandate, Person, Role, has_not_ended
from models.proposal import Capacity, Proposal, ProposalKind, ProposalState
from models.recorded_act import NobodyInOffice
from models.shared_project import SharedProject
from models.stored_row import identity
from models.subject import Subject
from queries.authority.keys import key_holder_of, refusal_to_confirm
from queries.signing.authority import office_holder
from queries.signing.charter import approvals_of


def carry_out_accession(session: Session, proposal: Proposal, actor: Actor, now: datetime) -> int:
    """Do all of it, and return the number of the party. Does not commit; the project is locked.

    Its people get their roles, the act is recorded; once the charter is signed by the others, so does the city, and
    takes all its commitments. The rosters of the stages already laid out stay as they were frozen. Raises what
    ``propose_accession`` raises: what it was about may have changed.
    """
    project = session.get_one(SharedProject, proposal.project_id)
    city, act = find_authority(proposal.authority_code), confirmed_act(proposal, actor)
    party = former_party(session, project, city.code)
    check_accession(session, project, proposal.kind, party, city)
    if refusal := act_refusal(session, project, city, act, act.proof_sha256, now):
        raise refusal
    lock_register(session)
    departure = last_departure(session, party) if party else None
    party = _signatory(session, project, party, proposal, actor, now)
    _give_contact(session, project, party, proposal, actor, now)
    _give_office(session, party, proposal, actor, now)
    _sign(session, project, party, proposal, act, actor, now)
    if departure is not None and proposal.kind is ProposalKind.comeback:
        _come_back(session, project, party, departure, actor, now)
    if has_signed_charter(session, project, party):
        promise_to(session, project, party, now)
    wake_all(session, identity(project), now)
    return identity(party)


def has_signed_charter(session: Session, project: SharedProject, party: Party) -> bool:
    """Is the party bound by the charter, once its stage is closed?"""
    charter = closed_charter(session, project)
    return charter is not None and party.code in approvals_of(session.connection(), identity(charter))


def _signatory(
    session: Session,
    project: SharedProject,
    party: Party | None,
    proposal: Proposal,
    actor: Actor,
    now: datetime,
) -> Party:
    """The party, signatory and present, with the entry of the journal."""
    asked = proposal.request
    if party is None:
        party = add_party(session, project, proposal.authority_code, PartyRole.signatory, actor, now)
        proposal.party_id = party.id
    else:
        party.left_at, party.role = None, PartyRole.signatory
        session.flush()
        record(
            session,
            "party.returned" if proposal.kind is ProposalKind.comeback else "party.became_signatory",
            project_id=project.id,
            actor=actor,
            now=now,
            party_code=party.code,
            sha256=proposal.file_sha256,
            proposal=proposal.id,
        )
    party.local_project = asked["local_project"] or party.local_project
    party.acts = asked["acts"] or party.acts
    session.flush()
    return party


def _give_contact(
    session: Session,
    project: SharedProject,
    party: Party,
    proposal: Proposal,
    actor: Actor,
    now: datetime,
) -> None:
    """The contact's role in the project; whoever observed for the city there does so no more."""
    person = session.get_one(Person, proposal.request["contact"])
    observed = select(Mandate).where(
        Mandate.role == Role.observer,
        Mandate.authority_code == party.code,
        Mandate.project_id == project.id,
        has_not_ended(now),
    )
    for mandate in session.exec(observed.order_by(col(Mandate.id))):
        mandate.until = max(now, mandate.since)
        record(
            session,
            "mandate.ended",
            project_id=project.id,
            actor=actor,
            now=now,
            party_code=party.code,
            person=mandate.person_id,
            role=Role.observer,
        )
    mandate = Mandate(
        person_id=identity(person), role=Role.local_contact, authority_code=party.code, since=now
    )
    mandate.project_id = project.id
    ensure_mandate(session, mandate, actor)
    if person.id != actor.person_id:
        about = Subject.of("party", party.id, Role.local_contact.value)
        welcome(session, project, party, person, Role.local_contact.label, about, now)


def _give_office(session: Session, party: Party, proposal: Proposal, actor: Actor, now: datetime) -> None:
    """The office of whoever signs for the city: the same two keys turn for it, unless one of them is the holder's."""
    asked = proposal.request
    if asked["signatory"] is None:
        return
    author = session.get_one(Person, proposal.proposed_by)
    proposer = Actor(identity(author), author.name, proposal.proposed_with)
    person = session.get_one(Person, asked["signatory"])
    office = Office(find_authority(party.code), person, asked["quality"])
    waiting = propose_office(session, office, proposer, proposal.side, now)
    if waiting is None:
        return
    who = key_holder_of(session, actor, waiting, now)
    if refusal_to_confirm(session, waiting, who, now) is not None:
        return
    capacity = min(who.capacities & waiting.confirmers, key=list(Capacity).index)
    waiting.result_id = carry_out_office(session, waiting, actor, capacity, now)
    record_settled(session, waiting, ProposalState.confirmed, actor, now)


def _sign(
    session: Session,
    project: SharedProject,
    party: Party,
    proposal: Proposal,
    act: ConfirmedAct,
    actor: Actor,
    now: datetime,
) -> None:
    """The city signs the charter as its council approved it; before the charter is signed, its act is kept."""
    charter, read = closed_charter(session, project), proposal.request["sha256"]
    party_id = identity(party)
    if charter is None or read is None or has_signed_charter(session, project, party):
        write_act(session, party, act)
        return
    signer = signer_of(session, party, act, proposal.request["signatory"], now)
    adhere(session, charter, party_id, act, read, signer, actor, now)


def signer_of(session: Session, party: Party, act: ConfirmedAct, named: int | None, now: datetime) -> int:
    """The office holder on the day of the act, or the present one, or who is named to be. Raises ``NobodyInOffice``."""
    connection = session.connection()
    held = office_holder(connection, party.code, noon_in_paris(act.acted_on))
    signer = held or office_holder(connection, party.code, now) or named
    if signer is None:
        raise NobodyInOffice(party.name)
    return signer


def _come_back(
    session: Session,
    project: SharedProject,
    party: Party,
    departure: PartyDeparture,
    actor: Actor,
    now: datetime,
) -> None:
    taken_up = take_up_again(session, project, departure, now)
    if taken_up:
        record(
            session,
            "commitments.taken_up",
            project_id=project.id,
            actor=actor,
            now=now,
            party_code=party.code,
            commitments=taken_up,
        )
