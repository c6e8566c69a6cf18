"""The daily rounds as the tests live them: what is promised, what a round wrote, what was foretold, what left."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from cast import NIORT, Cast
from sqlmodel import Session

from actions.mail.claim_notices import claim_notices, mark_sent
from actions.mail.drop_notices import drop_digest
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from actions.reminders.send_reminders import Round, send_reminders
from database.engine import Database
from models.commitment import Commitment, CommitmentOrigin
from models.meeting import Meeting
from models.paris_time import PARIS
from models.party import Party
from models.person import MailFrequency
from models.reminder import Reader, sending_day
from models.shared_project import SharedProject
from models.stored_row import identity
from models.tables import NOTICE, PERSON, REMINDER
from queries.ledger.find import find_party, find_project
from queries.mail.claimed import ClaimedNotice
from queries.reminders.preview import PlannedDigest, preview_reminders
from queries.reminders.still_awaited import refresh

At = Callable[[str], Cast]
Told = tuple[str, str, str]
"""One line of a digest: whom, what (its subject), at which rung."""
MONDAY = date(2027, 3, 1)
"""No holiday near: 1 March 2027 is a Monday, Easter Monday the 29th."""
CITY_OF_ALSACE, CITY_OF_REUNION = "67482", "97411"
_numbers = itertools.count(1)


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """That hour of Paris."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS)


