"""From the words of an address (stage, deliverable, codes of parties) to what they name, where the caller may see."""

from dataclasses import dataclass

from fastapi import Request
from sqlmodel import col, select

from actions.access.token_holder import TokenHolder
from models.deliverable import Deliverable, DeliverableVersion
from models.project_shapes import VersionLine
from models.stored_row import identity
from queries.access.project_access import access_to_project
from queries.ledger.find import find_deliverable, find_party, find_stage
from queries.stages.details import load_deliverables
from web.api.declared import now
from web.dependencies import db_of


@dataclass(frozen=True, slots=True)
class Seat:
    """A party before a deliverable."""

    deliverable: Deliverable
    party_id: int


def find_seat(
    request: Request,
    caller: TokenHolder,
    slug: str,
    stage_key: str,
    key: str,
    code: str,
    owner_code: str | None,
) -> Seat:
    """The seat of ``code``; the deliverable is the shared one, or the owner's (its own unless told).

    Raises ``NotVisible``, ``UnknownStage``, ``UnknownParty``, ``UnknownDeliverable``.
    """
    with db_of(request).read() as session:
        project = access_to_project(session, slug, caller.person_id, now()).project
        stage = find_stage(session, project, stage_key)
        party = find_party(session, project, code)
        owner = find_party(session, project, owner_code) if owner_code else party
        return Seat(find_deliverable(session, stage, key, owner), identity(party))


def version_signed(request: Request, seat: Seat, sha256: str) -> int:
    """The number of the version of this content: the current one's, or an older one's that a minor revision kept."""
    if seat.deliverable.sha256 == sha256:
        return seat.deliverable.number
    query = select(DeliverableVersion.number).where(
        DeliverableVersion.deliverable_id == seat.deliverable.id, DeliverableVersion.sha256 == sha256
    )
    with db_of(request).read() as session:
        return session.exec(query.order_by(col(DeliverableVersion.id).desc()).limit(1)).one()


def find_deliverable_id(
    request: Request, caller: TokenHolder, slug: str, stage_key: str, key: str, owner_code: str | None
) -> int:
    """The number of a deliverable; raises as ``find_seat``."""
    with db_of(request).read() as session:
        project = access_to_project(session, slug, caller.person_id, now()).project
        stage = find_stage(session, project, stage_key)
        owner = find_party(session, project, owner_code) if owner_code else None
        return identity(find_deliverable(session, stage, key, owner))


def find_versions(
    request: Request, caller: TokenHolder, slug: str, stage_key: str, key: str, owner_code: str | None
) -> tuple[VersionLine, ...]:
    """The versions of a deliverable, the newest first; raises as ``find_seat``."""
    wanted = find_deliverable_id(request, caller, slug, stage_key, key, owner_code)
    with db_of(request).read() as session:
        stage_id = session.get_one(Deliverable, wanted).stage_id
        details = load_deliverables(session.connection(), slug, [stage_id])[stage_id]
        return next(each.versions for each in details.deliverables if each.id == wanted)
