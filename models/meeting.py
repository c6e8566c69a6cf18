"""The meetings of the steering committee: convened, moved or cancelled by the ANCT."""

from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import LONGEST_LINE, LONGEST_TEXT, REASON, UtcDateTime, within
from models.limits import Days, Text, words
from models.paris_time import french_date_time
from models.refusal import Refusal

LONGEST_PLACE = 300

TITLE = Text("Titre", LONGEST_LINE)
PLACE = Text("Lieu", LONGEST_PLACE)
HOURS = Days("Date de la réunion", 2000, 2099)
AGENDA = words("Ordre du jour", LONGEST_TEXT)


class Meeting(SQLModel, table=True):
    """One meeting of a project's steering committee (comité de pilotage).

    ``sequence`` counts the changes, as calendars want it (RFC 5545). What is 21 days late stands on its agenda
    by itself, beside ``agenda``.
    """

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id", index=True)
    title: str = Field(sa_type=within(TITLE))
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    place: str | None = Field(default=None, sa_type=within(PLACE))
    agenda: str | None = Field(default=None, sa_type=within(AGENDA))
    sequence: int = 0
    convened_by: int = Field(foreign_key="person.id")
    convened_at: datetime = Field(sa_type=UtcDateTime)
    told_at: datetime = Field(sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_reason: str | None = Field(default=None, sa_type=within(REASON))


def meeting_event(meeting_id: int) -> str:
    """« reunion-12 »: the name of a meeting among the events of a calendar, and its anchor on the page of meetings."""
    return f"reunion-{meeting_id}"


def meeting_path(slug: str, meeting_id: int) -> str:
    """Where a meeting is read, on the page of the meetings of its project."""
    return f"/projets/{slug}/reunions#{meeting_event(meeting_id)}"


class UnknownMeeting(Refusal):
    """No meeting has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"La réunion n° {number} n’existe pas : cherchez la bonne dans la liste des réunions du projet."
        )


class InvalidMeeting(Refusal):
    """A meeting that cannot be: without a title, in the past, or over before it begins."""


class AlreadyConvened(Refusal):
    """The project has a meeting of that title at that hour."""

    def __init__(self, meeting: Meeting) -> None:
        super().__init__(
            f"La réunion « {meeting.title} » du {french_date_time(meeting.starts_at)} est déjà convoquée, sous le "
            f"n° {meeting.id} : déplacez-la s’il faut la changer."
        )


class MeetingSettled(Refusal):
    """What has begun, or was cancelled, is neither moved nor cancelled."""

    def __init__(self, meeting: Meeting, act: str) -> None:
        past = (
            "a été annulée"
            if meeting.cancelled_at
            else f"a commencé le {french_date_time(meeting.starts_at)}"
        )
        super().__init__(
            f"La réunion n° {meeting.id} {past} : on ne peut plus {act}. Convoquez-en une autre."
        )


def meeting_refusal(meeting: Meeting, now: datetime, act: str) -> MeetingSettled | None:
    """Why this meeting is neither moved nor cancelled any more; ``act`` is what was to be done (« l’annuler »)."""
    if meeting.cancelled_at is None and meeting.starts_at > now:
        return None
    return MeetingSettled(meeting, act)


def is_to_come(now: datetime) -> sa.ColumnElement[bool]:
    """The condition of the meetings that ``meeting_refusal`` lets move."""
    columns = cast("sa.Table", Meeting.__table__).c  # type: ignore[attr-defined]
    return columns.cancelled_at.is_(None) & (columns.starts_at > now)


class NothingMoves(Refusal):
    """The change asked for leaves the meeting as it is."""

    def __init__(self, meeting: Meeting) -> None:
        super().__init__(
            f"La réunion n° {meeting.id} est déjà ainsi : donnez une autre date, un autre lieu ou un autre ordre "
            "du jour. Personne n’a été prévenu."
        )
