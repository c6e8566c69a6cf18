"""An agent of the ANCT creates a project: from a form, or from the file of a project (docs: « Project file »)."""

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from actions.projects.create_project import ProjectExists, ProjectRequest, create_project
from models.file_text import decode
from models.invalid_file import InvalidFile
from models.people_file import located_in
from models.person_name import OtherName
from models.project_file import PersonEntry, ProjectFile
from models.project_title import TitleWithoutLetters
from models.refusal import Refusal
from models.shared_project import SharedProject
from models.yaml_file import read_yaml_text
from web.access.signed_in import OurForm
from web.pages.form_fields import TypedFields
from web.pages.project_form import OBSERVERS, SIGNATORIES, ProjectForm, WrongForm
from web.pages.upload import Upload
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/nouveau", dependencies=[may(Permission.create_project)])


class NoFile(Refusal):
    """The file was not chosen."""

    sentence = "Aucun fichier n’est choisi : choisissez le fichier YAML du projet."


class WrongFile(Refusal):
    """The file has faults: the page lists them, line by line."""

    sentence = "Le fichier est à corriger : ce qui ne va pas est listé ci-dessous."


@router.get("")
def ask(visit: Visit) -> HTMLResponse:
    """The form, and the way to send a file instead."""
    return _page(visit, ProjectForm({}, _agent(visit)))


@router.post("", dependencies=[OurForm])
def create(visit: Visit, fields: TypedFields) -> Response:
    """Create the project, or only look the cities up (« verifier »), which says nothing of the other fields."""
    form = ProjectForm(fields, _agent(visit)).read()
    if fields.get("verifier"):
        form.errors = {
            name: text for name, text in form.errors.items() if name.endswith("-code") and fields.get(name)
        }
        return _page(visit, form)
    if form.file is None:
        return _page(visit, form, WrongForm(len(form.errors)))
    try:
        project = visit.do(create_project, ProjectRequest(form.file))
    except (ProjectExists, TitleWithoutLetters) as refusal:
        form.errors["titre"] = str(refusal)
        return _page(visit, form, WrongForm(1))
    except OtherName as refusal:
        form.blame(refusal)
        return _page(visit, form, WrongForm(1) if form.errors else refusal, other_name=refusal)
    except Refusal as refusal:
        return _page(visit, form, refusal)
    return _created(visit, project)


@router.post("/fichier")
async def send_file(visit: Visit) -> Response:
    """Create the project of a YAML file."""
    async with visit.upload() as upload:
        return await to_thread.run_sync(_send_file, visit, upload)


def _send_file(visit: Visit, upload: Upload) -> Response:
    blank = ProjectForm({}, _agent(visit))
    try:
        file = upload.required_file(NoFile)
        text = decode(file.read_bytes(), file=file.name)
        request = ProjectRequest(read_yaml_text(text, ProjectFile, file=file.name))
        with located_in(text, file=file.name):
            project = visit.do(create_project, request)
    except InvalidFile as refusal:
        return _page(visit, blank, WrongFile(), str(refusal).splitlines())
    except Refusal as refusal:
        return _page(visit, blank, refusal)
    return _created(visit, project)


def _created(visit: Visit, project: SharedProject) -> Response:
    note = f"Le projet « {project.title} » est créé, et ses participants reçoivent un message de bienvenue."
    return visit.done(f"/projets/{project.slug}", note)


def _agent(visit: Visit) -> PersonEntry:
    """The agent who fills the form has the project in their charge."""
    return PersonEntry(name=visit.actor.name, email=visit.who.email)


def _page(
    visit: Visit,
    form: ProjectForm,
    refusal: Refusal | None = None,
    problems: list[str] | None = None,
    other_name: OtherName | None = None,
) -> HTMLResponse:
    return visit.page(
        "new_project.html",
        refusal=refusal,
        other_name=other_name,
        fields=form.fields,
        errors=form.errors,
        candidates=form.candidates,
        recognised=form.recognised,
        problems=problems or [],
        signatories=SIGNATORIES,
        observers=OBSERVERS,
    )
