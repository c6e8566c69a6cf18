"""A version is submitted from the page of its deliverable; an action plan can be read through before."""

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from actions.files.store_file import ReceivedFile
from models.action_plan import read_action_plan
from models.columns import LONGEST_REASON
from models.refusal import Refusal
from queries.deliverables.deliverable import read_deliverable
from web.pages.addresses import Number
from web.pages.deliverable import deliverable_page
from web.pages.form_fields import words
from web.pages.upload import Upload
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/livrables/{deliverable_id}")
FORM = "depot"


class FileMissing(Refusal):
    """The form came without a file."""

    sentence = "Aucun fichier n’est choisi : choisissez le document, puis envoyez le formulaire."


@router.get("/depot", dependencies=[may(Permission.read)])
def show_form(slug: str, deliverable_id: Number) -> RedirectResponse:
    """Back to the form, when its address is reloaded (GET) after a refusal."""
    return RedirectResponse(f"/projets/{slug}/livrables/{deliverable_id}#deposer", status_code=303)


@router.post("/depot", dependencies=[may(Permission.submit)])
async def submit(visit: Visit, slug: str, deliverable_id: Number) -> Response:
    """Record the version; or, asked to check a plan, show its actions and record nothing."""
    async with visit.upload() as upload:
        return await to_thread.run_sync(_submit, visit, slug, deliverable_id, upload)


def _submit(visit: Visit, slug: str, deliverable_id: int, upload: Upload) -> Response:
    try:
        file = upload.required_file(FileMissing)
        if upload.fields.get("verifier"):
            return _check_plan(visit, slug, deliverable_id, file, upload)
        with visit.read() as session:
            shown = read_deliverable(session, slug, deliverable_id, visit.person_id, visit.now)
        is_minor = bool(upload.fields.get("mineure"))
        submission = Submission(
            slug,
            shown.stage.key,
            shown.deliverable.key,
            file,
            shown.deliverable.party,
            is_minor,
            _why_minor(upload) if is_minor else None,
            upload.fields.get("note"),
        )
        version = visit.do(submit_deliverable, submission)
    except Refusal as refusal:
        return deliverable_page(visit, slug, deliverable_id, refusal=refusal, fields=upload.fields, form=FORM)
    return visit.done(shown.deliverable.path, f"La version {version.number} est déposée.")


def _why_minor(upload: Upload) -> str:
    return words(upload.fields, "motif_mineur", "Pourquoi elle est mineure", LONGEST_REASON)


def _check_plan(
    visit: Visit, slug: str, deliverable_id: int, file: ReceivedFile, upload: Upload
) -> HTMLResponse:
    actions = tuple(read_action_plan(file.read_bytes(), file.name))
    return deliverable_page(
        visit, slug, deliverable_id, fields=upload.fields, form=FORM, checked=actions, checked_name=file.name
    )
