"""The page of a deliverable, where a mayor reads and signs: one document, what has changed, one answer to give."""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from models.action_plan import PlannedAction
from models.refusal import Refusal
from queries.commitments.reservations import read_reservations
from queries.deliverables.comments import read_comments
from queries.deliverables.deliverable import read_deliverable
from queries.deliverables.my_seats import signed_in_as
from queries.deliverables.objections import objection_seats
from web.pages.addresses import Number
from web.pages.document import document_shown
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter()


@router.get("/projets/{slug}/livrables/{deliverable_id}", dependencies=[may(Permission.read)])
def show_deliverable(visit: Visit, slug: str, deliverable_id: Number) -> HTMLResponse:
    """What is to be approved, readable in place, with who has answered and what the reader may do."""
    return deliverable_page(visit, slug, deliverable_id)


def deliverable_page(
    visit: Visit,
    slug: str,
    deliverable_id: int,
    *,
    refusal: Refusal | None = None,
    fields: Mapping[str, str] | None = None,
    form: str = "",
    checked: tuple[PlannedAction, ...] = (),
    checked_name: str = "",
) -> HTMLResponse:
    """The page as its visitor sees it now; after a refusal, with the ``fields`` that were typed in its ``form``.

    ``checked`` are the actions of a plan that was read and not submitted. Raises ``NotVisible``.
    """
    now = visit.now
    with visit.read() as session:
        shown = read_deliverable(session, slug, deliverable_id, visit.person_id, now)
        comments = read_comments(session, slug, deliverable_id, visit.person_id, now)
        reservations = read_reservations(session, slug, deliverable_id, visit.person_id, now)
    current = shown.deliverable.current
    return visit.page(
        "deliverable.html",
        refusal=refusal,
        fields=fields,
        form=form,
        shown=replace(shown, my_seats=signed_in_as(shown.my_seats, visit.actor)),
        deliverable=shown.deliverable,
        objections=[each for each in objection_seats(shown, visit.actor, visit.today) if not each.refusal],
        document=document_shown(visit.site.kinds, current, is_plan=shown.is_plan) if current else None,
        comments=comments,
        reservations=reservations,
        checked=checked,
        checked_name=checked_name,
    )
