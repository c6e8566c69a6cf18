"""The parties of a project with the people who act for them, as its members see them."""

from collections import defaultdict

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import DAY, NOW, among
from models.evidence import Evidence
from models.person import Role, is_in_force, reaches
from models.project_shapes import PartyShown, PersonName
from models.signature_delegation import is_running
from models.tables import DELEGATION, MANDATE, PARTY, PERSON
from queries.access.project_access import ProjectAccess

_PARTIES = sa.select(PARTY).where(PARTY.c.project_id == sa.bindparam("project")).order_by(PARTY.c.id)
_AGENT = sa.select(PERSON.c.name, PERSON.c.email).where(PERSON.c.id == sa.bindparam("person"))
_MANDATES = (
    sa.select(
        MANDATE.c.authority_code,
        PERSON.c.name,
        PERSON.c.email,
        MANDATE.c.role,
        MANDATE.c.quality,
        MANDATE.c.evidence,
    )
    .join(PERSON, PERSON.c.id == MANDATE.c.person_id)
    .where(
        among(MANDATE.c.authority_code, "codes"),
        is_in_force(NOW),
        reaches(sa.bindparam("project", type_=MANDATE.c.project_id.type)),
    )
    .order_by(
        sa.case((MANDATE.c.role == Role.local_contact, 0), (MANDATE.c.role == Role.signatory, 1), else_=2),
        MANDATE.c.id,
    )
)
_DELEGATES = (
    sa.select(
        DELEGATION.c.authority_code,
        PERSON.c.name,
        PERSON.c.email,
        DELEGATION.c.order_reference,
        DELEGATION.c.evidence,
    )
    .join(PERSON, PERSON.c.id == DELEGATION.c.delegate_id)
    .where(among(DELEGATION.c.authority_code, "codes"), is_running(DAY, NOW))
    .order_by(DELEGATION.c.id)
)
"""Those whose delegation runs today."""


def load_parties(connection: Connection, project_id: int) -> list[PartyShown]:
    """All that ever joined, in the order they did, without their people."""
    rows = connection.execute(_PARTIES, {"project": project_id})
    return [PartyShown.model_validate(row) for row in rows]


def load_parties_with_people(connection: Connection, access: ProjectAccess) -> list[PartyShown]:
    """All that ever joined, with the people of those that have not left. Three queries."""
    parties = load_parties(connection, access.project_id)
    people = _people(connection, access, {each.code for each in parties if each.left_at is None})
    return [each.model_copy(update={"people": tuple(people[each.code])}) for each in parties]


def load_agent(connection: Connection, access: ProjectAccess) -> PersonName | None:
    """The agent of the ANCT in charge, whom every member may write to."""
    row = connection.execute(_AGENT, {"person": access.project.agency_agent_id}).first()
    if row is None:
        return None
    return PersonName(row.name, Role.agency_agent.label, row.email)


def _people(
    connection: Connection, access: ProjectAccess, codes: set[str]
) -> defaultdict[str, list[PersonName]]:
    people: defaultdict[str, list[PersonName]] = defaultdict(list)

    def add(code: str, name: str, email: str, quality: str, evidence: Evidence | None, office: bool) -> None:
        shown = email if access.standing.is_agent else None
        people[code].append(PersonName(name, quality, shown, office, evidence))

    held = {"codes": [*codes], "project": access.project_id, "now": access.now}
    for code, name, email, role, quality, evidence in connection.execute(_MANDATES, held):
        signs = role is Role.signatory
        add(code, name, email, quality or role.label, evidence if signs else None, signs)
    running = {"codes": [*codes], "day": access.today, "now": access.now}
    for code, name, email, order_reference, evidence in connection.execute(_DELEGATES, running):
        add(code, name, email, f"délégation de signature ({order_reference})", evidence, False)
    return people
