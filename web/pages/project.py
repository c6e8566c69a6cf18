"""The page of a project, and the opening of its next stage."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from actions.access.sign_in import SignedIn
from actions.stages.request_transition import TransitionRequest, request_transition
from models.paris_time import paris_day
from models.refusal import Refusal
from models.stage import StageStatus
from queries.projects.project import ProjectPage, WorkShown, read_project
from web.access.signed_in import OurForm, Visitor
from web.dependencies import db_of
from web.pages.form_fields import Fields
from web.pages.matrix import Matrix, matrix_shown
from web.pages.rendering import done, page
from web.pages.timeline import timeline_of
from web.rights import Permission, may

router = APIRouter(prefix="/projets/{slug}")


@router.get("", dependencies=[may(Permission.read)])
def show(request: Request, slug: str, who: Visitor) -> HTMLResponse:
    """Where the project stands, for everybody who takes part in it."""
    return project_page(request, slug, who)


@router.post("/etapes/{key}/ouverture", dependencies=[may(Permission.open_stage), OurForm])
def open_stage(request: Request, slug: str, key: str, who: Visitor) -> Response:
    """Record that the ANCT opens the stage; its flow opens it a moment later."""
    try:
        asked = TransitionRequest(slug, key)
        stage = request_transition(db_of(request), who.actor, asked, now=datetime.now(UTC))
    except Refusal as refusal:
        return project_page(request, slug, who, refusal=refusal)
    sentence = "L’ouverture de l’étape est demandée."
    if stage.status is not StageStatus.opening:
        sentence = f"L’étape avait déjà été demandée : elle est {stage.status.label}."
    return done(request, f"/projets/{slug}", sentence)


def project_page(
    request: Request,
    slug: str,
    who: SignedIn,
    *,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
    unfolded: str = "",
) -> HTMLResponse:
    """The page; after a refusal with what was typed, in the form of that name (``unfolded``)."""
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        shown = read_project(session, slug, who.person_id, now)
    today = paris_day(now)
    return page(
        request,
        "project.html",
        refusal=refusal,
        fields=fields,
        shown=shown,
        today=today,
        timeline=timeline_of(shown.stages, today),
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
