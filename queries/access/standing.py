"""A person's standing in their projects: the roles they hold there, which decide what they may see and do."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import DAY, NOW
from models.contractor import is_contact
from models.paris_time import paris_day
from models.party import PartyRole, is_present
from models.person import Role, is_in_force, reaches
from models.signature_delegation import is_running
from models.tables import AWARD, CONTRACTOR, DELEGATION, MANDATE, PARTY, PROJECT


@dataclass(frozen=True, slots=True)
class Standing:
    """The roles somebody holds in a project, and the codes of the parties they act, sign or observe for.

    A delegate counts as a signatory; an agent of the ANCT has a role in every project. Without a role: an outsider.
    """

    roles: frozenset[Role]
    acts_for: frozenset[str]
    signs_for: frozenset[str]
    observes_for: frozenset[str] = frozenset()

    @property
    def is_outsider(self) -> bool:
        """Holds no role there."""
        return not self.roles

    @property
    def is_agent(self) -> bool:
        """Acts for the ANCT."""
        return Role.agency_agent in self.roles

    def voice(self, about: str | None) -> tuple[Role, str | None]:
        """The one role in which they speak, and for which party: the one of code ``about``, if they act for it.

        Of several roles, the one with the most authority. Not to be called for an outsider.
        """
        if self.is_agent:
            return Role.agency_agent, None
        if mine := self.acts_for | self.signs_for:
            code = about if about in mine else min(mine)
            return Role.signatory if code in self.signs_for else Role.local_contact, code
        if Role.contractor in self.roles:
            return Role.contractor, None
        return Role.observer, min(self.observes_for)


OUTSIDER = Standing(frozenset(), frozenset(), frozenset())


@dataclass(slots=True)
class _Roles:
    """What is gathered of a standing."""

    roles: set[Role] = field(default_factory=set)
    acts_for: set[str] = field(default_factory=set)
    signs_for: set[str] = field(default_factory=set)
    observes_for: set[str] = field(default_factory=set)

    def standing(self) -> Standing:
        codes = (frozenset(each) for each in (self.acts_for, self.signs_for, self.observes_for))
        return Standing(frozenset(self.roles), *codes)


def standing_in(connection: Connection, person_id: int, project_id: int, now: datetime) -> Standing:
    """The standing of a person in a project at ``now``. Four queries, writes nothing."""
    return standings(connection, person_id, now, project_id).get(project_id, OUTSIDER)


def standings(
    connection: Connection, person_id: int, now: datetime, project_id: int | None = None
) -> dict[int, Standing]:
    """The standing of a person in every project where they have one, or in one of these, by its number.

    Four or five queries, however many projects. Writes nothing.
    """
    gathered: defaultdict[int, _Roles] = defaultdict(_Roles)
    asked = _Question(connection, person_id, now, project_id)
    for role, as_party, code, project in asked.rows(_BY_PARTY):
        held, observes = gathered[project], PartyRole.observer is as_party or role is Role.observer
        held.roles.add(Role.observer if observes else role)
        (held.observes_for if observes else held.acts_for).add(code)
        if not observes and role is Role.signatory:
            held.signs_for.add(code)
    for code, project in asked.rows(_BY_DELEGATION):
        gathered[project].roles.add(Role.signatory)
        gathered[project].signs_for.add(code)
    for (project,) in asked.rows(_BY_CONTRACT):
        gathered[project].roles.add(Role.contractor)
    for project in asked.by_agency():
        gathered[project].roles.add(Role.agency_agent)
    return {project: held.standing() for project, held in gathered.items()}


_PERSON = sa.bindparam("person", type_=MANDATE.c.person_id.type)
_PROJECT = sa.bindparam("project", type_=PARTY.c.project_id.type)
_BY_PARTY = (
    sa.select(MANDATE.c.role, PARTY.c.role, PARTY.c.code, PARTY.c.project_id)
    .join(PARTY, PARTY.c.code == MANDATE.c.authority_code)
    .where(
        MANDATE.c.person_id == _PERSON,
        MANDATE.c.role != Role.agency_agent,
        is_in_force(NOW),
        reaches(PARTY.c.project_id),
        is_present(),
    )
)
_BY_DELEGATION = (
    sa.select(PARTY.c.code, PARTY.c.project_id)
    .join(DELEGATION, DELEGATION.c.authority_code == PARTY.c.code)
    .where(
        DELEGATION.c.delegate_id == _PERSON,
        is_running(DAY, NOW),
        is_present(),
        PARTY.c.role == PartyRole.signatory,
    )
)
_BY_CONTRACT = (
    sa.select(AWARD.c.project_id)
    .join(CONTRACTOR, CONTRACTOR.c.award_id == AWARD.c.id)
    .where(CONTRACTOR.c.contact_id == _PERSON, is_contact(NOW))
)
_BY_AGENCY = sa.select(MANDATE.c.project_id).where(
    MANDATE.c.person_id == _PERSON, MANDATE.c.role == Role.agency_agent, is_in_force(NOW)
)
_IN_ONE: dict[sa.Select[Any], sa.Select[Any]] = {
    query: query.where(column == _PROJECT)
    for query, column in (
        (_BY_PARTY, PARTY.c.project_id),
        (_BY_DELEGATION, PARTY.c.project_id),
        (_BY_CONTRACT, AWARD.c.project_id),
    )
}
"""Made once, as each act and each page asks them: making one takes longer than the database's answer."""


@dataclass(frozen=True, slots=True)
class _Question:
    """Who, when, and in which project (None: in all)."""

    connection: Connection
    person_id: int
    now: datetime
    project_id: int | None

    def rows(self, query: sa.Select[Any]) -> Sequence[Any]:
        """What the query, of those that ask in all projects, finds."""
        values: dict[str, Any] = {"person": self.person_id, "now": self.now}
        if query is _BY_DELEGATION:
            values["day"] = paris_day(self.now)
        if self.project_id is None or query is _BY_AGENCY:
            return self.connection.execute(query, values).all()
        return self.connection.execute(_IN_ONE[query], values | {"project": self.project_id}).all()

    def by_agency(self) -> Iterator[int]:
        """The projects of an agent: all of them, unless the role was given for one."""
        only_in = {project for (project,) in self.rows(_BY_AGENCY)}
        if None not in only_in:
            yield from (each for each in only_in if self.project_id in (None, each))
        elif self.project_id is not None:
            yield self.project_id
        else:
            yield from self.connection.execute(sa.select(PROJECT.c.id)).scalars()


def standings_of_concern(connection: Connection, person_id: int, now: datetime) -> dict[int, Standing]:
    """The standings where something may be awaited of a person: of an agent, in the projects in their charge."""
    query = sa.select(PROJECT.c.id).where(PROJECT.c.agency_agent_id == person_id)
    in_charge = set(connection.execute(query).scalars())
    return {
        project_id: standing
        for project_id, standing in standings(connection, person_id, now).items()
        if project_id in in_charge or standing.roles != {Role.agency_agent}
    }
