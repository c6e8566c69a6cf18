"""The first page: what shared projects are, what they published, and the way in."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from queries.projects.public import list_public
from web.dependencies import db_of, is_demo, public_url_of
from web.pages.rendering import page

router = APIRouter()


@router.get("/")
def home(request: Request) -> HTMLResponse:
    """Anybody's page."""
    with db_of(request).read() as session:
        published = list_public(session)
    return page(
        request,
        "home.html",
        published=published,
        is_demo=is_demo(request),
        canonical=f"{public_url_of(request)}/",
    )
