"""Who holds which role: for local authorities by their mandates, for contractors by their contract."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import NOW, among
from models.contractor import is_contact
from models.person import Role, is_held_in, is_in_force
from models.tables import AWARD, CONTRACTOR, MANDATE

_MANDATES = (
    sa.select(MANDATE.c.person_id, MANDATE.c.role, MANDATE.c.authority_code, MANDATE.c.project_id)
    .where(among(MANDATE.c.authority_code, "codes"), is_in_force(NOW))
    .order_by(MANDATE.c.id)
)
_CONTACTS = (
    sa.select(AWARD.c.project_id, CONTRACTOR.c.contact_id)
    .join(CONTRACTOR, CONTRACTOR.c.award_id == AWARD.c.id)
    .where(among(AWARD.c.project_id, "projects"), is_contact(NOW))
    .order_by(CONTRACTOR.c.id)
)


class RoleHolders:
    """Those who hold a role for some local authorities at an instant, read in one query."""

    def __init__(self, connection: Connection, authority_codes: Collection[str], at: datetime) -> None:
        self._mandates: defaultdict[str, list[sa.Row[*tuple[Any, ...]]]] = defaultdict(list)
        for row in connection.execute(_MANDATES, {"codes": [*authority_codes], "now": at}):
            self._mandates[row.authority_code].append(row)

    def of(self, role: Role, authority_code: str, project_id: int) -> tuple[int, ...]:
        """Who holds this role for an authority in a project, in the order in which they were named."""
        return tuple(
            each.person_id
            for each in self._mandates[authority_code]
            if each.role is role and is_held_in(each.project_id, project_id)
        )


def contractors_by_project(
    connection: Connection, project_ids: Collection[int], at: datetime
) -> dict[int, tuple[int, ...]]:
    """The contacts at an instant of the contractor of each project, or of each firm of the consortium, the lead's
    first."""
    contacts: dict[int, tuple[int, ...]] = {}
    for project_id, contact_id in connection.execute(_CONTACTS, {"projects": [*project_ids], "now": at}):
        contacts[project_id] = (*contacts.get(project_id, ()), contact_id)
    return contacts
