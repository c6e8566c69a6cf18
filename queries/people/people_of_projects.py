"""Who is who in some projects, read at once: contacts, office holders, delegates, contractors, agents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import DAY, NOW, among
from models.lifecycle import Lifecycle, lifecycle_or_none
from models.paris_time import paris_day
from models.party import PartyRole, is_present
from models.person import ROLES_OF_A_PARTY, MailFrequency, Role, is_in_force
from models.reminder import Reader
from models.shared_project import ProjectStatus
from models.signature_delegation import is_covered, is_valid
from models.tables import DELEGATION, MANDATE, PARTY, PERSON, PROJECT
from queries.people.role_holders import RoleHolders, contractors_by_project

AT_A_TIME = 500
_HEADS = (
    sa.select(
        PROJECT.c.id, PROJECT.c.slug, PROJECT.c.title, PROJECT.c.status, PROJECT.c.agency_agent_id,
        PROJECT.c.resumed_at, PROJECT.c.lifecycle_key, PROJECT.c.lifecycle_version,
    )
    .where(among(PROJECT.c.id, "projects"))
    .order_by(PROJECT.c.id)
)  # fmt: skip
_PARTIES = (
    sa.select(PARTY.c.id, PARTY.c.project_id, PARTY.c.code, PARTY.c.name, PARTY.c.departement, PARTY.c.role)
    .where(among(PARTY.c.project_id, "projects"), is_present())
    .order_by(PARTY.c.id)
)
_DELEGATIONS = (
    sa.select(
        DELEGATION.c.id, DELEGATION.c.authority_code, DELEGATION.c.delegate_id, DELEGATION.c.delegator_id,
        DELEGATION.c.order_reference, DELEGATION.c.scope, DELEGATION.c.valid_from, DELEGATION.c.valid_until,
        DELEGATION.c.recorded_at,
    )
    .where(among(DELEGATION.c.authority_code, "codes"), is_valid(NOW), DELEGATION.c.valid_from <= DAY)
    .order_by(DELEGATION.c.to_elected.desc(), DELEGATION.c.id)
)  # fmt: skip
_WISHES = sa.select(PERSON.c.id, PERSON.c.mail_frequency).where(among(PERSON.c.id, "people"))
_DEPARTEMENTS = (
    sa.select(MANDATE.c.person_id, PARTY.c.departement)
    .join(PARTY, PARTY.c.code == MANDATE.c.authority_code)
    .where(among(MANDATE.c.person_id, "people"), is_in_force(NOW))
    .order_by(MANDATE.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class ProjectHead:
    """What reminders need of a project."""

    id: int
    slug: str
    title: str
    status: ProjectStatus
    agent_id: int | None
    resumed_at: datetime | None
    lifecycle: Lifecycle

    @property
    def is_active(self) -> bool:
        """Do its stages move?"""
        return self.status is ProjectStatus.active


@dataclass(frozen=True, slots=True)
class PartyHead:
    """What reminders need of a party."""

    id: int
    project_id: int
    code: str
    name: str
    departement: str
    is_signatory: bool


@dataclass(frozen=True, slots=True)
class RunningDelegation:
    """A delegation of signature that runs, or has run, given by the present office holder."""

    id: int
    code: str
    delegate_id: int
    delegator_id: int
    order_reference: str
    scope: str
    valid_from: date
    valid_until: date
    recorded_at: datetime


class People:
    """The people of ``projects`` (of the parties present), as roles stand ``at`` an instant and orders on ``day``."""

    def __init__(
        self, connection: Connection, projects: Sequence[ProjectHead], day: date, at: datetime
    ) -> None:
        self._connection, self.at = connection, at
        self.projects = {each.id: each for each in projects}
        self.parties = _parties(connection, list(self.projects))
        codes = sorted({each.code for each in self.parties.values()})
        self._holders = RoleHolders(connection, codes, at)
        begun = _delegations(connection, codes, day, at)
        self.delegations = [each for each in begun if each.valid_until >= day]
        self._ended = [each for each in begun if each.valid_until < day]
        self._contractors = contractors_by_project(connection, list(self.projects), at)
        self._readers: dict[int, Reader] = {}

    @classmethod
    def of(cls, connection: Connection, project_ids: Sequence[int], now: datetime) -> Self:
        """The people of the projects of these numbers, now."""
        return cls(connection, heads(connection, project_ids), paris_day(now), now)

    def parties_of(self, project_id: int) -> list[PartyHead]:
        """The parties present in a project, in the order they joined."""
        return [each for each in self.parties.values() if each.project_id == project_id]

    def contacts(self, party: PartyHead) -> tuple[int, ...]:
        """Its local contacts, written to first."""
        return self._of(party, Role.local_contact)

    def holder(self, party: PartyHead) -> tuple[int, ...]:
        """Its mayor or president, if registered."""
        return self._of(party, Role.signatory)

    def delegates(self, party: PartyHead, stage_key: str, deliverable_key: str) -> tuple[int, ...]:
        """Those whose delegation covers this deliverable."""
        return tuple(
            each.delegate_id
            for each in self.delegations
            if each.code == party.code and is_covered(each.scope, stage_key, deliverable_key)
        )

    def signing_since(self, party: PartyHead, stage_key: str, deliverable_key: str) -> dict[int, date]:
        """The first day of each delegate for this deliverable, and of the holder after the last one's end."""
        covering = [
            each
            for each in (*self._ended, *self.delegations)
            if each.code == party.code and is_covered(each.scope, stage_key, deliverable_key)
        ]
        since = {each.delegate_id: each.valid_from for each in reversed(covering)}
        ends = [each.valid_until for each in covering]
        return since | {one: max(ends) + timedelta(days=1) for one in self.holder(party) if ends}

    def contractors(self, project_id: int) -> tuple[int, ...]:
        """The contacts of the contractor."""
        return self._contractors.get(project_id, ())

    def agent(self, project_id: int) -> tuple[int, ...]:
        """The agent of the ANCT in charge."""
        agent = self.projects[project_id].agent_id
        return (agent,) if agent else ()

    def everybody(self, project_id: int) -> tuple[int, ...]:
        """All of them, once each."""
        people = list(self.agent(project_id))
        for party in self.parties_of(project_id):
            people += [person for role in ROLES_OF_A_PARTY for person in self._of(party, role)]
        return tuple(dict.fromkeys([*people, *self.contractors(project_id)]))

    def readers(self, person_ids: Iterable[int]) -> dict[int, Reader]:
        """How often each wants mail, and the département whose holidays they keep (none: the national ones)."""
        self._readers |= readers_of(self._connection, sorted(set(person_ids) - set(self._readers)), self.at)
        return self._readers

    def _of(self, party: PartyHead, role: Role) -> tuple[int, ...]:
        return self._holders.of(role, party.code, party.project_id)


