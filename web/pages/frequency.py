"""How often a person gets mail: chosen from the mail itself, without an account (RFC 8058 for the one click)."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from actions.people.personal_link import holder_of
from actions.reminders.set_frequency import FrequencyChoice, set_frequency
from models.person import MailFrequency, Person
from models.stored_row import identity
from notifications.personal_links import LinkUse
from web.dependencies import db_of, links_of
from web.pages.rendering import page

router = APIRouter(prefix="/courrier")

EXPLAINED = {
    MailFrequency.daily: "Les nouvelles dès qu’elles arrivent ; les rappels en un message par jour ouvré, s’il y en a.",
    MailFrequency.weekly: "Nouvelles et rappels en un seul message, le premier jour ouvré de la semaine.",
    MailFrequency.never: "Ni rappels ni nouvelles. Vous pourrez revenir sur ce choix ici.",
}


@router.api_route("/frequence/{token}", methods=["GET", "HEAD"])
def show_frequency(
    request: Request, token: str, is_done: Annotated[str, Query(alias="fait")] = ""
) -> HTMLResponse:
    """What the person gets now, and the three choices; reading it changes nothing."""
    person = _holder(request, LinkUse.frequency, token)
    return page(request, "frequency.html", person=person, choices=EXPLAINED, is_done=bool(is_done))


@router.post("/frequence/{token}")
def choose_frequency(
    request: Request, token: str, frequency: Annotated[MailFrequency, Form(alias="frequence")]
) -> RedirectResponse:
    """Set it, and show the page again: a page that is read again does not choose again."""
    person_id, version = links_of(request).read(LinkUse.frequency, token)
    choice = FrequencyChoice(person_id, version, frequency)
    set_frequency(db_of(request), choice, now=datetime.now(UTC))
    return RedirectResponse("?fait=1", status_code=303)


@router.api_route("/arret/{token}", methods=["GET", "HEAD"])
def ask_before_stop(request: Request, token: str) -> HTMLResponse:
    """What a person sees who follows the address; mail scanners follow it too, so it changes nothing."""
    person = _holder(request, LinkUse.one_click, token)
    return page(request, "stop.html", person=person, frequency_path=_frequency_path(request, person))


@router.post("/arret/{token}")
def stop(
    request: Request,
    token: str,
    asked: Annotated[Literal["One-Click"], Form(alias="List-Unsubscribe")],
    page_lue: Annotated[str, Form()] = "",
) -> Response:
    """No more news nor reminders, at once; ``page_lue`` says that a person pressed the button of our page."""
    person_id, version = links_of(request).read(LinkUse.one_click, token)
    choice = FrequencyChoice(person_id, version, MailFrequency.never)
    person = set_frequency(db_of(request), choice, now=datetime.now(UTC))
    if page_lue:
        return page(request, "stopped.html", person=person, frequency_path=_frequency_path(request, person))
    return PlainTextResponse("C’est fait : vous ne recevrez plus ni rappels ni nouvelles.\n")


def _holder(request: Request, use: LinkUse, token: str) -> Person:
    person_id, version = links_of(request).read(use, token)
    with db_of(request).read() as session:
        return holder_of(session, person_id, version)


def _frequency_path(request: Request, person: Person) -> str:
    link = links_of(request).frequency(identity(person), person.links_version)
    return urlsplit(link).path
