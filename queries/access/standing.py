"""A person's standing in their projects: the roles they hold there, which decide what they may see and do."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

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
    for role, observes, code, project in _by_party(connection, person_id, now, project_id):
        held = gathered[project]
        held.roles.add(Role.observer if observes else role)
        (held.observes_for if observes else held.acts_for).add(code)
        if not observes and role is Role.signatory:
            held.signs_for.add(code)
    for code, project in _by_delegation(connection, person_id, now, project_id):
        gathered[project].roles.add(Role.signatory)
        gathered[project].signs_for.add(code)
    for project in _by_contract(connection, person_id, now, project_id):
        gathered[project].roles.add(Role.contractor)
    for project in _by_agency(connection, person_id, now, project_id):
        gathered[project].roles.add(Role.agency_agent)
    return {project: held.standing() for project, held in gathered.items()}


def _is_asked(column: sa.ColumnElement[int], project_id: int | None) -> sa.ColumnElement[bool]:
    return sa.true() if project_id is None else column == project_id


def _by_party(
    connection: Connection, person_id: int, now: datetime, project_id: int | None
) -> Iterator[tuple[Role, bool, str, int]]:
    """Each role with a party, whether it only observes, the party's code, and its project."""
    query = (
        sa.select(MANDATE.c.role, PARTY.c.role, PARTY.c.code, PARTY.c.project_id)
        .join(PARTY, PARTY.c.code == MANDATE.c.authority_code)
        .where(
            MANDATE.c.person_id == person_id,
            MANDATE.c.role != Role.agency_agent,
            is_in_force(now),
            reaches(PARTY.c.project_id),
            is_present(),
            _is_asked(PARTY.c.project_id, project_id),
        )
    )
    for role, as_party, code, project in connection.execute(query):
        yield role, PartyRole.observer is as_party or role is Role.observer, code, project


def _by_delegation(
    connection: Connection, person_id: int, now: datetime, project_id: int | None
) -> Iterator[tuple[str, int]]:
    """The signatory parties for which a delegation of theirs runs, each with its project."""
    query = (
        sa.select(PARTY.c.code, PARTY.c.project_id)
        .join(DELEGATION, DELEGATION.c.authority_code == PARTY.c.code)
        .where(
            DELEGATION.c.delegate_id == person_id,
            is_running(paris_day(now), now),
            is_present(),
            PARTY.c.role == PartyRole.signatory,
            _is_asked(PARTY.c.project_id, project_id),
        )
    )
    yield from connection.execute(query)


def _by_contract(
    connection: Connection, person_id: int, now: datetime, project_id: int | None
) -> Iterator[int]:
    query = (
        sa.select(AWARD.c.project_id)
        .join(CONTRACTOR, CONTRACTOR.c.award_id == AWARD.c.id)
        .where(
            CONTRACTOR.c.contact_id == person_id,
            is_contact(now),
            _is_asked(AWARD.c.project_id, project_id),
        )
    )
    yield from connection.execute(query).scalars()


def _by_agency(
    connection: Connection, person_id: int, now: datetime, project_id: int | None
) -> Iterator[int]:
    """The projects of an agent: all of them, unless the role was given for one."""
    held = sa.select(MANDATE.c.project_id).where(
        MANDATE.c.person_id == person_id, MANDATE.c.role == Role.agency_agent, is_in_force(now)
    )
    only_in = set(connection.execute(held).scalars())
    if None not in only_in:
        yield from (each for each in only_in if project_id in (None, each))
    elif project_id is not None:
        yield project_id
    else:
        yield from connection.execute(sa.select(PROJECT.c.id)).scalars()


def standings_of_concern(connection: Connection, person_id: int, now: datetime) -> dict[int, Standing]:
    """The standings where something may be awaited of a person: of an agent, in the projects in their charge."""
    query = sa.select(PROJECT.c.id).where(PROJECT.c.agency_agent_id == person_id)
    in_charge = set(connection.execute(query).scalars())
    return {
        project_id: standing
        for project_id, standing in standings(connection, person_id, now).items()
        if project_id in in_charge or standing.roles != {Role.agency_agent}
    }
