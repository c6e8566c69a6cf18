"""The board: the projects of the signed-in person, the most urgent first, and what blocks each."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from models.lifecycle import StageDefinition, lifecycle_or_none
from models.person import Role
from models.shared_project import ProjectStatus
from queries.access.rights import has_role
from queries.projects.board import BoardFilters, read_board
from queries.projects.search import LONGEST_WORDS
from queries.system.machinery import behind_schedule
from web.pages.rendering import query_of
from web.visit import Visit

router = APIRouter()


@router.get("/projets")
def show_board(visit: Visit) -> HTMLResponse:
    """All the projects for an agent of the ANCT; for the others, those where they stand."""
    now, wanted = visit.now, filters_of(visit)
    number = visit.request.query_params.get("page", "")
    with visit.read() as session:
        is_agent = has_role(session, visit.person_id, Role.agency_agent, now)
        board = read_board(session, visit.person_id, now, page_number(number), wanted)
    behind = behind_schedule(visit.site.db, now) if is_agent else []
    return visit.page(
        "board.html",
        board=board,
        filters=wanted,
        is_narrowed=wanted != BoardFilters(),
        is_agent=is_agent,
        behind=behind,
        statuses=[(each.value, each.label) for each in ProjectStatus],
        stages=[(stage.key, stage.title) for stage in _stages()],
        address=lambda one: query_of(visit.request, {"page": one}),
    )


def filters_of(visit: Visit) -> BoardFilters:
    """What the address narrows the board to; words it does not know narrow nothing."""
    asked = visit.request.query_params
    status = asked.get("etat", "")
    stages = {stage.key for stage in _stages()}
    return BoardFilters(
        words=asked.get("mots", "").strip()[:LONGEST_WORDS],
        status=ProjectStatus(status) if status in list(ProjectStatus) else None,
        stage=asked["etape"] if asked.get("etape") in stages else None,
        late=bool(asked.get("retard")),
        mine=bool(asked.get("miens")),
    )


def page_number(text: str) -> int:
    """The number of a page of a list, as an address gives it; the first one for anything else."""
    return int(text) if text.isdecimal() and len(text) < 10 else 1


def _stages() -> tuple[StageDefinition, ...]:
    """What one may choose among; nothing while no lifecycle can be read."""
    lifecycle = lifecycle_or_none()
    return tuple(lifecycle.stages) if lifecycle else ()
