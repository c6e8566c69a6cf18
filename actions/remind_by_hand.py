"""The agent's own reminder about one thing: at once, on its own, and once a day at most."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session, col, select

from actions.awaited import awaited_in, awaited_of
from actions.find import find_project, identity, lock_slug
from actions.journal import record
from actions.notify import tell
from actions.people_of_projects import People
from actions.rights import require_agency_agent
from models.awaited import Awaited
from models.database import Database
from models.paris_time import PARIS, paris_day
from models.person import Actor
from models.refusal import Refusal
from models.reminder import (
    COOL_DOWN,
    ManualReminder,
    first_day_after,
    rungs_from,
    sending_day,
)
from models.tables import REMINDER


class NothingAwaited(Refusal):
    """Nothing of this name is awaited in the project."""

    def __init__(self, subject: str, known: list[str]) -> None:
        self.subject = subject
        hint = f"on attend : {', '.join(known[:8])}" if known else "rien n’y est attendu"
        super().__init__(f"« {subject} » n’est pas attendu dans ce projet ; {hint}.")


class NobodyToRemind(Refusal):
    """Nobody is registered who could do it."""

    def __init__(self, thing: Awaited) -> None:
        super().__init__(
            f"« {thing.text} » n’attend personne d’enregistré : ajoutez l’interlocuteur ou le signataire concerné, "
            "puis rappelez-le."
        )


class RemindedToday(Refusal):
    """It was reminded by hand less than a day ago."""

    def __init__(self, thing: Awaited, asked_at: datetime) -> None:
        self.asked_at = asked_at
        again = (asked_at + COOL_DOWN).astimezone(PARIS)
        super().__init__(
            f"« {thing.text} » a déjà été rappelé le {asked_at.astimezone(PARIS):%d/%m/%Y à %H:%M} : "
            f"un rappel par jour suffit ; le prochain est possible à partir du {again:%d/%m/%Y à %H:%M}."
        )


@dataclass(frozen=True, slots=True)
class Followed:
    """A thing that is awaited, when it was last reminded, and when it is next."""

    thing: Awaited
    last_reminded_on: date | None
    next_reminder_on: date | None


def remind_by_hand(db: Database, actor: Actor, slug: str, subject: str, *, now: datetime) -> Awaited:
    """Write to those who have to do it. Commits.

    The ladder says nothing more about it within its quiet hours. Raises ``NotAllowed``, ``UnknownProject``,
    ``NothingAwaited``, ``RemindedToday``.
    """
    with db.write() as session:
        project = lock_slug(session, slug)
        require_agency_agent(session, actor, now, "envoyer un rappel", project)
        things = {
            each.subject: each
            for each in awaited_in(session.connection(), [identity(project)], paris_day(now))
        }
        if subject not in things:
            raise NothingAwaited(subject, list(things))
        thing = things[subject]
        if not thing.readers:
            raise NobodyToRemind(thing)
        last = _last_by_hand(session, subject)
        if last is not None and now < last + COOL_DOWN:
            raise RemindedToday(thing, last)
        asked = ManualReminder(
            project_id=identity(project), subject=subject, asked_by=actor.person_id or 0, asked_at=now
        )
        session.add(asked)
        session.flush()
        record(session, "reminder.sent", project_id=project.id, actor=actor, now=now,
               party_code=thing.party_code, subject=subject, recipients=list(thing.readers))  # fmt: skip
        tell(session, thing.readers, "reminder_from_agent", f"reminder-{asked.id}", now, project=project,
             kind=thing.kind.value, text=thing.text, due_on=thing.due_on.isoformat(),
             today=paris_day(now).isoformat(), path=thing.path)  # fmt: skip
        return thing


def _last_by_hand(session: Session, subject: str) -> datetime | None:
    query = select(ManualReminder.asked_at).where(ManualReminder.subject == subject)
    return session.exec(query.order_by(col(ManualReminder.id).desc()).limit(1)).first()


def follow(session: Session, slug: str, now: datetime) -> list[Followed]:
    """All that is awaited in a project, most urgent first, with its last and next reminders. Writes nothing."""
    project = find_project(session, slug)
    connection, today = session.connection(), paris_day(now)
    people = People.of(connection, [identity(project)], today)
    things = sorted(awaited_of(connection, people, today, None), key=lambda each: (each.due_on, each.subject))
    last = _last_reminded(connection, identity(project))
    return [Followed(each, last.get(each.subject), next_reminder(people, each, today)) for each in things]


def _last_reminded(connection: Connection, project_id: int) -> dict[str, date]:
    ladder = (
        sa.select(REMINDER.c.subject, sa.func.max(REMINDER.c.day))
        .where(REMINDER.c.project_id == project_id)
        .group_by(REMINDER.c.subject)
    )
    found: dict[str, date] = {row[0]: row[1] for row in connection.execute(ladder)}
    by_hand = sa.select(ManualReminder.subject, ManualReminder.asked_at).where(  # type: ignore[call-overload]
        ManualReminder.project_id == project_id
    )
    for subject, asked_at in connection.execute(by_hand):
        found[subject] = max(found.get(subject, date.min), paris_day(asked_at))
    return found


def next_reminder(people: People, thing: Awaited, today: date) -> date | None:
    """The next day of the ladder for its first reader; None when they want none or nothing more comes."""
    if not thing.readers:
        return None
    reader = people.readers(thing.readers)[thing.readers[0]]
    rules = people.projects[thing.project_id].lifecycle.reminders
    told_on = paris_day(thing.last_told())
    for rung in rungs_from(rules, thing.due_on, max(told_on, today), overdue=thing.overdue):
        if rung.on > told_on and rung.on > today:
            quiet_until = first_day_after(thing.last_told() + rules.quiet)
            return sending_day(reader, max(rung.on, quiet_until))
    return None
