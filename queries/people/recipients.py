"""Whom a mail is for: contacts, office holder and signers of a party, the contractor, the agent in charge."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from models.party import Party
from models.person import ROLES_OF_A_PARTY, Role
from models.shared_project import SharedProject
from models.stored_row import identity
from queries.ledger.find import parties_of
from queries.people.role_holders import RoleHolders, contractors_by_project
from queries.signing.authority import signers


def contacts_of(session: Session, party: Party, now: datetime) -> list[int]:
    """The local contacts of a party (the people written to first)."""
    return _holders(session, [party], now, Role.local_contact)


def signatories_of(
    session: Session, party: Party, stage_key: str, deliverable_key: str, now: datetime
) -> list[int]:
    """Who may sign this deliverable for a party: its mayor or president, and whom a delegation covers."""
    return signers(session.connection(), party.code, stage_key, deliverable_key, now)


def people_of(session: Session, party: Party, now: datetime) -> list[int]:
    """The local contacts and the office holder of a party; for an observer, its people."""
    return _holders(session, [party], now, *ROLES_OF_A_PARTY)


def contractor_people(session: Session, project: SharedProject, now: datetime) -> list[int]:
    """The contacts of the project's contractor, or of each firm of the consortium, the lead's first."""
    project_id = identity(project)
    return list(contractors_by_project(session.connection(), [project_id], now).get(project_id, ()))


def agent_of(project: SharedProject) -> list[int]:
    """The ANCT agent in charge (empty while an imported project has none)."""
    return [project.agency_agent_id] if project.agency_agent_id else []


def everybody(session: Session, project: SharedProject, now: datetime) -> list[int]:
    """The ANCT agent in charge, the people of every party, the contractor's contacts."""
    of_parties = _holders(session, parties_of(session, identity(project)), now, *ROLES_OF_A_PARTY)
    return list(dict.fromkeys([*agent_of(project), *of_parties, *contractor_people(session, project, now)]))


def _holders(session: Session, parties: Sequence[Party], now: datetime, *roles: Role) -> list[int]:
    """Who holds these roles: party after party, in the order of the roles."""
    holders = RoleHolders(session.connection(), [party.code for party in parties], now)
    return [
        person
        for party in parties
        for role in roles
        for person in holders.of(role, party.code, party.project_id)
    ]
