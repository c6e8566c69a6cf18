"""The journal of a project: every fact of it, who did it, and that nothing in it was changed since."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from queries.ledger.verify_journal import verify_project
from queries.projects.journal_page import read_journal
from web.pages.board import page_number
from web.pages.rendering import query_of
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter()

MOST_READ_AGAIN = 1000
"""Up to this many facts the whole chain is verified with each page; beyond, when it is asked for."""


@router.get("/projets/{slug}/journal", dependencies=[may(Permission.read)])
def show(visit: Visit, slug: str) -> HTMLResponse:
    """The newest facts first; « party » narrows to those of one party."""
    asked = visit.request.query_params
    with visit.read() as session:
        shown = read_journal(
            session,
            slug,
            visit.person_id,
            visit.now,
            page_number(asked.get("page", "")),
            party_code=asked.get("partie") or None,
        )
        is_read = shown.count <= MOST_READ_AGAIN or bool(asked.get("verifier"))
        faults = verify_project(session, slug) if is_read else []
    return visit.page(
        "journal.html",
        shown=shown,
        is_read=is_read,
        faults=faults,
        party=asked.get("partie", ""),
        address=lambda one: query_of(visit.request, {"page": one}),
    )
