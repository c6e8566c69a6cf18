"""The first page: what shared projects are, what they published, and the way in."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from queries.projects.public import list_public
from web.visit import PublicVisit

router = APIRouter()


@router.get("/")
def home(visit: PublicVisit) -> HTMLResponse:
    """Anybody's page."""
    with visit.read() as session:
        published = list_public(session)
    return visit.page("home.html", published=published, is_demo=visit.site.is_demo)
