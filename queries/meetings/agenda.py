"""The automatic part of the agenda of a project's next steering committee: all that is three weeks late."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from models.awaited import Awaited, short
from models.paris_time import paris_day
from models.reminder import ReminderKind
from models.shared_project import SharedProject
from models.stored_row import identity
from models.subject import Subject
from queries.ledger.find import lifecycle_of
from queries.reminders.awaited import awaited_in

MOST_SHOWN = 20
ACTS = {
    ReminderKind.sign_off: "valider {}",
    ReminderKind.deliverable: "déposer {}",
    ReminderKind.commitment: "tenir son engagement « {} »",
}


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One late thing: who owes it (the code when it is a party), what, since when."""

    party_code: str | None
    who: str
    act: str
    due_on: date
    days_late: int

    @property
    def text(self) -> str:
        """« Niort : déposer « Diagnostic territorial », en retard de 25 jours »."""
        return f"{self.who} : {self.act}, en retard de {self.days_late} jours"


def agenda_of(session: Session, project: SharedProject, now: datetime) -> list[AgendaLine]:
    """What is late by ``agenda_after_days`` (lifecycle data) or more today, the oldest first. Reads only."""
    least, today = lifecycle_of(project).reminders.agenda_after_days, paris_day(now)
    awaited = awaited_in(session.connection(), [identity(project)], now, today - timedelta(days=least))
    late = sorted((each for each in awaited if each.overdue), key=lambda each: (each.due_on, each.subject))
    return [_line(each, today) for each in late]


def _line(thing: Awaited, today: date) -> AgendaLine:
    what = short(thing.what).rstrip(".")
    act = what if Subject.parse(thing.subject).kind == "stage" else ACTS[thing.kind].format(what)
    return AgendaLine(thing.party_code, thing.who, act, thing.due_on, thing.days_late(today))


def with_late(agenda: str | None, lines: list[AgendaLine]) -> str | None:
    """The agenda as it was written, then what is late; None when there is neither."""
    if not lines:
        return agenda
    shown = [f"– {each.text}" for each in lines[:MOST_SHOWN]]
    if len(lines) > MOST_SHOWN:
        shown.append(f"– et {len(lines) - MOST_SHOWN} autres points en retard")
    late = "\n".join(["En retard, à examiner en séance :", *shown])
    return f"{agenda}\n\n{late}" if agenda else late
