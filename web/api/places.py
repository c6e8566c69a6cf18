"""The deliverable that an address names, where the caller may see it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from sqlmodel import Session

from models.deliverable import Deliverable
from models.project_shapes import VersionLine
from models.shared_project import SharedProject
from models.stored_row import identity
from queries.ledger.find import find_deliverable, find_party, find_stage
from queries.stages.details import load_deliverables
from web.api.caller import ApiCaller
from web.api.values import DeliverableName, OwnerCode, Slug, StageName, now


@dataclass(frozen=True, kw_only=True)
class DeliverablePlace:
    """The parameters of an address below a deliverable."""

    slug: Slug
    stage: StageName
    key: DeliverableName


@dataclass(frozen=True, kw_only=True)
class OwnedPlace(DeliverablePlace):
    """As well, the city whose own deliverable it is; the shared one without it."""

    party: OwnerCode = None


Place = Annotated[DeliverablePlace, Depends()]
PlaceOfOwner = Annotated[OwnedPlace, Depends()]


def find_deliverable_id(caller: ApiCaller, place: OwnedPlace) -> int:
    """The id of a deliverable. Raises ``NotVisible``, ``UnknownStage``, ``UnknownParty``, ``UnknownDeliverable``."""
    with caller.read(place.slug) as (session, project):
        return identity(_find_deliverable(session, project, place))


def find_versions(caller: ApiCaller, place: OwnedPlace) -> tuple[VersionLine, ...]:
    """The versions of a deliverable, the newest first; raises as ``find_deliverable_id``."""
    with caller.read(place.slug) as (session, project):
        deliverable = _find_deliverable(session, project, place)
        stage_id = deliverable.stage_id
        details = load_deliverables(session.connection(), place.slug, [stage_id], now())[stage_id]
        return next(each.versions for each in details.deliverables if each.id == deliverable.id)


def _find_deliverable(session: Session, project: SharedProject, place: OwnedPlace) -> Deliverable:
    stage = find_stage(session, project, place.stage)
    owner = find_party(session, project, place.party) if place.party else None
    return find_deliverable(session, stage, place.key, owner)
