"""A person chooses how often we write what is neither asked of them nor theirs to know by right."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session

from actions.ledger.journal import lock_register, record
from actions.mail.notify import UNWANTED
from actions.people.personal_link import holder_of
from actions.reminders.hold_round import forget_lines
from database.engine import Database
from models.notice import DIGESTS, is_pending
from models.person import Actor, AuthMethod, MailFrequency, Person
from models.stored_row import identity
from models.tables import NOTICE


@dataclass(frozen=True, slots=True)
class FrequencyChoice:
    """What a person chooses from the link of a mail, with the version that their links had in it."""

    person_id: int
    links_version: int
    frequency: MailFrequency


def set_frequency(db: Database, choice: FrequencyChoice, *, now: datetime) -> Person:
    """Set the frequency, as the link of a mail asks; the same twice is once. Commits. Raises ``DeadLink``.

    Who wants nothing any more gets neither the news they waited for nor the digest that was about to leave.
    """
    with db.write() as session:
        lock_register(session)
        person = holder_of(session, choice.person_id, choice.links_version)
        actor = Actor(choice.person_id, person.name, AuthMethod.email_link)
        _set(session, person, choice.frequency, actor, now)
        return person


def set_my_frequency(db: Database, actor: Actor, frequency: MailFrequency, *, now: datetime) -> Person:
    """As ``set_frequency``, for a person who is signed in. Commits."""
    with db.write() as session:
        lock_register(session)
        person = session.get_one(Person, actor.person_id)
        _set(session, person, frequency, actor, now)
        return person


def _set(session: Session, person: Person, frequency: MailFrequency, actor: Actor, now: datetime) -> None:
    if person.mail_frequency is frequency:
        return
    person.mail_frequency = frequency
    session.flush()
    if frequency is MailFrequency.never:
        _drop_what_waits(session, person, now)
    record(
        session,
        "mail_frequency.chosen",
        project_id=None,
        actor=actor,
        now=now,
        person=person.id,
        frequency=frequency.value,
    )


def _drop_what_waits(session: Session, person: Person, now: datetime) -> None:
    connection = session.connection()
    waiting = (
        NOTICE.c.recipient_id == person.id,
        is_pending(),
        NOTICE.c.is_held | NOTICE.c.message.in_(DIGESTS),
    )
    rows = connection.execute(
        sa.select(NOTICE.c.id, NOTICE.c.message, NOTICE.c.payload).where(*waiting)
    ).all()
    dropped = sa.update(NOTICE).where(NOTICE.c.id.in_([row.id for row in rows]))
    connection.execute(dropped.values(dropped_at=now, is_held=False, claimed_until=None, last_error=UNWANTED))
    for row in rows:
        if row.message in DIGESTS:
            forget_lines(connection, date.fromisoformat(row.payload["day"]), identity(person))
