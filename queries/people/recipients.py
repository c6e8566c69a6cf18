"""Whom a mail is for: contacts, office holder and signers of a party, the contractor, the agent in charge."""

from datetime import datetime

from sqlmodel import Session, col, select

from models.contractor import ContractAward, Contractor
from models.party import Party
from models.person import Mandate, Role, is_in_force, reaches
from models.shared_project import SharedProject
from models.stored_row import identity
from queries.ledger.find import parties_of
from queries.signing.authority import signers


def contacts_of(session: Session, party: Party, now: datetime) -> list[int]:
    """The local contacts of a party (the people written to first)."""
    return _holders(session, Role.local_contact, party, now)


def signatories_of(
    session: Session, party: Party, stage_key: str, deliverable_key: str, now: datetime
) -> list[int]:
    """Who may sign this deliverable for a party: its mayor or president, and whom a delegation covers."""
    return signers(session.connection(), party.code, stage_key, deliverable_key, now)


def people_of(session: Session, party: Party, now: datetime) -> list[int]:
    """The local contacts and the office holder of a party; for an observer, its people."""
    roles = (Role.local_contact, Role.signatory, Role.observer)
    return [person for role in roles for person in _holders(session, role, party, now)]


def contractor_people(session: Session, project: SharedProject) -> list[int]:
    """The contacts of the project's contractor, or of each firm of the consortium."""
    query = (
        select(Contractor.contact_id)
        .join(ContractAward)
        .where(ContractAward.project_id == project.id, col(Contractor.contact_id).is_not(None))
    )
    return [person_id for person_id in session.exec(query) if person_id is not None]


def agent_of(project: SharedProject) -> list[int]:
    """The ANCT agent in charge (empty while an imported project has none)."""
    return [project.agency_agent_id] if project.agency_agent_id else []


def _holders(session: Session, role: Role, party: Party, now: datetime) -> list[int]:
    query = select(Mandate.person_id).where(
        Mandate.role == role,
        Mandate.authority_code == party.code,
        is_in_force(now),
        reaches(party.project_id),
    )
    return list(session.exec(query.order_by(col(Mandate.id))))


def everybody(session: Session, project: SharedProject, now: datetime) -> list[int]:
    """The ANCT agent in charge, the people of every party, the contractor's contacts."""
    people = agent_of(project)
    for party in parties_of(session, identity(project)):
        people += people_of(session, party, now)
    return list(dict.fromkeys([*people, *contractor_people(session, project)]))
