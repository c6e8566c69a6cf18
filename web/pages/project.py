"""The page of a project, and the opening of its next stage."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from actions.stages.request_transition import TransitionRequest, request_transition
from models.refusal import Refusal
from models.stage import StageStatus
from queries.projects.project import ProjectPage, WorkShown, read_project
from web.access.signed_in import OurForm
from web.pages.form_fields import Fields
from web.pages.matrix import Matrix, matrix_shown
from web.pages.timeline import timeline_of
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}")


@router.get("", dependencies=[may(Permission.read)])
def show(visit: Visit, slug: str) -> HTMLResponse:
    """Where the project stands, for everybody who takes part in it."""
    return project_page(visit, slug)


@router.post("/etapes/{key}/ouverture", dependencies=[may(Permission.open_stage), OurForm])
def open_stage(visit: Visit, slug: str, key: str) -> Response:
    """Record that the ANCT opens the stage; its flow opens it a moment later."""
    try:
        stage = visit.do(request_transition, TransitionRequest(slug, key))
    except Refusal as refusal:
        return project_page(visit, slug, refusal=refusal)
    sentence = "L’ouverture de l’étape est demandée."
    if stage.status is not StageStatus.opening:
        sentence = f"L’étape avait déjà été demandée : elle est {stage.status.label}."
    return visit.done(f"/projets/{slug}", sentence)


def project_page(
    visit: Visit,
    slug: str,
    *,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
    unfolded: str = "",
) -> HTMLResponse:
    """The page; after a refusal with what was typed, in the form of that name (``unfolded``)."""
    with visit.read() as session:
        shown = read_project(session, slug, visit.person_id, visit.now)
    return visit.page(
        "project.html",
        refusal=refusal,
        fields=fields,
        shown=shown,
        timeline=timeline_of(shown.stages, visit.today),
        opening=next((each for each in shown.stages if each.status is StageStatus.opening), None),
        works=_works(shown),
        meeting=next((each for each in shown.meetings if each.status == "to_come"), None),
        unfolded=unfolded,
    )


def _works(shown: ProjectPage) -> list[tuple[WorkShown, Matrix]]:
    """The stages at work, each with its matrix; one that is being opened has nothing to show yet."""
    return [
        (work, matrix_shown(work.roster, work.deliverables))
        for work in shown.at_work
        if work.stage.status is not StageStatus.opening
    ]
