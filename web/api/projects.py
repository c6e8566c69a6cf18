"""The projects: those that one sees, one of them whole, a new one; pause, resume, cancel."""

from fastapi import APIRouter, Request, Response
from pydantic import Field

from actions.access.token_holder import TokenHolder
from actions.projects.change_project_status import StatusChange, change_project_status
from actions.projects.create_project import ProjectRequest, create_project
from models.answer_shapes import ProjectCreated, ProjectStatusChanged
from models.project_file import ProjectFile
from models.project_shapes import ProjectLine, ProjectShown
from queries.access.standing import standings
from queries.projects.show_project import project_lines, show_project
from web.api.bearer import Caller
from web.api.declared import A_PAGE, PAGED, WRITES, Asked, Page, Reason, Slug, link_pages, now, problems
from web.api.project_access import caller_access
from web.dependencies import db_of

router = APIRouter(prefix="/projects", tags=["Projets"])


class Why(Asked):
    """Why a project is paused, resumed or cancelled."""

    reason: Reason = Field(examples=["Le conseil de Niort se renouvelle en mars."])


@router.get("", operation_id="list_projects", summary="Les projets", responses=problems(422) | PAGED)
def list_projects(request: Request, response: Response, caller: Caller, page: Page = 1) -> list[ProjectLine]:
    """Ceux où le titulaire du jeton a un rôle, du plus ancien au plus récent ; tous pour un agent de l’ANCT."""
    with db_of(request).read() as session:
        seen = sorted(standings(session.connection(), caller.person_id, now()))
        lines = project_lines(session, seen[(page - 1) * A_PAGE : page * A_PAGE])
    link_pages(request, response, page, len(seen))
    return lines


@router.post(
    "",
    operation_id="create_project",
    summary="Créer un projet",
    status_code=201,
    responses=problems(*WRITES)
    | {201: {"headers": {"Location": {"description": "Son adresse.", "schema": {"type": "string"}}}}},
)
def create(request: Request, response: Response, caller: Caller, project: ProjectFile) -> ProjectCreated:
    """Réservé à l’ANCT. Le corps est le fichier de projet, en JSON ; tout est créé, ou rien."""
    created = create_project(db_of(request), caller.actor, ProjectRequest(project), now=now())
    response.headers["Location"] = f"{request.url.path}/{created.slug}"
    return ProjectCreated.model_validate(created)


@router.get("/{slug}", operation_id="show_project", summary="Un projet entier", responses=problems(404, 422))
def show(request: Request, caller: Caller, slug: Slug) -> ProjectShown:
    """Ses parties, ses étapes avec ce qui manque, ses livrables et leurs validations, ses engagements."""
    caller_access(request, caller, slug)
    return show_project(db_of(request), slug, now())


@router.post(
    "/{slug}/pause", operation_id="pause_project", summary="Mettre en pause", responses=problems(*WRITES)
)
def pause(request: Request, caller: Caller, slug: Slug, why: Why) -> ProjectStatusChanged:
    """Réservé à l’ANCT. Rien n’est rappelé tant que la pause dure."""
    return _change(request, caller, slug, "pause", why)


@router.post(
    "/{slug}/resume", operation_id="resume_project", summary="Reprendre", responses=problems(*WRITES)
)
def resume(request: Request, caller: Caller, slug: Slug, why: Why) -> ProjectStatusChanged:
    """Réservé à l’ANCT. Le projet doit compter trois à cinq signataires."""
    return _change(request, caller, slug, "resume", why)


@router.post("/{slug}/cancel", operation_id="cancel_project", summary="Annuler", responses=problems(*WRITES))
def cancel(request: Request, caller: Caller, slug: Slug, why: Why) -> ProjectStatusChanged:
    """Réservé à l’ANCT, et pour de bon : un projet annulé ne se rouvre pas."""
    return _change(request, caller, slug, "cancel", why)


def _change(request: Request, caller: TokenHolder, slug: str, event: str, why: Why) -> ProjectStatusChanged:
    caller_access(request, caller, slug)
    change = StatusChange(slug, event, why.reason)
    changed = change_project_status(db_of(request), caller.actor, change, now=now())
    return ProjectStatusChanged.model_validate(changed)
