"""« Mon compte » : my roles, how I am written to, my calendar, where I am signed in, and what is kept about me."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from actions.access.sessions import end_session
from actions.access.sign_in import FORGOTTEN_AFTER
from actions.mail.forget_old_mail import KEPT
from actions.people.personal_link import renew_links
from actions.reminders.set_frequency import set_my_frequency
from models.paris_time import paris_day
from models.person import MailFrequency
from models.web_session import ATTEMPTS_KEPT
from queries.people.account import read_account
from queries.people.export_person import export_person
from web.access.signed_in import OurForm, Visitor
from web.dependencies import db_of, links_of
from web.pages.addresses import Number
from web.pages.file_headers import content_disposition
from web.pages.frequency import EXPLAINED
from web.pages.rendering import done, page

router = APIRouter(prefix="/mon-compte")
HERE = "/mon-compte"


@router.get("")
def show_account(request: Request, who: Visitor) -> HTMLResponse:
    """All that a person may see and choose about themselves."""
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        account = read_account(session, who.person_id, now, who.session_id)
    return page(
        request,
        "account.html",
        account=account,
        calendar=links_of(request).calendar(who.person_id, account.links_version),
        choices=EXPLAINED,
        kept={"mail": KEPT.days, "session": FORGOTTEN_AFTER.days, "attempt": ATTEMPTS_KEPT.days * 24},
    )


@router.post("/frequence", dependencies=[OurForm])
def choose_frequency(
    request: Request, who: Visitor, frequency: Annotated[MailFrequency, Form(alias="frequence")]
) -> Response:
    """How often we write what is neither asked of them nor theirs to know by right."""
    set_my_frequency(db_of(request), who.actor, frequency, now=datetime.now(UTC))
    return done(request, f"{HERE}#messages", f"C’est noté : rappels et nouvelles, {frequency.label}.")


@router.post("/adresses", dependencies=[OurForm])
def renew_addresses(request: Request, who: Visitor) -> Response:
    """New secret addresses; calendars and mails with the old ones no longer get an answer."""
    renew_links(db_of(request), who.actor, who.email, now=datetime.now(UTC))
    return done(
        request,
        f"{HERE}#agenda",
        "L’adresse de votre agenda est nouvelle : l’ancienne ne répond plus, donnez celle-ci à votre agenda.",
    )


@router.post("/connexions/{session_id}/fin", dependencies=[OurForm])
def end(request: Request, who: Visitor, session_id: Number) -> Response:
    """Sign out of one browser, from another."""
    end_session(db_of(request), who.actor, session_id, now=datetime.now(UTC))
    path = "/" if session_id == who.session_id else f"{HERE}#connexions"
    return done(request, path, "Cette connexion est fermée.")


@router.get("/mes-donnees.json")
def export(request: Request, who: Visitor) -> Response:
    """Everything that is kept about who asks, as a file that programs read (GDPR, articles 15 and 20)."""
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        content = export_person(session, who.person_id, now)
    name = f"mes-donnees-projets-partages-{paris_day(now)}.json"
    headers = {"Content-Disposition": content_disposition(name, inline=False)}
    return Response(content, media_type="application/json", headers=headers)
