"""The first page: what shared projects are, what they published, and the way in."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from actions.read_public import list_public
from web.at_hand import db_of, is_demo, public_url_of
from web.pages import page

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
