"""The people of the demonstration, to be one of them at a click: on a system whose mail never leaves the machine.

It gives no more than the local mail page does, where every sign-in link can be read (``Settings.is_demo``), and
it answers to this machine's own names only: a page of another site cannot reach it (DNS rebinding).
"""

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from actions.access.demo_people import enter_as, people_to_be
from web.access.signed_in import FromOurPage, give_cookie
from web.visit import PublicVisit

OUR_NAMES = ("localhost", "127.0.0.1", "[::1]")
BROUGHT_BY_A_PROXY = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


def only_here(request: Request) -> None:
    """404 when this machine is called by another name, or through a proxy, which may hide that name."""
    is_here = request.headers.get("host", "").rpartition(":")[0] in OUR_NAMES
    if not is_here or any(name in request.headers for name in BROUGHT_BY_A_PROXY):
        raise HTTPException(404)


router = APIRouter(prefix="/demo", dependencies=[Depends(only_here)])


@router.get("")
def show_people(visit: PublicVisit) -> HTMLResponse:
    """Everybody who holds a role, with what they are in which project."""
    with visit.read() as session:
        people = people_to_be(session, visit.now)
    return visit.page("demo.html", people=people)


@router.post("/{person_id}", dependencies=[FromOurPage])
def be(visit: PublicVisit, person_id: int) -> Response:
    """Open a session as this person."""
    token, name, path = enter_as(visit.site.db, person_id, now=visit.now)
    answer = visit.done(path, f"Vous êtes maintenant {name}.")
    give_cookie(visit.request, answer, token)
    return answer
