"""Help: who does what, how to sign, whom to write to; and the two guides of ``docs/`` with their pictures."""

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, Response

from queries.people.my_agents import my_agents
from web.pages.guide import GUIDES, IMAGES, guide
from web.visit import PublicVisit

router = APIRouter(prefix="/aide")


@router.get("")
def show_help(visit: PublicVisit) -> HTMLResponse:
    """Anybody's page; who is signed in also finds the agents of their projects."""
    agents = []
    if who := visit.visitor:
        with visit.read() as session:
            agents = my_agents(session, who.person_id, visit.now)
    return visit.page("help.html", agents=agents)


@router.get("/images/{name}.png")
def show_picture(name: str) -> Response:
    """A picture of the guides; only those that are there."""
    if name not in {each.stem for each in IMAGES.glob("*.png")}:
        raise HTTPException(404)
    headers = {"Cache-Control": "public, max-age=86400"}
    return FileResponse(IMAGES / f"{name}.png", media_type="image/png", headers=headers)


@router.get("/{name}")
def show_guide(visit: PublicVisit, name: str) -> HTMLResponse:
    """One of the two guides."""
    if name not in GUIDES:
        raise HTTPException(404)
    title, body = guide(name)
    return visit.page("guide.html", title=title, body=body)
