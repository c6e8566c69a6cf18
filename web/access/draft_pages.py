"""The pages that give back to somebody what they typed after their session had ended."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from actions.people.personal_link import DeadLink
from models.person import Person
from models.web_session import LINK_LIFE
from notifications.personal_links import LinkUse
from web.access.drafts import Draft, lock, unlock
from web.access.signed_in import FromOurPage, way_in
from web.visit import BaseVisit, PublicVisit, Visit

router = APIRouter()
BACK = "/reprise"


@router.get(BACK)
def come_back(visit: Visit) -> HTMLResponse:
    """Where the sign-in that such a page offers leads, in another tab: back to the first one."""
    return visit.page("draft_back.html")


@router.post(BACK, dependencies=[FromOurPage])
def take_up(visit: PublicVisit, locked: Annotated[str, Form(alias="brouillon")] = "") -> HTMLResponse:
    """Show what was typed to its author, and to nobody else. Raises ``DeadLink`` when it is too old."""
    draft = unlock(visit.request, locked)
    if draft is None:
        raise DeadLink
    return draft_page(visit.request, draft)


def draft_page(request: Request, draft: Draft) -> HTMLResponse:
    """The page for the present visitor: the author gets their form back, anybody else is told to sign in."""
    visit = BaseVisit(request)
    who = visit.visitor
    if who is not None and who.person_id == draft.person_id:
        return visit.page("draft.html", status=409, draft=draft)
    return visit.page(
        "draft_kept.html",
        status=403 if who else 401,
        locked=lock(request, draft),
        way_in=way_in(BACK, _reader(visit, draft)),
        minutes=LINK_LIFE.total_seconds() // 60,
    )


def _reader(visit: BaseVisit, draft: Draft) -> str:
    """The word that fills in the author's address; nothing of it is said to somebody else who is signed in."""
    if visit.visitor is not None:
        return ""
    with visit.read() as session:
        person = session.get(Person, draft.person_id)
        return visit.site.links.word(LinkUse.reader, draft.person_id, person.links_version) if person else ""
