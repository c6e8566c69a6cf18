"""The journal of a project: every fact of it, who did it, and that nothing in it was changed since."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from queries.ledger.verify_journal import verify_project
from queries.projects.journal_page import read_journal
from web.access.signed_in import Visitor
from web.dependencies import db_of
from web.pages.board import page_number
from web.pages.rendering import page, query_of
from web.rights import Permission, may

router = APIRouter()

MOST_READ_AGAIN = 1000
"""Up to this many facts the whole chain is verified with each page; beyond, when it is asked for."""


@router.get("/projets/{slug}/journal", dependencies=[may(Permission.read)])
def show(request: Request, slug: str, who: Visitor) -> HTMLResponse:
    """The newest facts first; « party » narrows to those of one party."""
    asked = request.query_params
    with db_of(request).read() as session:
        shown = read_journal(
            session,
            slug,
            who.person_id,
            datetime.now(UTC),
            page_number(asked.get("page", "")),
            party_code=asked.get("partie") or None,
        )
        is_read = shown.count <= MOST_READ_AGAIN or bool(asked.get("verifier"))
        faults = verify_project(session, slug) if is_read else []
    return page(
        request,
        "journal.html",
        shown=shown,
        is_read=is_read,
        faults=faults,
        party=asked.get("partie", ""),
        address=lambda one: query_of(request, {"page": one}),
    )
