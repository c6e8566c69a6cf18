"""The minor revision that stands, with what its reader may say of it: told on the page, asked as the act asks it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from models.minor_revision import objection_refusal, objector_authority
from models.person import Actor
from models.project_shapes import DeliverableShown, VersionLine
from queries.access.project_access import Header
from queries.deliverables.deliverable import DeliverablePage, read_deliverable
from queries.stages.steps import StageStep


@dataclass(frozen=True, slots=True)
class ObjectionSeat:
    """A party for which the person could sign. ``signed`` is the version on which its decision was given (none: it has
    no decision); ``refusal``, what ``object_to_revision`` would answer now."""

    party_code: str
    party_name: str
    signed: int | None
    refusal: str | None


@dataclass(frozen=True, slots=True)
class ObjectionPage:
    """The current version of a deliverable and the seats from which the person could object.

    ``older`` is the number of the version to compare it with: the oldest that one of their parties signed, else the one
    before; None while there is a single version.
    """

    header: Header
    stage: StageStep
    deliverable: DeliverableShown
    version: VersionLine | None
    older: int | None
    is_open: bool
    seats: tuple[ObjectionSeat, ...]

    @property
    def path(self) -> str:
        """Where one objects."""
        return f"{self.deliverable.path}/objection"


def read_objections(
    session: Session, slug: str, deliverable_id: int, actor: Actor, now: datetime, today: date
) -> ObjectionPage:
    """The page, for anyone with a role in the project; raises ``NotVisible``. Writes nothing."""
    page = read_deliverable(session, slug, deliverable_id, actor.person_id, now)
    version, seats = page.deliverable.current, objection_seats(page, actor, today)
    number = page.deliverable.number
    signed = [each.signed for each in seats if each.signed and each.signed < number]
    return ObjectionPage(
        page.header,
        page.stage,
        page.deliverable,
        version,
        min(signed, default=number - 1) or None if number > 1 else None,
        version is not None and version.revision.is_open_to_objections(today),
        seats,
    )


def objection_seats(page: DeliverablePage, actor: Actor, today: date) -> tuple[ObjectionSeat, ...]:
    """The seats of the person in the page, as they are signed in; none while nothing is submitted."""
    version = page.deliverable.current
    if version is None:
        return ()
    seats = []
    for each in page.my_seats:
        signed = each.live.version if each.live else None
        authority = objector_authority(each.seat, actor, each.authority)
        refusal = objection_refusal(
            each.seat, each.cell, authority, version.revision, signed=signed, today=today
        )
        seats.append(
            ObjectionSeat(each.party_code, each.party_name, signed, str(refusal) if refusal else None)
        )
    return tuple(seats)