def heads(connection: Connection, project_ids: Sequence[int]) -> list[ProjectHead]:
    """The projects of these numbers; those whose lifecycle cannot be read are left aside (and logged)."""
    return [
        ProjectHead(one.id, one.slug, one.title, one.status, one.agency_agent_id, one.resumed_at, lifecycle)
        for one in connection.execute(_HEADS, {"projects": [*project_ids]})
        if (lifecycle := lifecycle_or_none(one.lifecycle_key, one.lifecycle_version)) is not None
    ]


def _parties(connection: Connection, project_ids: list[int]) -> dict[int, PartyHead]:
    rows = connection.execute(_PARTIES, {"projects": project_ids}).all()
    return {
        row[0]: PartyHead(row[0], row[1], row[2], row[3], row[4], row[5] is PartyRole.signatory)
        for row in rows
    }


def _delegations(
    connection: Connection, codes: list[str], day: date, at: datetime
) -> list[RunningDelegation]:
    """Those that have begun by ``day``; some may have ended."""
    begun = connection.execute(_DELEGATIONS, {"codes": codes, "day": day, "now": at})
    return [RunningDelegation(*row) for row in begun]


def readers_of(connection: Connection, person_ids: Sequence[int], now: datetime) -> dict[int, Reader]:
    """How often each of these people wants mail, and the département whose holidays they keep."""
    readers: dict[int, Reader] = {}
    for start in range(0, len(person_ids), AT_A_TIME):
        some = [*person_ids[start : start + AT_A_TIME]]
        homes = _departements(connection, some, now)
        for number, frequency in connection.execute(_WISHES, {"people": some}).all():
            readers[number] = Reader(number, MailFrequency(frequency), homes.get(number))
    return readers


def _departements(connection: Connection, person_ids: Sequence[int], now: datetime) -> dict[int, str]:
    """The département of the first local authority each of them acts for."""
    rows = connection.execute(_DEPARTEMENTS, {"people": person_ids, "now": now}).all()
    return {row[0]: row[1] for row in rows}
