"""A signer objects to a minor revision: the page that the mail leads to shows what changed, and one button."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from actions.deliverables.object_to_revision import Objection, object_to_revision
from models.refusal import Refusal
from queries.deliverables.comparison import compare_versions
from queries.deliverables.objections import ObjectionPage, read_objections
from web.access.signed_in import OurForm
from web.pages.addresses import Number
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/livrables/{deliverable_id}/objection")


@router.get("", dependencies=[may(Permission.read)])
def show_revision(visit: Visit, slug: str, deliverable_id: Number) -> HTMLResponse:
    """What the revision changes, until when one may object, and the button. Reading it objects to nothing."""
    return _page(visit, slug, deliverable_id)


@router.post("", dependencies=[may(Permission.object_to_revision), OurForm])
def object_to_it(
    visit: Visit, slug: str, deliverable_id: Number, party_code: Annotated[str, Form(alias="partie")] = ""
) -> Response:
    """Record the objection, and go back to the document, which is a new version."""
    page = _read(visit, slug, deliverable_id)
    deliverable = page.deliverable
    try:
        objection = Objection(slug, page.stage.key, deliverable.key, party_code, deliverable.party)
        version = visit.do(object_to_revision, objection)
    except Refusal as refusal:
        return _page(visit, slug, deliverable_id, refusal)
    return visit.done(
        deliverable.path,
        f"Votre objection est enregistrée : la version {version.number} est une nouvelle version, à valider.",
    )


def _read(visit: Visit, slug: str, deliverable_id: int) -> ObjectionPage:
    with visit.read() as session:
        return read_objections(session, slug, deliverable_id, visit.actor, visit.now, visit.today)


def _page(visit: Visit, slug: str, deliverable_id: int, refusal: Refusal | None = None) -> HTMLResponse:
    page = _read(visit, slug, deliverable_id)
    comparison = None
    if page.version is not None and page.older is not None:
        comparison = compare_versions(
            visit.site.db,
            visit.site.kinds,
            slug,
            deliverable_id,
            visit.person_id,
            older=page.older,
            newer=page.version.number,
            now=visit.now,
        )
    return visit.page("objection.html", refusal=refusal, page=page, comparison=comparison)
