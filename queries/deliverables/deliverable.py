"""The page of one deliverable: what is to be approved, what has changed, who has answered already."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from models.consultation_strand import strands_refusal
from models.deliverable import submission_refusal
from models.lifecycle import DeliverableDefinition
from models.minor_revision import minor_refusal
from models.project_shapes import DeliverableShown
from models.tables import DELIVERABLE, STAGE, STRAND
from queries.access.project_access import Header, NotVisible, ProjectAccess, access_to_project
from queries.access.rights import submitter_role
from queries.access.standing import Standing
from queries.deliverables.my_seats import LoadedSeat, MySeat, PaperSeat, my_seats
from queries.signing.matrix import load_seats
from queries.stages.details import load_deliverables
from queries.stages.steps import StageStep, steps_of

_ITS_STAGE = (
    sa.select(DELIVERABLE.c.stage_id)
    .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
    .where(DELIVERABLE.c.id == sa.bindparam("deliverable"), STAGE.c.project_id == sa.bindparam("project"))
)
_STRANDS_TO_HOLD = (
    sa.select(STRAND.c.title)
    .join(
        DELIVERABLE,
        (DELIVERABLE.c.stage_id == STRAND.c.stage_id) & (DELIVERABLE.c.party_id == STRAND.c.party_id),
    )
    .where(DELIVERABLE.c.id == sa.bindparam("deliverable"), STRAND.c.held_on.is_(None))
    .order_by(STRAND.c.id)
)


@dataclass(frozen=True, slots=True)
class DeliverablePage:
    """The deliverable with its versions and its seats (who has answered, and how).

    ``my_seats`` are those from which the person may answer; ``records_for``, the parties whose act on paper they
    may record (rule 7); ``may_submit`` tells whom a new version may come from, while the stage takes some, and
    ``may_revise`` an agent who may flag it as minor, unless ``minor_refusal`` says why it never is; ``submit_refusal``,
    why it would be refused whatever its content. ``is_plan``: its content is an action plan, which is read.
    """

    header: Header
    standing: Standing
    stage: StageStep
    deliverable: DeliverableShown
    my_seats: tuple[MySeat, ...]
    records_for: tuple[PaperSeat, ...]
    may_submit: bool
    may_revise: bool
    minor_refusal: str | None
    submit_refusal: str | None
    is_plan: bool


def read_deliverable(
    session: Session, slug: str, deliverable_id: int, person_id: int, now: datetime
) -> DeliverablePage:
    """The page, as this person may see it; raises ``NotVisible``. Writes nothing."""
    access = access_to_project(session, slug, person_id, now)
    connection = session.connection()
    values = {"deliverable": deliverable_id, "project": access.project_id}
    stage_id = connection.execute(_ITS_STAGE, values).scalar()
    if stage_id is None:
        raise NotVisible
    step = next(each for each in steps_of(session, access) if each.id == stage_id)
    shown = load_deliverables(connection, slug, [stage_id], now)[stage_id].deliverables
    deliverable = next(each for each in shown if each.id == deliverable_id)
    definition = access.lifecycle.stage(step.key).deliverable(deliverable.key)
    takes = submission_refusal(access.project, step.title, step.status) is None
    seats = load_seats(connection, deliverable.id, now) if deliverable.seats else {}
    return DeliverablePage(
        access.header,
        access.standing,
        step,
        deliverable,
        tuple(my_seats(session, access, step, deliverable, seats)),
        tuple(_paper_seats(access, deliverable, seats)),
        takes and _may_submit(session, access, definition, deliverable),
        takes and access.standing.is_agent and deliverable.number > 0,
        _minor_refusal(step.key, definition, deliverable),
        _strands_refusal(connection, deliverable.id),
        definition.format == "action_plan",
    )


def _paper_seats(
    access: ProjectAccess, deliverable: DeliverableShown, seats: Mapping[str, LoadedSeat]
) -> Iterator[PaperSeat]:
    """The seats whose paper acts the person may record: those they act for, all of them for an agent."""
    standing = access.standing
    for shown in deliverable.seats:
        if standing.is_agent or shown.party_code in standing.acts_for:
            yield PaperSeat(*seats[shown.party_code], standing.is_agent)


def _minor_refusal(
    stage_key: str, definition: DeliverableDefinition, deliverable: DeliverableShown
) -> str | None:
    """Why a revision of it is never minor: what ``submit_deliverable`` would answer."""
    expected = {seat.act_expected for seat in deliverable.seats}
    given = {each.act_kind for each in deliverable.sign_offs if each.is_live}
    refusal = minor_refusal(
        deliverable.title,
        is_charter=stage_key == "charter",
        is_plan=definition.format == "action_plan",
        acts={deliverable.act_kind} | expected | given,
    )
    return str(refusal) if refusal else None


def _may_submit(
    session: Session, access: ProjectAccess, definition: DeliverableDefinition, deliverable: DeliverableShown
) -> bool:
    """Whether the person has a role that the lifecycle lets submit it, for its owner if a contact's."""
    return submitter_role(
        session, access.person_id, definition.submitted_by, access.now,
        project_id=access.project_id, owner_code=deliverable.party,
    ) is not None  # fmt: skip


def _strands_refusal(connection: Connection, deliverable_id: int) -> str | None:
    """Why a city's report waits: the strands of its own consultation that have not been held."""
    titles = connection.execute(_STRANDS_TO_HOLD, {"deliverable": deliverable_id}).scalars()
    refusal = strands_refusal(list(titles))
    return str(refusal) if refusal else None
