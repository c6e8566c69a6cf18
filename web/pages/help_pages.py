"""Help: who does what, how to sign, whom to write to; and the two guides of ``docs/`` with their pictures."""

from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from queries.people.my_agents import my_agents
from web.access.signed_in import visitor
from web.dependencies import db_of, public_url_of
from web.pages.guide import GUIDES, IMAGES, guide
from web.pages.rendering import page

router = APIRouter(prefix="/aide")


@router.get("")
def show_help(request: Request) -> HTMLResponse:
    """Anybody's page; who is signed in also finds the agents of their projects."""
    who, agents = visitor(request), []
    if who is not None:
        with db_of(request).read() as session:
            agents = my_agents(session, who.person_id, datetime.now(UTC))
    return page(request, "help.html", agents=agents, canonical=f"{public_url_of(request)}/aide")


@router.get("/images/{name}.png")
def show_picture(request: Request, name: str) -> Response:
    """A picture of the guides; only those that are there."""
    if name not in {each.stem for each in IMAGES.glob("*.png")}:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=86400"}
    return FileResponse(IMAGES / f"{name}.png", media_type="image/png", headers=headers)


@router.get("/{name}")
def show_guide(request: Request, name: str) -> HTMLResponse:
    """One of the two guides."""
    if name not in GUIDES:
        raise HTTPException(404)
    title, body = guide(name)
    return page(
        request, "guide.html", title=title, body=body, canonical=f"{public_url_of(request)}/aide/{name}"
    )
