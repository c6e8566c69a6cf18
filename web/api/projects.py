"""The projects: those that one sees, one of them whole, a new one; pause, resume, cancel."""

from fastapi import Request, Response
from pydantic import Field

from actions.projects.change_project_status import StatusChange, change_project_status
from actions.projects.create_project import ProjectRequest, create_project
from models.answer_shapes import ProjectCreated, ProjectStatusChanged
from models.project_file import ProjectFile
from models.project_shapes import ProjectLine, ProjectShown
from queries.access.standing import standings
from queries.projects.show_project import project_lines, show_project
from web.api.caller import ApiCaller, Caller
from web.api.paging import Page
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import Asked, Reason, Slug, now

router = ApiRouter(prefix="/projects", tags=[Tag.projects])


class Why(Asked):
    """Why a project is paused, resumed or cancelled."""

    reason: Reason = Field(examples=["Le conseil de Niort se renouvelle en mars."])


@router.reads("", "list_projects", "Les projets", statuses=(422,), paged=True)
def list_projects(caller: Caller, page: Page) -> list[ProjectLine]:
    """Ceux où le titulaire du jeton a un rôle, du plus ancien au plus récent ; tous pour un agent de l’ANCT."""
    with caller.db.read() as session:
        seen = sorted(standings(session.connection(), caller.person_id, now()))
        page.link(len(seen))
        return project_lines(session, page.of(seen))


@router.writes(
    "",
    "create_project",
    "Créer un projet",
    status=201,
    answers={201: {"headers": {"Location": {"description": "Son adresse.", "schema": {"type": "string"}}}}},
)
def create(request: Request, response: Response, caller: Caller, project: ProjectFile) -> ProjectCreated:
    """Réservé à l’ANCT. Le corps est le fichier de projet, en JSON ; tout est créé, ou rien."""
    created = caller.act(create_project, ProjectRequest(project))
    response.headers["Location"] = f"{request.url.path}/{created.slug}"
    return ProjectCreated.model_validate(created)


@router.reads("/{slug}", "show_project", "Un projet entier")
def show(caller: Caller, slug: Slug) -> ProjectShown:
    """Ses parties, ses étapes avec ce qui manque, ses livrables et leurs validations, ses engagements."""
    caller.require_access(slug)
    return show_project(caller.db, slug, now())


@router.writes("/{slug}/pause", "pause_project", "Mettre en pause")
def pause(caller: Caller, slug: Slug, why: Why) -> ProjectStatusChanged:
    """Réservé à l’ANCT. Rien n’est rappelé tant que la pause dure."""
    return _change(caller, StatusChange(slug, "pause", why.reason))


@router.writes("/{slug}/resume", "resume_project", "Reprendre")
def resume(caller: Caller, slug: Slug, why: Why) -> ProjectStatusChanged:
    """Réservé à l’ANCT. Le projet doit compter trois à cinq signataires."""
    return _change(caller, StatusChange(slug, "resume", why.reason))


@router.writes("/{slug}/cancel", "cancel_project", "Annuler")
def cancel(caller: Caller, slug: Slug, why: Why) -> ProjectStatusChanged:
    """Réservé à l’ANCT, et pour de bon : un projet annulé ne se rouvre pas."""
    return _change(caller, StatusChange(slug, "cancel", why.reason))


def _change(caller: ApiCaller, change: StatusChange) -> ProjectStatusChanged:
    return ProjectStatusChanged.model_validate(caller.act_in(change.slug, change_project_status, change))
