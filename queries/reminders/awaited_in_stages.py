"""What the stages at work await, as reminders name it: documents, sign-offs, the last steps of the ANCT."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import DAY, among
from models.awaited import Awaited
from models.person import Role
from models.reminder import ReminderKind
from models.stage import LAID_OUT, StageStatus
from models.stage_needs import DeliverableSnapshot, StageSnapshot, missing_of
from models.subject import Subject
from models.tables import STAGE
from queries.people.people_of_projects import PartyHead, People
from queries.stages.deadlines import Deadlines, deadlines_of
from queries.stages.in_charge import first_in_charge
from queries.stages.snapshot import load_stages

_DUE = sa.select(STAGE.c.id).where(
    among(STAGE.c.project_id, "projects"), STAGE.c.status.in_(LAID_OUT), STAGE.c.due_on <= DAY
)
LAST_STEPS = {
    "agency_signature": (ReminderKind.sign_off, "Charte : signature de l’ANCT", "agency"),
    "contractor": (ReminderKind.deliverable, "Prestataire à désigner", "contractor"),
}
"""What the ANCT does once every city has signed, by ``Missing.what``."""


def awaited_in_stages(connection: Connection, people: People, last: date) -> Iterator[Awaited]:
    """What the stages of the active projects await, due by ``last``: eleven queries, however many."""
    active = [each.id for each in people.projects.values() if each.is_active]
    due = connection.execute(_DUE, {"projects": active, "day": last}).scalars()
    stages = load_stages(connection, due.all(), people.at)
    deadlines = deadlines_of(connection, stages)
    for stage in stages.values():
        for each in _StageReminders(people, stage, deadlines).awaited():
            if each.due_on <= last and each.readers:
                yield each


@dataclass(frozen=True, slots=True)
class _StageReminders:
    """A stage at work, with the people of its project and its deadlines."""

    people: People
    stage: StageSnapshot
    deadlines: Deadlines

    def awaited(self) -> Iterator[Awaited]:
        missing = missing_of(self.stage)
        refused = self.stage.refused
        to_submit = {each.deliverable_id for each in missing if each.what in ("deliverable", "revision")}
        for deliverable in self.stage.deliverables.values():
            if deliverable.id in to_submit:
                yield self._submission(deliverable, refused.get(deliverable.id))
        for each in missing:
            party = self._party(each.party_id)
            if (
                each.what == "sign_off"
                and party
                and each.deliverable_id
                and self._is_asked(each.deliverable_id)
            ):
                yield self._sign_off(self.stage.deliverables[each.deliverable_id], party)
            elif each.what in LAST_STEPS and self.stage.status is StageStatus.signed_off:
                yield self._last_step(each.what)

    def _party(self, party_id: int | None) -> PartyHead | None:
        """None for no party, and for one that has just left."""
        return None if party_id is None else self.people.parties.get(party_id)

    def _is_asked(self, deliverable_id: int) -> bool:
        """No sign-off is asked for before the review, nor on what a city refuses."""
        return self.stage.status is not StageStatus.open and deliverable_id not in self.stage.refused

    def _submission(self, deliverable: DeliverableSnapshot, refused_at: datetime | None) -> Awaited:
        """The first version of what is not in, and a new one of what was refused."""
        party = self._party(deliverable.party_id)
        due_on, told_at = self._deadline(deliverable.party_id)
        readers, role = self._in_charge(deliverable.key, party)
        holder = self.people.holder(party) if party and role is Role.local_contact else ()
        what = (
            f"Nouvelle version de « {deliverable.title} »"
            if deliverable.number
            else f"« {deliverable.title} »"
        )
        return Awaited(
            ReminderKind.deliverable,
            str(Subject.of("deliverable", deliverable.id, version=deliverable.number + 1)),
            self.stage.project_id,
            party.code if party else None,
            party.name if party else None,
            what,
            due_on,
            max(told_at, refused_at or told_at, *self._gathered(deliverable)),
            self._path(deliverable.id),
            readers,
            holder + self.people.agent(self.stage.project_id),
            is_contractors=role is Role.contractor,
        )

    def _sign_off(self, deliverable: DeliverableSnapshot, party: PartyHead) -> Awaited:
        """A seat that has not answered, on what is in and was refused by nobody."""
        due_on, told_at = self._deadline(party.id)
        signers = self.people.delegates(party, self.stage.key, deliverable.key) or self.people.holder(party)
        owner = self._party(deliverable.party_id)
        whose = f" de {owner.name}" if owner and owner.id != party.id else ""
        all_in = [each.first_at for each in self.stage.deliverables.values() if each.first_at is not None]
        return Awaited(
            ReminderKind.sign_off,
            str(Subject.of("deliverable", deliverable.id, party=party.id, round=deliverable.round)),
            self.stage.project_id,
            party.code,
            party.name,
            f"« {deliverable.title} »{whose}",
            due_on,
            max(told_at, deliverable.asked_at or told_at, *all_in),
            self._path(deliverable.id),
            tuple(dict.fromkeys((*self.people.contacts(party), *signers))),
            self.people.holder(party) + self.people.agent(self.stage.project_id),
            since=self.people.signing_since(party, self.stage.key, deliverable.key),
        )

    def _last_step(self, what: str) -> Awaited:
        kind, text, step = LAST_STEPS[what]
        due_on, told_at = self._deadline(None)
        signed_at = [cell.at for cell in self.stage.cells if cell.at is not None]
        return Awaited(
            kind,
            str(Subject.of("stage", self.stage.id, step)),
            self.stage.project_id,
            None,
            None,
            text,
            due_on,
            max(told_at, *signed_at),
            self._path(None),
            self.people.agent(self.stage.project_id),
        )

    def _deadline(self, party_id: int | None) -> tuple[date, datetime]:
        """The day that counts for a party, and when it was told; stages without a day were left aside."""
        deadline = self.deadlines.of(self.stage.id, party_id)
        return cast("tuple[date, datetime]", (deadline.due_on, deadline.told_at))

    def _gathered(self, deliverable: DeliverableSnapshot) -> list[datetime]:
        """When the cities' own documents came in, which a shared one gathers: it is asked for once all are there."""
        own = [each.first_at for each in self.stage.deliverables.values() if each.party_id is not None]
        there = [at for at in own if at is not None]
        return there if deliverable.party_id is None and len(there) == len(own) else []

    def _in_charge(self, key: str, party: PartyHead | None) -> tuple[tuple[int, ...], Role | None]:
        project_id = self.stage.project_id
        people, role = first_in_charge(
            self.people.projects[project_id].lifecycle.stage(self.stage.key).deliverable(key),
            agent=self.people.agent(project_id),
            contractors=self.people.contractors(project_id),
            contacts=self.people.contacts(party) if party else (),
        )
        return tuple(people), role

    def _path(self, deliverable_id: int | None) -> str:
        """Where it is done: on the page of the deliverable, or on that of the stage."""
        project = f"/projets/{self.stage.slug}"
        return (
            f"{project}/livrables/{deliverable_id}"
            if deliverable_id
            else f"{project}/etapes/{self.stage.key}"
        )
