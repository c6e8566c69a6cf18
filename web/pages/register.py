"""The register, for the agents of the ANCT: what concerns no project in particular, and that nothing in it changed."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from queries.ledger.verify_journal import verify_register
from queries.people.register_page import RegisterFilters, read_register
from web.pages.board import page_number
from web.pages.journal import MOST_READ_AGAIN
from web.pages.rendering import query_of
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter()


@router.get("/registre", dependencies=[may(Permission.read_register)])
def show(visit: Visit) -> HTMLResponse:
    """The newest facts first; « fait » narrows to an event, « partie » to what concerns an authority."""
    asked = visit.request.query_params
    filters = RegisterFilters(asked.get("partie") or None, asked.get("fait") or None)
    with visit.read() as session:
        shown = read_register(session, visit.actor, visit.now, page_number(asked.get("page", "")), filters)
        is_read = shown.length <= MOST_READ_AGAIN or bool(asked.get("verifier"))
        faults = verify_register(session) if is_read else []
    return visit.page(
        "register.html",
        shown=shown,
        is_read=is_read,
        faults=faults,
        filters=filters,
        address=lambda one: query_of(visit.request, {"page": one}),
    )
