"""What the stages at work await: deliverables to submit, sign-offs to give, what the ANCT does last."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.among import among
from models.awaited import Awaited, short, sign_off_subject, version_subject
from models.person import Role
from models.reminder import ReminderKind
from models.sign_off import Decision
from models.stage import StageStatus
from models.tables import DELIVERABLE, PARTY_DEADLINE, SEAT, SIGN_OFF, STAGE, VERSION
from queries.people.people_of_projects import PartyHead, People
from queries.signing.matrix import ASKED, GIVEN

REVIEWED = (StageStatus.open, StageStatus.in_review, StageStatus.revision_requested, StageStatus.signed_off)


@dataclass(slots=True)
class _Stage:
    """A stage at work, with what is read of it."""

    id: int
    project_id: int
    key: str
    status: StageStatus
    due_on: date
    told_at: datetime
    own: dict[int, tuple[date, datetime]] = field(default_factory=dict)
    deliverables: list[Any] = field(default_factory=list)
    cells: list[Any] = field(default_factory=list)

    def deadline(self, party_id: int | None) -> tuple[date, datetime]:
        """The day that counts for a party, and when it was told: its own when later than the stage's."""
        own = None if party_id is None else self.own.get(party_id)
        return own if own and own[0] > self.due_on else (self.due_on, self.told_at)

    def gathered(self, row: Any) -> tuple[datetime, ...]:
        """When the cities' own documents came in, which a shared one gathers: it is asked for once all are there."""
        own = [each.first_at for each in self.deliverables if each.party_id is not None]
        return () if row.party_id is not None or None in own else tuple(own)

    @property
    def signed_at(self) -> tuple[datetime, ...]:
        """When the cities answered: once all have, the ANCT is asked for its part."""
        return tuple(cell.at for cell in self.cells if cell.at is not None)


def stage_things(connection: Connection, people: People, day: date, last: date) -> Iterator[Awaited]:
    """What the stages of the living projects await, due by ``last``."""
    for stage in _read(connection, people, last):
        found = (
            *_submissions(people, stage),
            *(_sign_offs(people, stage) if stage.status is not StageStatus.open else ()),
            *(_last_word(people, stage) if stage.status is StageStatus.signed_off else ()),
        )
        yield from (each for each in found if each.due_on <= last and each.readers)


def _submissions(people: People, stage: _Stage) -> Iterator[Awaited]:
    """The first version of what is not in, and a new one of what was refused."""
    refused = {row.deliverable_id: row.at for row in stage.cells if row.decision == Decision.refused}
    for row in stage.deliverables:
        party = people.parties.get(row.party_id)
        if row.party_id is not None and party is None:
            continue
        if row.number and row.id not in refused:
            continue
        due_on, told_at = stage.deadline(row.party_id)
        told_at = max(told_at, refused.get(row.id, told_at), *stage.gathered(row))
        readers = _in_charge(people, stage, row.key, party)
        whose = f" ({party.name})" if party else ""
        text = f"Nouvelle version de « {row.title} »{whose}" if row.number else f"« {row.title} »{whose}"
        yield Awaited(
            ReminderKind.deliverable,
            version_subject(row.id, row.number + 1),
            stage.project_id,
            party.code if party else None,
            party.name if party else None,
            short(text),
            due_on,
            told_at,
            _path(people, stage, row.id),
            readers,
            _copies(people, stage, party, readers),
        )


def _sign_offs(people: People, stage: _Stage) -> Iterator[Awaited]:
    """Each seat that has not answered, on what is in and was refused by nobody."""
    rows = {row.id: row for row in stage.deliverables}
    refused = {row.deliverable_id for row in stage.cells if row.decision == Decision.refused}
    all_in = [row.first_at for row in stage.deliverables if row.first_at is not None]
    for cell in stage.cells:
        row, party = rows[cell.deliverable_id], people.parties.get(cell.party_id)
        if party is None or cell.decision is not None or not row.number or row.id in refused:
            continue
        due_on, told_at = stage.deadline(party.id)
        signers = people.delegates(party, stage.key, row.key) or people.holder(party)
        owner = people.parties.get(row.party_id)
        whose = f" de {owner.name}" if owner and owner.id != party.id else ""
        yield Awaited(
            ReminderKind.sign_off,
            sign_off_subject(row.id, party.id, row.round),
            stage.project_id,
            party.code,
            party.name,
            short(f"« {row.title} »{whose}"),
            due_on,
            max(told_at, row.asked_at or told_at, *all_in),
            _path(people, stage, row.id),
            tuple(dict.fromkeys((*people.contacts(party), *signers))),
            people.holder(party) + people.agent(stage.project_id),
            since=people.signing_since(party, stage.key, row.key),
        )


