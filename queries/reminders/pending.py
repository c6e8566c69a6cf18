"""« Ce qui est attendu de moi, de nous », by deadline, with its reminders; and the last receipts of a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import Field
from sqlalchemy.engine import Connection
from sqlmodel import Session

from models.awaited import Awaited
from models.paris_time import paris_day
from models.project_shapes import SignOffShown
from models.reminder import ReminderKind
from models.shape import Shape
from models.subject import Subject
from models.tables import DELIVERABLE, PROJECT, SIGN_OFF, STAGE
from queries.access.standing import Standing, standings_of_concern
from queries.ledger.moving import MovingStage, moving_stages
from queries.people.people_of_projects import People
from queries.reminders.awaited import awaited_of
from queries.reminders.followed import last_reminded, next_reminder
from queries.signing.sign_offs import sign_offs

AHEAD = timedelta(days=92)
"""So far ahead the list goes unless asked for more: a promise that is due later is nobody's task of the day."""
RECEIPTS_SHOWN = 10


class PendingShown(Shape):
    """One thing that is awaited. ``is_mine`` tells what the person does themselves from what another does for a party
    they act for: a sign-off is its signatories' (the office holder, the delegates), and only « ours » for the local
    contact.
    """

    kind: ReminderKind
    subject: str = Field(examples=["deliverable-4/party-2/round-1"])
    about: str
    project: str
    project_title: str
    party: str | None = Field(description="Le nom de la collectivité.")
    due_on: date
    days_left: int = Field(description="Négatif quand c’est en retard.")
    path: str = Field(description="La page où cela se fait.")
    is_mine: bool = Field(description="À faire soi-même, et non par une autre personne de la collectivité.")
    last_reminded_on: date | None
    next_reminder_on: date | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A decision that the person gave, or recorded, and on what."""

    deliverable_title: str
    project_title: str
    sign_off: SignOffShown


@dataclass(frozen=True, slots=True)
class PendingPage:
    """The most urgent first; the receipts, the newest first. ``until`` is the last day that was looked at; ``moving``
    are the stages that may ask for something in a moment."""

    things: tuple[PendingShown, ...]
    receipts: tuple[Receipt, ...]
    until: date
    moving: tuple[MovingStage, ...]


def read_pending(session: Session, person_id: int, now: datetime, until: date | None = None) -> PendingPage:
    """What is awaited of a person and of the parties they act for, due by ``until`` (by default a quarter ahead).

    What a stage at work asks for now is there whatever its day: somebody waits for it. An agent of the ANCT has
    the projects in their charge. Writes nothing.
    """
    connection, today = session.connection(), paris_day(now)
    last = until or today + AHEAD
    standing = standings_of_concern(connection, person_id, now)
    people = People.of(connection, list(standing), now)
    things = [
        (each, is_mine)
        for each in awaited_of(connection, people, today, last, stages_to_the_end=True)
        if (is_mine := _whose(each, person_id, people, standing)) is not None
    ]
    people.readers(each.readers[0] for each, _ in things if each.readers)
    reminded = last_reminded(connection, list(standing), [each for each, _ in things])
    shown = [_thing(each, is_mine, people, reminded, today) for each, is_mine in things]
    shown.sort(key=lambda each: (each.due_on, not each.is_mine, each.project_title, each.about))
    moving = tuple(moving_stages(connection, list(standing)))
    return PendingPage(tuple(shown), tuple(receipts_of(connection, person_id)), last, moving)


def _whose(thing: Awaited, person_id: int, people: People, standing: Mapping[int, Standing]) -> bool | None:
    """Theirs (True), of a party they act for (False), or neither (None)."""
    is_reader, stands, code = person_id in thing.readers, standing[thing.project_id], thing.party_code
    if thing.kind is ReminderKind.sign_off and code in stands.signs_for:
        return is_reader or person_id in _holders(people, thing.project_id, code)
    if thing.kind is ReminderKind.sign_off and code in stands.acts_for:
        return False
    if is_reader:
        return True
    if thing.kind is ReminderKind.confirmation:  # a delegate has no key, and does not read what waits for one
        return False if code in stands.acts_for else None
    return False if code in stands.acts_for | stands.signs_for else None


def _holders(people: People, project_id: int, code: str) -> list[int]:
    """The mayor or president of a party: they may sign whatever they delegated."""
    parties = [each for each in people.parties_of(project_id) if each.code == code]
    return [one for each in parties for one in people.holder(each)]


def _thing(
    thing: Awaited, is_mine: bool, people: People, reminded: Mapping[str, date], today: date
) -> PendingShown:
    project = people.projects[thing.project_id]
    return PendingShown(
        kind=thing.kind,
        subject=thing.subject,
        about=thing.text,
        project=project.slug,
        project_title=project.title,
        party=thing.party,
        due_on=thing.due_on,
        days_left=(thing.due_on - today).days,
        path=_path(thing, project.slug),
        is_mine=is_mine,
        last_reminded_on=reminded.get(thing.subject),
        next_reminder_on=next_reminder(people, thing, today),
    )


def _path(thing: Awaited, slug: str) -> str:
    """Where it is done: a sign-off, on the page where the deliverable is read; a commitment, on its own."""
    subject = Subject.parse(thing.subject)
    if thing.kind is ReminderKind.commitment:
        return f"/projets/{slug}/engagements/{subject.id}"
    if thing.kind is ReminderKind.sign_off and subject.kind == "deliverable":
        return f"/projets/{slug}/livrables/{subject.id}"
    return thing.path


def receipts_of(connection: Connection, person_id: int) -> list[Receipt]:
    """The last decisions that a person gave, or recorded for another, in any project, living or not."""
    query = (
        sign_offs()
        .add_columns(DELIVERABLE.c.title.label("deliverable_title"), PROJECT.c.title.label("project_title"))
        .join(DELIVERABLE, DELIVERABLE.c.id == SIGN_OFF.c.deliverable_id)
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
        .where((SIGN_OFF.c.signed_by == person_id) | (SIGN_OFF.c.recorded_by == person_id))
        .order_by(SIGN_OFF.c.id.desc())
        .limit(RECEIPTS_SHOWN)
    )
    return [
        Receipt(row.deliverable_title, row.project_title, SignOffShown.model_validate(row))
        for row in connection.execute(query)
    ]
