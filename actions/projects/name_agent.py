"""Whose project it is: the agent of the ANCT whom a new project names."""

from datetime import datetime

from sqlmodel import Session

from actions.authority.mandates import ensure_mandate
from actions.people.add_person import ensure_person
from models.person import SYSTEM, Actor, Mandate, Person, Role
from models.person_name import OtherName, chosen_by_name
from models.project_file import PersonEntry
from models.refusal import Refusal
from models.role_rules import LeavesSoon
from models.stored_row import identity
from queries.access.rights import has_role, require_agency_agent
from queries.ledger.find import people_at
from queries.people.held_roles import is_to_leave


class NotAnAgent(Refusal):
    """Creating a project makes nobody an agent of the ANCT: the one it names is one already."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"« {email} » n’est pas l’adresse d’un agent de l’ANCT : nommez-en un, ou faites-le d’abord inscrire "
            "par qui tient ce serveur."
        )


def name_agent(session: Session, named: PersonEntry, actor: Actor | None, now: datetime) -> Person:
    """The person who is named. Does not commit.

    Without ``actor`` (the command line), they become an agent if need be. An actor must be an agent, and can only
    name one. Raises ``NotAllowed``, ``NotAnAgent``, ``OtherName``, ``LeavesSoon``.
    """
    if actor is None:
        agent = ensure_person(
            session, named.email, named.name, now, SYSTEM, shares_mailbox=named.shares_mailbox
        )
        mandate = Mandate(person_id=identity(agent), role=Role.agency_agent, since=now)
        ensure_mandate(session, mandate, SYSTEM)
        return agent
    require_agency_agent(session, actor, now, "créer un projet")
    agents = people_at(session, named.email)
    agents = [each for each in agents if has_role(session, identity(each), Role.agency_agent, now)]
    if not agents:
        raise NotAnAgent(named.email)
    person = chosen_by_name(agents, named.name)
    if person is None:
        raise OtherName(named.email, named.name, agents[0].name)
    if is_to_leave(session, identity(person), None, now):
        raise LeavesSoon(person.name)
    return person
