"""In what quality somebody stands in a project: what decides what they may see and do there."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.paris_time import paris_day
from models.party import PartyRole
from models.person import Role
from models.tables import AWARD, CONTRACTOR, DELEGATION, MANDATE, PARTY, PROJECT


@dataclass(frozen=True, slots=True)
class Standing:
    """The roles somebody holds in a project, and the codes of the parties they act, sign or observe for.

    A delegate stands as a signatory; an agent of the ANCT stands in every project. No role: an outsider.
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
        """In which one quality they speak, and for which party: that of the code ``about``, if it is theirs.

        Of several qualities, the one with the most to answer for. They are no outsider.
        """
        if self.is_agent:
            return Role.agency_agent, None
        if mine := self.acts_for | self.signs_for:
            code = about if about in mine else min(mine)
            return Role.signatory if code in self.signs_for else Role.local_contact, code
        if Role.contractor in self.roles:
            return Role.contractor, None
        return Role.observer, min(self.observes_for)


def standing_in(connection: Connection, person_id: int, project_id: int, now: datetime) -> Standing:
    """The standing of a person in a project at ``now``. Writes nothing."""
    parties = {
        row.code: row.role
        for row in connection.execute(
            sa.select(PARTY.c.code, PARTY.c.role).where(
                PARTY.c.project_id == project_id, PARTY.c.left_at.is_(None)
            )
        )
    }
    roles: set[Role] = set()
    acts_for: set[str] = set()
    signs_for: set[str] = set()
    observes_for: set[str] = set()
    for role, code, only_in in _mandates(connection, person_id, now):
        if only_in not in (None, project_id):
            continue
        if role is Role.agency_agent:
            roles.add(role)
        elif code is not None and code in parties:
            observes = parties[code] is PartyRole.observer or role is Role.observer
            roles.add(Role.observer if observes else role)
            (observes_for if observes else acts_for).add(code)
            if not observes and role is Role.signatory:
                signs_for.add(code)
    for code in _delegations(connection, person_id, now):
        if parties.get(code) is PartyRole.signatory:
            roles.add(Role.signatory)
            signs_for.add(code)
    if _is_contractor(connection, person_id, project_id):
        roles.add(Role.contractor)
    return Standing(frozenset(roles), frozenset(acts_for), frozenset(signs_for), frozenset(observes_for))


def projects_of(connection: Connection, person_id: int, now: datetime) -> list[int]:
    """The projects where a person stands in some quality, the newest first; all of them for an agent."""
    held = _mandates(connection, person_id, now)
    every = sa.select(PROJECT.c.id).order_by(PROJECT.c.id.desc())
    if any(role is Role.agency_agent and project is None for role, _, project in held):
        return list(connection.execute(every).scalars())
    codes = {code for _, code, _ in held if code} | set(_delegations(connection, person_id, now))
    by_party = sa.select(PARTY.c.project_id).where(PARTY.c.code.in_(codes), PARTY.c.left_at.is_(None))
    by_award = (
        sa.select(AWARD.c.project_id)
        .join(CONTRACTOR, CONTRACTOR.c.award_id == AWARD.c.id)
        .where(CONTRACTOR.c.contact_id == person_id)
    )
    named = [project for _, _, project in held if project is not None]
    mine = every.where(PROJECT.c.id.in_(by_party) | PROJECT.c.id.in_(by_award) | PROJECT.c.id.in_(named))
    found = list(connection.execute(mine).scalars())
    return [one for one in found if not standing_in(connection, person_id, one, now).is_outsider]


def _mandates(
    connection: Connection, person_id: int, now: datetime
) -> list[tuple[Role, str | None, int | None]]:
    """The roles of a person, each with its local authority and the project it is limited to, if any."""
    held = MANDATE.c
    query = sa.select(held.role, held.authority_code, held.project_id).where(
        held.person_id == person_id, held.since <= now, held.until.is_(None) | (held.until > now)
    )
    return [(Role(row[0]), row[1], row[2]) for row in connection.execute(query)]


def _delegations(connection: Connection, person_id: int, now: datetime) -> list[str]:
    """The authorities for which a delegation of theirs runs, given by who holds the office now."""
    day = paris_day(now)
    in_office = sa.exists().where(
        MANDATE.c.person_id == DELEGATION.c.delegator_id,
        MANDATE.c.role == Role.signatory,
        MANDATE.c.authority_code == DELEGATION.c.authority_code,
        MANDATE.c.until.is_(None),
    )
    query = sa.select(DELEGATION.c.authority_code).where(
        DELEGATION.c.delegate_id == person_id,
        DELEGATION.c.revoked_at.is_(None),
        DELEGATION.c.valid_from <= day,
        DELEGATION.c.valid_until >= day,
        in_office,
    )
    return list(connection.execute(query).scalars())


def _is_contractor(connection: Connection, person_id: int, project_id: int) -> bool:
    query = (
        sa.select(CONTRACTOR.c.id)
        .join(AWARD, AWARD.c.id == CONTRACTOR.c.award_id)
        .where(AWARD.c.project_id == project_id, CONTRACTOR.c.contact_id == person_id)
    )
    return connection.execute(query.limit(1)).first() is not None