def days(first: date, last: date) -> Iterator[date]:
    """From one to the other, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


# What is awaited


def promise(
    cast: Cast,
    due_on: date,
    owner: str = NIORT,
    *,
    told_at: datetime | None = None,
    text: str = "Prêter une salle",
    slug: str | None = None,
) -> str:
    """A commitment of that city (or of the ANCT, or of the contractor); gives its subject."""
    with cast.db.write() as session:
        project = find_project(session, slug or cast.slug)
        at = told_at or moment(due_on - timedelta(days=100))
        party = _party(session, project, owner)
        promised = Commitment(
            project_id=identity(project),
            owner=owner,
            party_id=party.id if party else None,
            origin=CommitmentOrigin.charter,
            reference=f"essai-{next(_numbers)}",
            text=text,
            due_on=due_on,
            due_set_at=at,
            created_at=at,
        )
        session.add(promised)
        session.flush()
        return f"commitment-{promised.id}"


def _party(session: Session, project: SharedProject, owner: str) -> Party | None:
    return find_party(session, project, owner) if owner[:1].isdigit() else None


def convene(cast: Cast, day: date, *, title: str = "Comité de pilotage", told_at: datetime) -> Meeting:
    """The steering committee meets that day at 14 h."""
    plan = MeetingPlan(cast.slug, title, moment(day, 14), moment(day, 16), "Mairie de Niort")
    return convene_meeting(cast.db, cast.agent, plan, now=told_at)


def choose(cast: Cast, person_id: int | None, frequency: MailFrequency) -> None:
    """How often somebody wants what is no legal notice."""
    with cast.db.write_statements() as connection:
        chosen = sa.update(PERSON).where(PERSON.c.id == person_id).values(mail_frequency=frequency)
        connection.execute(chosen)


def forget_the_past(cast: Cast) -> None:
    """Only what the test owes is owed."""
    with cast.db.write_statements() as connection:
        connection.execute(sa.delete(NOTICE))


# The rounds


def hold(cast: Cast, day: date, hour: int = 8, *, leaves: bool = True) -> Round | None:
    """The round of that day, and its mails gone, unless the post is out; the clock of the cast is then there."""
    now = moment(day, hour)
    cast.set_clock(now)
    done = send_reminders(cast.db, day=day, now=now)
    if leaves:
        deliver(cast.db, now)
    return done


def deliver(db: Database, now: datetime) -> list[ClaimedNotice]:
    """What the post does, less the wire: claim, bring up to date, mark. Gives what has left, as it left."""
    gone: list[ClaimedNotice] = []
    while claimed := claim_notices(db, now=now, most=500):
        for notice in claimed:
            payload: dict[str, Any] | None = notice.payload
            if notice.is_digest:
                with db.read() as session:
                    payload = refresh(session, notice.payload, now)
            if payload is None:
                drop_digest(db, notice.id, "tout est fait", now=now)
            else:
                mark_sent(db, notice.id, now=now)
                gone.append(replace(notice, payload=payload))
    return gone


def live(cast: Cast, first: date, last: date, *, leaves: bool = True) -> None:
    """A round each day, from one to the other included."""
    for day in days(first, last):
        hold(cast, day, leaves=leaves)


def reminded(db: Database, *conditions: sa.ColumnElement[bool]) -> list[sa.RowMapping]:
    """Every line of every digest, with the address of its reader, in the order of the days."""
    with db.read() as session:
        query = sa.select(REMINDER, PERSON.c.email).join(PERSON, PERSON.c.id == REMINDER.c.recipient_id)
        ordered = query.where(*conditions).order_by(REMINDER.c.day, PERSON.c.email, REMINDER.c.id)
        return list(session.connection().execute(ordered).mappings())


def notified_on(cast: Cast, day: date) -> set[Told]:
    """The lines of that day."""
    return {
        (each["email"], each["subject"], each["rung"]) for each in reminded(cast.db, REMINDER.c.day == day)
    }


def rungs_of(cast: Cast, email: str, subject: str) -> list[tuple[date, str]]:
    """When somebody was reminded of something, and at which rung."""
    found = reminded(cast.db, PERSON.c.email == email, REMINDER.c.subject == subject)
    return [(each["day"], each["rung"]) for each in found]


def digests(cast: Cast, day: date | None = None) -> dict[str, sa.RowMapping]:
    """The digests in the outbox, of that day or of all (the last one of each reader), by address."""
    with cast.db.read() as session:
        query = sa.select(NOTICE, PERSON.c.email).join(PERSON, PERSON.c.id == NOTICE.c.recipient_id)
        query = query.where(NOTICE.c.key.startswith(f"digest:{day or ''}")).order_by(NOTICE.c.id)
        return {row["email"]: row for row in session.connection().execute(query).mappings()}


def subjects(digest: sa.RowMapping | None) -> list[str]:
    """The subjects of its lines, in order."""
    if digest is None:
        return []
    return [item["subject"] for project in digest["payload"]["projects"] for item in project["items"]]


# What is foretold


def foretell(cast: Cast, day: date, now: datetime | None = None) -> dict[str, PlannedDigest]:
    """The preview of that day, by address."""
    return {each.email: each for each in preview_reminders(cast.db, day=day, now=now or cast.now)}


def as_planned(planned: dict[str, PlannedDigest]) -> dict[str, tuple[str, Any, list[tuple[str, str]]]]:
    """What each is to get: the message, its values, and the rungs of its lines."""
    return {
        email: (each.message, each.payload, sorted((line.subject, line.rung) for line in each.lines))
        for email, each in planned.items()
    }


def as_sent(cast: Cast, day: date) -> dict[str, tuple[str, Any, list[tuple[str, str]]]]:
    """What each has got that day, in the same words as ``as_planned``."""
    rungs: dict[str, list[tuple[str, str]]] = {}
    for email, subject, rung in notified_on(cast, day):
        rungs.setdefault(email, []).append((subject, rung))
    return {
        email: (row["message"], row["payload"], sorted(rungs.get(email, [])))
        for email, row in digests(cast, day).items()
    }


def working_day(day: date) -> date:
    """The day on which the mail of ``day`` leaves, to somebody with no holidays of their own."""
    return sending_day(Reader(0, MailFrequency.daily), day) or day


def due(cast: Cast, key: str) -> date:
    """The deadline of this stage."""
    return cast.stage(key).due_on or cast.today
