"""The parties of projects, as lists and sentences name them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session, col, select

from database.bound import among
from models.party import Party, PartyRole, is_present
from models.tables import PARTY

_PRESENT = (
    sa.select(PARTY.c.project_id, PARTY.c.code, PARTY.c.name, PARTY.c.role)
    .where(among(PARTY.c.project_id, "projects"), is_present())
    .order_by(PARTY.c.id)
)
_NAMES = select(Party.name).where(among(PARTY.c.id, "parties")).order_by(col(Party.id))


@dataclass(frozen=True, slots=True)
class PartyName:
    """A party as a list names it."""

    code: str
    name: str
    is_signatory: bool


def parties_by_project(connection: Connection, project_ids: Collection[int]) -> dict[int, list[PartyName]]:
    """The present parties of each project, in the order they joined."""
    parties: defaultdict[int, list[PartyName]] = defaultdict(list)
    for project_id, code, name, role in connection.execute(_PRESENT, {"projects": [*project_ids]}):
        parties[project_id].append(PartyName(code, name, role is PartyRole.signatory))
    return parties


def party_names(session: Session, party_ids: list[int]) -> list[str]:
    """The names of these parties, in the order of their numbers."""
    return list(session.exec(_NAMES, params={"parties": party_ids}))
