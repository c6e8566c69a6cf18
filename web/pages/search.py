"""Search among what one may see: projects, deliverables, what is awaited."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from models.paris_time import paris_day
from queries.projects.search import LONGEST_WORDS, MOST_FOUND, search
from web.access.signed_in import Visitor
from web.dependencies import db_of
from web.pages.rendering import page

router = APIRouter()


@router.get("/recherche")
def show_found(
    request: Request, who: Visitor, words: Annotated[str, Query(alias="mots")] = ""
) -> HTMLResponse:
    """What contains each of these words; without words, the page says what can be searched."""
    now, typed = datetime.now(UTC), words[:LONGEST_WORDS]
    with db_of(request).read() as session:
        results = search(session, who.person_id, typed, now)
    return page(
        request, "search.html", results=results, typed=typed.strip(), most=MOST_FOUND, today=paris_day(now)
    )
