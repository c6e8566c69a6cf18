"""The agent's own reminder about one thing: at once, on its own, and once a day at most."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.mail.notify import tell
from database.engine import Database
from models.awaited import Awaited
from models.paris_time import french_date_time, paris_day
from models.person import Actor
from models.refusal import Refusal
from models.reminder import COOL_DOWN, ManualReminder
from models.stored_row import identity
from models.subject import Subject
from queries.access.rights import require_agency_agent
from queries.reminders.awaited import awaited_in


class NothingAwaited(Refusal):
    """Nothing of this name is awaited in the project."""

    def __init__(self, subject: str, awaited: list[str]) -> None:
        hint = f"on attend : {', '.join(awaited[:8])}" if awaited else "rien n’y est attendu"
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
        again = french_date_time(asked_at + COOL_DOWN)
        super().__init__(
            f"« {thing.text} » a déjà été rappelé le {french_date_time(asked_at)} : "
            f"un rappel par jour suffit ; le prochain est possible à partir du {again}."
        )


@dataclass(frozen=True, slots=True)
class ReminderRequest:
    """What is awaited in the project ``slug``: the ``subject`` is the name that the list of reminders gives."""

    slug: str
    subject: str


def remind_by_hand(db: Database, actor: Actor, request: ReminderRequest, *, now: datetime) -> Awaited:
    """Write to those who have to do it. Commits.

    The ladder says nothing more about it within its quiet hours. Raises ``NotAllowed``, ``UnknownProject``,
    ``NothingAwaited``, ``RemindedToday``.
    """
    subject = request.subject
    with db.write() as session:
        project = lock_slug(session, request.slug)
        require_agency_agent(session, actor, now, "envoyer un rappel", project)
        things = {each.subject: each for each in awaited_in(session.connection(), [identity(project)], now)}
        if subject not in things:
            raise NothingAwaited(subject, list(things))
        thing = things[subject]
        if not thing.readers:
            raise NobodyToRemind(thing)
        last = _last_by_hand(session, subject)
        if last is not None and now < last + COOL_DOWN:
            raise RemindedToday(thing, last)
        asked = ManualReminder(
            project_id=identity(project), subject=subject, asked_by=actor.person_id, asked_at=now
        )
        session.add(asked)
        session.flush()
        record(session, "reminder.sent", project_id=project.id, actor=actor, now=now,
               party_code=thing.party_code, subject=subject, recipients=list(thing.readers))  # fmt: skip
        tell(session, thing.readers, "reminder_from_agent", Subject.of("reminder", asked.id), now, project=project,
             kind=thing.kind.value, text=thing.text, due_on=thing.due_on.isoformat(),
             today=paris_day(now).isoformat(), path=thing.path)  # fmt: skip
        return thing


def _last_by_hand(session: Session, subject: str) -> datetime | None:
    query = select(ManualReminder.asked_at).where(ManualReminder.subject == subject)
    return session.exec(query.order_by(col(ManualReminder.id).desc()).limit(1)).first()
