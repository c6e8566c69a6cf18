"""A person corrects their own name, and changes their address by both mailboxes (rule 11)."""

import logging
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Form
from fastapi.responses import HTMLResponse, Response

from actions.people.change_address import (
    Confirmation,
    address_to_confirm,
    ask_for_address,
    confirm_address,
)
from actions.people.correct_name import NameCorrection, correct_name
from models.person import LONGEST_EMAIL
from models.refusal import Refusal
from notifications.mail import hang_up, send
from notifications.messages import message_from, render
from notifications.outgoing_mail import OutgoingMail, TransportError
from web.access.signed_in import OurForm
from web.pages.form_fields import Fields, TypedFields, needed
from web.visit import Visit

router = APIRouter(prefix="/mon-compte")
logger = logging.getLogger("web")
HERE = "/mon-compte"


@router.get("/nom")
def ask_name(visit: Visit) -> HTMLResponse:
    """The form of one's own name."""
    return visit.page("my_name.html", name=visit.actor.name)


@router.post("/nom", dependencies=[OurForm])
def correct_my_name(visit: Visit, fields: TypedFields) -> Response:
    """It is written so from now on; what was signed keeps the former one."""
    try:
        visit.do(correct_name, NameCorrection(visit.who.email, needed(fields, "nom", "Nom")))
    except Refusal as refusal:
        return visit.page("my_name.html", refusal=refusal, fields=fields, name=visit.actor.name)
    return visit.done(HERE, "Votre nom est corrigé : ce que vous avez signé garde le nom d’alors.")


@router.get("/adresse")
def ask_address(visit: Visit) -> HTMLResponse:
    """The form of a new address; with the link that was sent to it, the button that confirms it."""
    link = visit.request.query_params.get("lien", "")
    if not link:
        return _address_page(visit)
    try:
        with visit.read() as session:
            email = address_to_confirm(session, visit.person_id, link, visit.now)
    except Refusal as refusal:
        return _address_page(visit, refusal)
    return visit.page("confirm_address.html", link=link, email=email, present=visit.who.email)


@router.post("/adresse", dependencies=[OurForm])
def send_to_address(visit: Visit, background: BackgroundTasks, fields: TypedFields) -> Response:
    """A link leaves for the new address, and a warning for the present one."""
    try:
        asked = visit.do(ask_for_address, needed(fields, "adresse", "Adresse électronique", LONGEST_EMAIL))
    except Refusal as refusal:
        return _address_page(visit, refusal, fields)
    values = {
        "recipient_name": asked.name,
        "link": f"{visit.site.public_url}{HERE}/adresse?lien={asked.token}",
    }
    key = f"address_link:{asked.token}"
    background.add_task(_mail, "address_link", values, asked.email, key, visit.site.link_post.way_out)
    return visit.done(
        HERE,
        f"Un lien est parti à {asked.email} : ouvrez-le dans ce navigateur, dans les 24 heures, pour confirmer.",
    )


@router.post("/adresse/confirmation", dependencies=[OurForm])
def confirm(visit: Visit, link: Annotated[str, Form(alias="lien")] = "") -> Response:
    """The address becomes theirs; the old mailbox is told at once, for it opens nothing any more."""
    try:
        changed = visit.do(confirm_address, Confirmation(link, visit.who.session_id))
    except Refusal as refusal:
        return _address_page(visit, refusal)
    return visit.done(
        HERE, f"Votre adresse est désormais {changed.email}. Vos autres connexions sont fermées."
    )


def _address_page(visit: Visit, refusal: Refusal | None = None, fields: Fields | None = None) -> HTMLResponse:
    return visit.page("my_address.html", refusal=refusal, fields=fields, email=visit.who.email)


def _mail(message: str, values: dict[str, Any], to: str, key: str, way_out: str) -> None:
    """At once, and never through the outbox: it holds a key."""
    now = datetime.now(UTC)
    words = render(message_from(message, values), now=now)
    mail = OutgoingMail(
        to_address=to,
        to_name=values["recipient_name"],
        subject=words.subject,
        html=words.html,
        text=words.text,
        key=key,
        reply_to=None,
        sent_at=now,
    )
    try:
        send(way_out, mail)
    except TransportError as error:
        logger.error("le message « %s » n’est pas parti : %s", message, error)
    finally:
        hang_up()
