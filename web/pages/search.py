"""Search among what one may see: projects, deliverables, what is awaited."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from queries.projects.search import LONGEST_WORDS, MOST_FOUND, search
from web.visit import Visit

router = APIRouter()


@router.get("/recherche")
def show_found(visit: Visit, words: Annotated[str, Query(alias="mots")] = "") -> HTMLResponse:
    """What contains each of these words; without words, the page says what can be searched."""
    typed = words[:LONGEST_WORDS]
    with visit.read() as session:
        results = search(session, visit.person_id, typed, visit.now)
    return visit.page("search.html", results=results, typed=typed.strip(), most=MOST_FOUND)
