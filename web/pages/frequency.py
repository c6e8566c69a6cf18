"""How often a person gets mail: chosen from the mail itself, without an account (RFC 8058 for the one click)."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from actions.people.personal_link import holder_of
from actions.reminders.set_frequency import FrequencyChoice, set_frequency
from models.person import MailFrequency, Person
from models.stored_row import identity
from notifications.personal_links import LinkUse
from web.visit import PublicVisit

router = APIRouter(prefix="/courrier")

EXPLAINED = {
    MailFrequency.daily: "Les nouvelles dès qu’elles arrivent ; les rappels en un message par jour ouvré, s’il y en a.",
    MailFrequency.weekly: "Nouvelles et rappels en un seul message, le premier jour ouvré de la semaine.",
    MailFrequency.never: "Ni rappels ni nouvelles. Vous pourrez revenir sur ce choix ici.",
}


@router.get("/frequence/{token}")
def show_frequency(
    visit: PublicVisit, token: str, is_done: Annotated[str, Query(alias="fait")] = ""
) -> HTMLResponse:
    """What the person gets now, and the three choices; reading it changes nothing."""
    person = _holder(visit, LinkUse.frequency, token)
    return visit.page("frequency.html", person=person, choices=EXPLAINED, is_done=bool(is_done))


@router.post("/frequence/{token}")
def choose_frequency(
    visit: PublicVisit, token: str, frequency: Annotated[MailFrequency, Form(alias="frequence")]
) -> RedirectResponse:
    """Set it, and show the page again: a page that is read again does not choose again."""
    person_id, version = visit.site.links.read(LinkUse.frequency, token)
    choice = FrequencyChoice(person_id, version, frequency)
    set_frequency(visit.site.db, choice, now=visit.now)
    return RedirectResponse("?fait=1", status_code=303)


@router.get("/arret/{token}")
def ask_before_stop(visit: PublicVisit, token: str) -> HTMLResponse:
    """What a person sees who follows the address; mail scanners follow it too, so it changes nothing."""
    person = _holder(visit, LinkUse.one_click, token)
    return visit.page("stop.html", person=person, frequency_path=_frequency_path(visit, person))


@router.post("/arret/{token}")
def stop(
    visit: PublicVisit,
    token: str,
    asked: Annotated[Literal["One-Click"], Form(alias="List-Unsubscribe")],
    page_lue: Annotated[str, Form()] = "",
) -> Response:
    """No more news nor reminders, at once; ``page_lue`` says that a person pressed the button of our page."""
    person_id, version = visit.site.links.read(LinkUse.one_click, token)
    choice = FrequencyChoice(person_id, version, MailFrequency.never)
    person = set_frequency(visit.site.db, choice, now=visit.now)
    if page_lue:
        return visit.page("stopped.html", person=person, frequency_path=_frequency_path(visit, person))
    return PlainTextResponse("C’est fait : vous ne recevrez plus ni rappels ni nouvelles.\n")


def _holder(visit: PublicVisit, use: LinkUse, token: str) -> Person:
    person_id, version = visit.site.links.read(use, token)
    with visit.read() as session:
        return holder_of(session, person_id, version)


def _frequency_path(visit: PublicVisit, person: Person) -> str:
    link = visit.site.links.frequency(identity(person), person.links_version)
    return urlsplit(link).path
