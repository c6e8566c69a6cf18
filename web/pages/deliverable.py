"""The page of a deliverable, where a mayor reads and signs: one document, what has changed, one answer to give."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from actions.files.store_file import MEGABYTE
from models.action_plan import PlannedAction
from models.file_kind import ACCEPT_ATTRIBUTE
from models.paris_time import paris_day
from models.refusal import Refusal
from queries.commitments.reservations import read_reservations
from queries.deliverables.comments import read_comments
from queries.deliverables.deliverable import read_deliverable
from queries.deliverables.my_seats import signed_in_as
from web.access.signed_in import Visitor, signed_in
from web.dependencies import db_of, files_of
from web.pages.addresses import Number
from web.pages.document import document_shown
from web.pages.rendering import page
from web.rights import Permission, may

router = APIRouter()


@router.get("/projets/{slug}/livrables/{deliverable_id}", dependencies=[may(Permission.read)])
def show_deliverable(request: Request, slug: str, deliverable_id: Number, who: Visitor) -> HTMLResponse:
    """What is to be approved, readable in place, with who has answered and what the reader may do."""
    return deliverable_page(request, slug, deliverable_id)


def deliverable_page(
    request: Request,
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
    now = datetime.now(UTC)
    who = signed_in(request)
    with db_of(request).read() as session:
        shown = read_deliverable(session, slug, deliverable_id, who.person_id, now)
        comments = read_comments(session, slug, deliverable_id, who.person_id, now)
        reservations = read_reservations(session, slug, deliverable_id, who.person_id, now)
    current = shown.deliverable.current
    return page(
        request,
        "deliverable.html",
        refusal=refusal,
        fields=fields,
        form=form,
        shown=replace(shown, my_seats=signed_in_as(shown.my_seats, who.actor)),
        deliverable=shown.deliverable,
        document=document_shown(files_of(request), current, is_plan=shown.is_plan) if current else None,
        comments=comments,
        reservations=reservations,
        checked=checked,
        checked_name=checked_name,
        accept=ACCEPT_ATTRIBUTE,
        limit_mb=files_of(request).limit // MEGABYTE,
        today=paris_day(now),
    )
