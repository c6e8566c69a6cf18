"""An agent of the ANCT creates a project: from a form, or from the file of a project (docs: « Project file »)."""

from datetime import UTC, datetime

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from actions.access.sign_in import SignedIn
from actions.projects.create_project import ProjectExists, ProjectRequest, create_project
from models.project_file import PersonEntry, ProjectFile
from models.refusal import Refusal
from models.shared_project import SharedProject
from models.yaml_file import InvalidFile, decode, read_yaml_text
from web.access.signed_in import OurForm, Visitor
from web.dependencies import db_of, files_of
from web.pages.form_fields import TypedFields
from web.pages.project_form import OBSERVERS, SIGNATORIES, ProjectForm, WrongForm
from web.pages.rendering import done, page
from web.pages.upload import Upload, read_upload
from web.rights import Permission, may

router = APIRouter(prefix="/projets/nouveau", dependencies=[may(Permission.create_project)])


class NoFile(Refusal):
    """The file was not chosen."""

    sentence = "Aucun fichier n’est choisi : choisissez le fichier YAML du projet."


class WrongFile(Refusal):
    """The file has faults: the page lists them, line by line."""

    sentence = "Le fichier est à corriger : ce qui ne va pas est listé ci-dessous."


@router.get("")
def ask(request: Request, who: Visitor) -> HTMLResponse:
    """The form, and the way to send a file instead."""
    return _page(request, ProjectForm({}, _agent(who)))


@router.post("", dependencies=[OurForm])
def create(request: Request, who: Visitor, fields: TypedFields) -> Response:
    """Create the project, or only look the cities up (« verifier »), which says nothing of the other fields."""
    form = ProjectForm(fields, _agent(who)).read()
    if fields.get("verifier"):
        form.errors = {
            name: text for name, text in form.errors.items() if name.endswith("-code") and fields.get(name)
        }
        return _page(request, form)
    if form.file is None:
        return _page(request, form, WrongForm(len(form.errors)))
    try:
        project = _create(request, who, form.file)
    except ProjectExists as refusal:
        form.errors["titre"] = str(refusal)
        return _page(request, form, WrongForm(1))
    except Refusal as refusal:
        return _page(request, form, refusal)
    return _created(request, project)


@router.post("/fichier")
async def send_file(request: Request, who: Visitor) -> Response:
    """Create the project of a YAML file."""
    async with read_upload(request, files_of(request)) as upload:
        return await to_thread.run_sync(_from_file, request, who, upload)


def _from_file(request: Request, who: SignedIn, upload: Upload) -> Response:
    blank = ProjectForm({}, _agent(who))
    try:
        if upload.refusal:
            raise upload.refusal
        if upload.file is None:
            raise NoFile
        text = decode(upload.file.read_bytes(), file=upload.file.name)
        project = _create(request, who, read_yaml_text(text, ProjectFile, file=upload.file.name))
    except InvalidFile as refusal:
        return _page(request, blank, WrongFile(), str(refusal).splitlines())
    except Refusal as refusal:
        return _page(request, blank, refusal)
    return _created(request, project)


def _create(request: Request, who: SignedIn, file: ProjectFile) -> SharedProject:
    return create_project(db_of(request), who.actor, ProjectRequest(file), now=datetime.now(UTC))


def _created(request: Request, project: SharedProject) -> Response:
    note = f"Le projet « {project.title} » est créé, et ses participants reçoivent un message de bienvenue."
    return done(request, f"/projets/{project.slug}", note)


def _agent(who: SignedIn) -> PersonEntry:
    """The agent who fills the form has the project in their charge."""
    return PersonEntry(name=who.actor.name, email=who.email)


def _page(
    request: Request, form: ProjectForm, refusal: Refusal | None = None, problems: list[str] | None = None
) -> HTMLResponse:
    return page(
        request,
        "new_project.html",
        refusal=refusal,
        fields=form.fields,
        errors=form.errors,
        candidates=form.candidates,
        recognised=form.recognised,
        problems=problems or [],
        signatories=SIGNATORIES,
        observers=OBSERVERS,
    )