def _last_word(people: People, stage: _Stage) -> Iterator[Awaited]:
    """Every city has signed: what the ANCT still does before the stage ends."""
    acts = {
        "charter": (ReminderKind.sign_off, "Charte : signature de l’ANCT", "agency"),
        "terms_of_reference": (ReminderKind.deliverable, "Prestataire à désigner", "contractor"),
    }
    if stage.key in acts:
        kind, text, name = acts[stage.key]
        agent = people.agent(stage.project_id)
        subject, path = f"stage-{stage.id}/{name}", _path(people, stage, None)
        due_on, told_at = stage.due_on, max([stage.told_at, *stage.signed_at])
        yield Awaited(kind, subject, stage.project_id, None, None, text, due_on, told_at, path, agent)


def _in_charge(people: People, stage: _Stage, key: str, party: PartyHead | None) -> tuple[int, ...]:
    """The first of its submitters (lifecycle data) that has somebody."""
    definition = people.projects[stage.project_id].lifecycle.stage(stage.key).deliverable(key)
    for role in definition.submitted_by:
        found = {
            Role.agency_agent: people.agent(stage.project_id),
            Role.contractor: people.contractors(stage.project_id),
            Role.local_contact: people.contacts(party) if party else (),
        }[Role(role)]
        if found:
            return found
    return ()


def _copies(
    people: People, stage: _Stage, party: PartyHead | None, readers: tuple[int, ...]
) -> tuple[int, ...]:
    """Who hears of a late deliverable: the mayor of the city that has to submit it, and the ANCT's agent."""
    its_city = party is not None and set(readers) & set(people.contacts(party))
    return (people.holder(party) if party and its_city else ()) + people.agent(stage.project_id)


def _path(people: People, stage: _Stage, deliverable_id: int | None) -> str:
    """Where it is done: on the page of the deliverable, or on that of the stage."""
    project = f"/projets/{people.projects[stage.project_id].slug}"
    return f"{project}/livrables/{deliverable_id}" if deliverable_id else f"{project}/etapes/{stage.key}"


def _read(connection: Connection, people: People, last: date) -> list[_Stage]:
    """The stages at work that are due by then, with their deliverables and sign-offs: four queries."""
    alive = [each.id for each in people.projects.values() if each.is_alive]
    query = (
        sa.select(STAGE.c.id, STAGE.c.project_id, STAGE.c.key, STAGE.c.status, STAGE.c.due_on,
                  STAGE.c.due_set_at, STAGE.c.opened_at)
        .where(among(connection, STAGE.c.project_id, alive), STAGE.c.status.in_(REVIEWED), STAGE.c.due_on <= last)
        .order_by(STAGE.c.id)
    )  # fmt: skip
    stages = {
        row.id: _Stage(row[0], row[1], row[2], row[3], row[4], row[5] or row[6])
        for row in connection.execute(query)
    }
    if not stages:
        return []
    known = PARTY_DEADLINE.c
    own = sa.select(known.stage_id, known.party_id, known.due_on, known.set_at)
    for stage_id, party_id, due_on, set_at in connection.execute(own.where(known.stage_id.in_(stages))):
        stages[stage_id].own[party_id] = (due_on, set_at)
    for row in connection.execute(_DELIVERABLES, {"stages": list(stages)}):
        stages[row.stage_id].deliverables.append(row)
    for row in connection.execute(_CELLS, {"stages": list(stages)}):
        stages[row.stage_id].cells.append(row)
    return list(stages.values())


_OF_IT = sa.select(sa.func.min(VERSION.c.submitted_at, type_=VERSION.c.submitted_at.type)).where(
    VERSION.c.deliverable_id == DELIVERABLE.c.id
)
_DELIVERABLES = (
    # A typo mended later is no reason to be silent: the first version counts, and the first of the round.
    sa.select(DELIVERABLE.c.stage_id, DELIVERABLE.c.id, DELIVERABLE.c.key, DELIVERABLE.c.title,
              DELIVERABLE.c.party_id, DELIVERABLE.c.number, DELIVERABLE.c.round,
              _OF_IT.scalar_subquery().label("first_at"),
              _OF_IT.where(VERSION.c.round == DELIVERABLE.c.round).scalar_subquery().label("asked_at"))
    .where(DELIVERABLE.c.stage_id.in_(sa.bindparam("stages", expanding=True)))
    .order_by(DELIVERABLE.c.id)
)  # fmt: skip
_CELLS = (
    sa.select(SEAT.c.stage_id, SEAT.c.party_id, DELIVERABLE.c.id.label("deliverable_id"), SIGN_OFF.c.decision,
              SIGN_OFF.c.at)
    .select_from(SEAT.join(DELIVERABLE, ASKED).outerjoin(SIGN_OFF, GIVEN))
    .where(SEAT.c.stage_id.in_(sa.bindparam("stages", expanding=True)), SEAT.c.left_at.is_(None))
    .order_by(SEAT.c.stage_id, SEAT.c.party_id, DELIVERABLE.c.id)
)  # fmt: skip
