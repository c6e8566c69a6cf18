"""The demonstration's people: who can be tried, and becoming one of them without any mail."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from actions.access.sign_in import open_session
from database.engine import Database
from models.contractor import is_contact
from models.person import AuthMethod, Person, Role, UnknownPerson, is_in_force
from models.tables import CONTRACTOR, MANDATE, PARTY, PERSON

AGENTS, CONTRACTORS = "ANCT", "Prestataire"


@dataclass(frozen=True, slots=True)
class PersonToBe:
    """Somebody to try; ``side`` is the party they act for (« Niort »), the ANCT or the contractor."""

    id: int
    name: str
    quality: str
    side: str
    role: Role


def people_to_be(session: Session, now: datetime) -> list[PersonToBe]:
    """Everybody who holds a role now: the ANCT first, then each party's people, then the contractors."""
    connection = session.connection()
    names = sa.select(
        PARTY.c.code, sa.func.min(PARTY.c.name).label("name"), sa.func.min(PARTY.c.id).label("at")
    )
    named = names.group_by(PARTY.c.code).subquery()
    mandates = (
        sa.select(PERSON.c.id, PERSON.c.name, MANDATE.c.role, MANDATE.c.quality, named.c.name.label("party"))
        .join(MANDATE, MANDATE.c.person_id == PERSON.c.id)
        .outerjoin(named, named.c.code == MANDATE.c.authority_code)
        .where(is_in_force(now))
        .order_by(MANDATE.c.role != Role.agency_agent, named.c.at, MANDATE.c.id)
    )
    acting = {
        (row.id, row.role, row.party): PersonToBe(
            row.id, row.name, row.quality or row.role.label, row.party or AGENTS, row.role
        )
        for row in connection.execute(mandates)
        if row.party or row.role is Role.agency_agent
    }
    firms = sa.select(PERSON.c.id, PERSON.c.name).where(
        PERSON.c.id.in_(sa.select(CONTRACTOR.c.contact_id).where(is_contact(now)))
    )
    label = Role.contractor.label
    return [
        *acting.values(),
        *(
            PersonToBe(row.id, row.name, label, CONTRACTORS, Role.contractor)
            for row in connection.execute(firms.order_by(PERSON.c.id))
        ),
    ]


def enter_as(db: Database, person_id: int, *, now: datetime) -> tuple[str, str, str]:
    """The secret of a new session of this person, their name, and the page they begin with. Commits.

    Their acts are recorded with ``AuthMethod.demonstration``. Raises ``UnknownPerson``.
    """
    with db.write() as session:
        person = session.get(Person, person_id)
        if person is None:
            raise UnknownPerson(f"n° {person_id}")
        token = open_session(session, person_id, AuthMethod.demonstration, now)
        agents = sa.select(MANDATE.c.id).where(
            MANDATE.c.person_id == person_id, MANDATE.c.role == Role.agency_agent, is_in_force(now)
        )
        is_agent = session.connection().execute(agents.limit(1)).first() is not None
        return token, person.name, "/projets" if is_agent else "/a-faire"
