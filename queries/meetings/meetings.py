"""The meetings of a project's steering committee, as its members see them."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from queries.access.project_access import Header, see
from queries.access.standing import Standing
from queries.meetings.list_meetings import MeetingShown, meetings_shown


@dataclass(frozen=True, slots=True)
class MeetingsPage:
    """Those to come, the next one first; then those that were held or cancelled, the last one first."""

    header: Header
    standing: Standing
    to_come: tuple[MeetingShown, ...]
    past: tuple[MeetingShown, ...]


def read_meetings(session: Session, slug: str, person_id: int, now: datetime) -> MeetingsPage:
    """The page, as this person may see it; raises ``OutOfSight``. Writes nothing."""
    sight = see(session, slug, person_id, now)
    meetings = meetings_shown(session, sight)
    return MeetingsPage(
        sight.header,
        sight.standing,
        tuple(each for each in meetings if each.status == "to_come"),
        tuple(each for each in reversed(meetings) if each.status != "to_come"),
    )
