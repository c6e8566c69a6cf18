"""The second keys that are awaited: as any other thing, reminded to those who may turn them."""

from collections.abc import Iterator
from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import NOW, among
from models.awaited import Awaited
from models.paris_time import PARIS, paris_day
from models.party import is_present
from models.proposal import Capacity, ProposalState, confirmers_of, is_open
from models.reminder import ReminderKind
from models.subject import Subject
from models.tables import PARTY, PROPOSAL
from queries.people.people_of_projects import PartyHead, People

_OPEN = (
    sa.select(PROPOSAL)
    .where(
        is_open(NOW),
        among(PROPOSAL.c.project_id, "projects")
        | (PROPOSAL.c.project_id.is_(None) & among(PROPOSAL.c.authority_code, "codes")),
    )
    .order_by(PROPOSAL.c.id)
)


def awaited_confirmations(connection: Connection, people: People, last: date) -> Iterator[Awaited]:
    """The open proposals of these projects and of their cities, to be confirmed by their last day.

    What holds in all of a city's projects is awaited in the first of its active ones, once.
    """
    homes = _homes(people)
    codes = sorted({code for code, _ in homes})
    projects = [number for number, each in people.projects.items() if each.is_active]
    for row in connection.execute(_OPEN, {"projects": projects, "codes": codes, "now": people.at}).all():
        party = homes.get((row.authority_code, row.project_id))
        due_on = paris_day(row.expires_at)
        if party is None or due_on > last:
            continue
        able = confirmers_of(row.kind, row.side, row.file_sha256)
        readers = [each for each in _readers(people, party, able) if each != row.proposed_by]
        is_agents = able <= {Capacity.agent}
        yield Awaited(
            ReminderKind.confirmation,
            str(Subject.of("proposal", row.id)),
            party.project_id,
            None if is_agents else party.code,
            None if is_agents else party.name,
            row.what,
            due_on,
            row.proposed_at,
            f"/confirmations/{row.id}",
            tuple(readers),
            people.agent(party.project_id),
            overdue=False,
        )


def _homes(people: People) -> dict[tuple[str, int | None], PartyHead]:
    """Where a city's proposals are awaited: in their project, or in the first of its active ones."""
    homes: dict[tuple[str, int | None], PartyHead] = {}
    for party in people.parties.values():
        if people.projects[party.project_id].is_active:
            homes[party.code, party.project_id] = party
            homes.setdefault((party.code, None), party)
    return homes


def _readers(people: People, party: PartyHead, able: frozenset[Capacity]) -> tuple[int, ...]:
    readers: tuple[int, ...] = ()
    if Capacity.contact in able:
        readers += people.contacts(party)
    if Capacity.holder in able:
        readers += people.holder(party)
    if Capacity.agent in able:
        readers += people.agent(party.project_id)
    return tuple(dict.fromkeys(readers))


def confirming_projects(day: date, horizon: date) -> sa.Select[int]:
    """The projects of the cities that have something to confirm between these days."""
    first, last = (datetime.combine(each, time.min, PARIS) for each in (day, horizon))
    waiting = sa.select(PROPOSAL.c.authority_code).where(
        PROPOSAL.c.state == ProposalState.proposed,
        PROPOSAL.c.expires_at >= first,
        PROPOSAL.c.expires_at < last.replace(hour=23, minute=59),
    )
    return sa.select(PARTY.c.project_id).where(PARTY.c.code.in_(waiting), is_present())
