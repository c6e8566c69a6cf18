"""« Mon compte » : my roles, how I am written to, my calendar, where I am signed in, and what is kept about me."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from actions.access.sessions import end_session
from actions.access.sign_in import FORGOTTEN_AFTER
from actions.mail.forget_old_mail import KEPT
from actions.people.personal_link import renew_links
from actions.reminders.set_frequency import set_my_frequency
from models.person import MailFrequency
from models.web_session import ATTEMPTS_KEPT
from queries.people.account import read_account
from queries.people.export_person import export_person
from web.access.signed_in import OurForm
from web.pages.addresses import Number
from web.pages.file_headers import content_disposition
from web.pages.frequency import EXPLAINED
from web.visit import Visit

router = APIRouter(prefix="/mon-compte")
HERE = "/mon-compte"


@router.get("")
def show_account(visit: Visit) -> HTMLResponse:
    """All that a person may see and choose about themselves."""
    with visit.read() as session:
        account = read_account(session, visit.person_id, visit.now, visit.who.session_id)
    return visit.page(
        "account.html",
        account=account,
        calendar=visit.site.links.calendar(visit.person_id, account.links_version),
        choices=EXPLAINED,
        kept={"mail": KEPT.days, "session": FORGOTTEN_AFTER.days, "attempt": ATTEMPTS_KEPT.days * 24},
    )


@router.post("/frequence", dependencies=[OurForm])
def choose_frequency(visit: Visit, frequency: Annotated[MailFrequency, Form(alias="frequence")]) -> Response:
    """How often we write what is neither asked of them nor theirs to know by right."""
    visit.do(set_my_frequency, frequency)
    return visit.done(f"{HERE}#messages", f"C’est noté : rappels et nouvelles, {frequency.label}.")


@router.post("/adresses", dependencies=[OurForm])
def renew_addresses(visit: Visit) -> Response:
    """New secret addresses; calendars and mails with the old ones no longer get an answer."""
    visit.do(renew_links, visit.who.email)
    return visit.done(
        f"{HERE}#agenda",
        "L’adresse de votre agenda est nouvelle : l’ancienne ne répond plus, donnez celle-ci à votre agenda.",
    )


@router.post("/connexions/{session_id}/fin", dependencies=[OurForm])
def end(visit: Visit, session_id: Number) -> Response:
    """Sign out of one browser, from another."""
    visit.do(end_session, session_id)
    path = "/" if session_id == visit.who.session_id else f"{HERE}#connexions"
    return visit.done(path, "Cette connexion est fermée.")


@router.get("/mes-donnees.json")
def export(visit: Visit) -> Response:
    """Everything that is kept about who asks, as a file that programs read (GDPR, articles 15 and 20)."""
    with visit.read() as session:
        content = export_person(session, visit.person_id, visit.now)
    name = f"mes-donnees-projets-partages-{visit.today}.json"
    headers = {"Content-Disposition": content_disposition(name, inline=False)}
    return Response(content, media_type="application/json", headers=headers)
