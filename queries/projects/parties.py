"""The parties of a project with the people who act for them, as its members see them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.party import PartyRole
from models.person import Role
from models.tables import DELEGATION, MANDATE, PARTY, PERSON
from queries.access.project_access import Sight


@dataclass(frozen=True, slots=True)
class PersonName:
    """Somebody and in what quality they act. Their address is told to agents of the ANCT only (``email``).

    ``holds_office`` tells the mayor or president, who signs without any delegation.
    """

    name: str
    quality: str
    email: str | None
    holds_office: bool = False


@dataclass(frozen=True, slots=True)
class PartyShown:
    """A party, its local contacts first among its ``people``, then who signs, then the delegates of the day."""

    code: str
    name: str
    kind: str
    role: PartyRole
    local_project: str | None
    joined_at: datetime
    left_at: datetime | None
    people: tuple[PersonName, ...]

    @property
    def signatory(self) -> str | None:
        """The name of who holds the office, if anybody is registered."""
        return next((each.name for each in self.people if each.holds_office), None)


def parties_shown(connection: Connection, sight: Sight) -> list[PartyShown]:
    """All that ever joined, in the order they did. Three queries."""
    query = sa.select(PARTY).where(PARTY.c.project_id == sight.project_id).order_by(PARTY.c.id)
    rows = connection.execute(query).all()
    codes = {row.code for row in rows if row.left_at is None}
    people = _people(connection, sight, codes)
    return [
        PartyShown(
            row.code,
            row.name,
            row.kind,
            row.role,
            row.local_project,
            row.joined_at,
            row.left_at,
            tuple(people[row.code]) if row.left_at is None else (),
        )
        for row in rows
    ]


def agent_shown(connection: Connection, sight: Sight) -> PersonName | None:
    """The agent of the ANCT in charge, whom every member may write to."""
    query = sa.select(PERSON.c.name, PERSON.c.email).where(PERSON.c.id == sight.project.agency_agent_id)
    row = connection.execute(query).first()
    return PersonName(row.name, Role.agency_agent.label, row.email) if row else None


def _people(connection: Connection, sight: Sight, codes: set[str]) -> defaultdict[str, list[PersonName]]:
    order = sa.case((MANDATE.c.role == Role.local_contact, 0), (MANDATE.c.role == Role.signatory, 1), else_=2)
    held = (
        sa.select(MANDATE.c.authority_code, PERSON.c.name, PERSON.c.email, MANDATE.c.role, MANDATE.c.quality)
        .join(PERSON, PERSON.c.id == MANDATE.c.person_id)
        .where(
            MANDATE.c.authority_code.in_(codes),
            MANDATE.c.since <= sight.now,
            MANDATE.c.until.is_(None) | (MANDATE.c.until > sight.now),
            MANDATE.c.project_id.is_(None) | (MANDATE.c.project_id == sight.project_id),
        )
        .order_by(order, MANDATE.c.id)
    )
    found: defaultdict[str, list[PersonName]] = defaultdict(list)
    for code, name, email, role, quality in connection.execute(held):
        told = email if sight.standing.is_agent else None
        found[code].append(PersonName(name, quality or role.label, told, role is Role.signatory))
    for code, name, email, order_reference in connection.execute(_delegates(sight, codes)):
        quality = f"délégation de signature ({order_reference})"
        found[code].append(PersonName(name, quality, email if sight.standing.is_agent else None))
    return found


def _delegates(sight: Sight, codes: set[str]) -> sa.Select[tuple[str, str, str, str]]:
    """Those whose delegation runs today, given by who holds the office now."""
    in_office = sa.exists().where(
        MANDATE.c.person_id == DELEGATION.c.delegator_id,
        MANDATE.c.role == Role.signatory,
        MANDATE.c.authority_code == DELEGATION.c.authority_code,
        MANDATE.c.until.is_(None),
    )
    return (
        sa.select(DELEGATION.c.authority_code, PERSON.c.name, PERSON.c.email, DELEGATION.c.order_reference)
        .join(PERSON, PERSON.c.id == DELEGATION.c.delegate_id)
        .where(
            DELEGATION.c.authority_code.in_(codes),
            DELEGATION.c.revoked_at.is_(None),
            DELEGATION.c.valid_from <= sight.today,
            DELEGATION.c.valid_until >= sight.today,
            in_office,
        )
        .order_by(DELEGATION.c.id)
    )
