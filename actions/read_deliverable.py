"""The page of one deliverable, the mayor's: what is to be approved, what has changed, who has answered already."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from actions.board_rows import PartyName
from actions.in_sight import Header, OutOfSight, Sight, see
from actions.my_seats import MySeat, my_seats
from actions.rights import has_role
from actions.stage_details import DeliverableShown, details_of
from actions.stage_steps import StageStep, steps_of
from actions.standing import Standing
from models.lifecycle import DeliverableDefinition
from models.person import Actor, AuthMethod, Role
from models.shared_project import ProjectStatus
from models.stage import ACCEPTS_VERSIONS
from models.tables import DELIVERABLE, STAGE


@dataclass(frozen=True, slots=True)
class DeliverablePage:
    """The deliverable with its versions and its seats (who has answered, and how).

    ``my_seats`` are those from which the person may answer; ``records_for``, the parties whose act on paper they
    may record (rule 7); ``may_submit`` tells whom a new version may come from, while the stage takes some, and
    ``may_revise`` an agent who may flag it as minor. ``is_plan``: its content is an action plan, which is read.
    """

    header: Header
    standing: Standing
    stage: StageStep
    deliverable: DeliverableShown
    my_seats: tuple[MySeat, ...]
    records_for: tuple[PartyName, ...]
    may_submit: bool
    may_revise: bool
    is_plan: bool


def read_deliverable(
    session: Session, slug: str, deliverable_id: int, person_id: int, now: datetime
) -> DeliverablePage:
    """The page, as this person may see it; raises ``OutOfSight``. Writes nothing."""
    sight = see(session, slug, person_id, now)
    connection = session.connection()
    query = sa.select(DELIVERABLE.c.stage_id).join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
    mine = query.where(DELIVERABLE.c.id == deliverable_id, STAGE.c.project_id == sight.project_id)
    stage_id = connection.execute(mine).scalar()
    if stage_id is None:
        raise OutOfSight
    step = next(each for each in steps_of(session, sight) if each.id == stage_id)
    shown = details_of(connection, slug, [stage_id])[stage_id].deliverables
    deliverable = next(each for each in shown if each.id == deliverable_id)
    definition = sight.lifecycle.stage(step.key).deliverable(deliverable.key)
    takes = step.status in ACCEPTS_VERSIONS and sight.header.status is ProjectStatus.active
    return DeliverablePage(
        sight.header,
        sight.standing,
        step,
        deliverable,
        tuple(my_seats(session, sight, step, deliverable)),
        tuple(_records_for(sight, deliverable)),
        takes and _may_submit(session, sight, definition, deliverable),
        takes and sight.standing.is_agent and deliverable.number > 0,
        definition.format == "action_plan",
    )


def _records_for(sight: Sight, deliverable: DeliverableShown) -> list[PartyName]:
    """The seats whose paper acts the person may record: those they act for, all of them for an agent."""
    standing = sight.standing
    return [
        PartyName(seat.party_code, seat.party_name, True)
        for seat in deliverable.seats
        if standing.is_agent or seat.party_code in standing.acts_for
    ]


def _may_submit(
    session: Session, sight: Sight, definition: DeliverableDefinition, deliverable: DeliverableShown
) -> bool:
    """As ``submit_deliverable`` asks: a role that the lifecycle lets submit it, for its owner if a contact's."""
    actor = Actor(sight.person_id, "", AuthMethod.system)
    return any(
        has_role(
            session, actor, Role(role), sight.now, project_id=sight.project_id,
            authority_code=deliverable.owner_code if role == Role.local_contact else None,
        )
        for role in definition.submitted_by
    )  # fmt: skip
