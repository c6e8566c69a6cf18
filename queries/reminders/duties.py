"""What each person is asked for in some projects, as reminders see it: what passes on when who is in charge changes."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.awaited import Awaited
from models.paris_time import paris_day
from models.reminder import ReminderKind
from models.subject import Subject
from models.tables import COMMITMENT, DELEGATION, PROPOSAL
from queries.people.people_of_projects import People, heads
from queries.reminders.awaited import awaited_of

Duties = Mapping[int, Mapping[str, Awaited]]
"""By person, what they have to do, by its subject."""

ENDS_SOON = timedelta(days=30)
"""A delegation that ends later is nobody's task yet."""
JUST_BEFORE = timedelta(microseconds=1)


def duties_of(
    connection: Connection, project_ids: Collection[int], now: datetime, *, roles_at: datetime | None = None
) -> Duties:
    """What is awaited now of each person in these projects, whatever its day; by the roles held at ``roles_at``, if
    another instant. The caller flushes."""
    at, today = roles_at or now, paris_day(now)
    people = People(connection, heads(connection, sorted(project_ids)), paris_day(at), at)
    duties: dict[int, dict[str, Awaited]] = {}
    for thing in awaited_of(connection, people, today, None, stages_to_the_end=True):
        if thing.kind is ReminderKind.delegation and not today <= thing.due_on <= today + ENDS_SOON:
            continue
        for person_id in thing.readers:
            duties.setdefault(person_id, {})[thing.subject] = thing
    return duties


def taken_on(before: Duties, after: Duties) -> dict[int, list[Awaited]]:
    """What each person has to do in ``after`` and had not in ``before``."""
    taken = {
        person_id: [thing for subject, thing in things.items() if subject not in before.get(person_id, {})]
        for person_id, things in after.items()
    }
    return {person_id: things for person_id, things in taken.items() if things}


class NewestRows:
    """The newest commitment, proposal and delegation of the moment: what is written later has a mail of its own."""

    def __init__(self, connection: Connection) -> None:
        tables = {
            ReminderKind.commitment: COMMITMENT,
            ReminderKind.confirmation: PROPOSAL,
            ReminderKind.delegation: DELEGATION,
        }
        self._last = {
            kind: connection.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0
            for kind, table in tables.items()
        }

    def were_before(self, thing: Awaited) -> bool:
        """Was it there already?"""
        last = self._last.get(thing.kind)
        return last is None or Subject.parse(thing.subject).id <= last
