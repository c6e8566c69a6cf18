"""Sign in by a link sent by mail, without password nor account; sign out, here or everywhere."""

import logging
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.access.enter_by_proconnect import id_token_of
from actions.access.sign_in import (
    LinkRequest,
    LinkToSend,
    ask_for_link,
    link_recipient_name,
    sign_out,
    use_link,
)
from actions.people.personal_link import DeadLink, holder_of
from models.person import LONGEST_EMAIL
from models.web_session import LONGEST_PATH, LinkGone, TooManyLinks
from notifications.mail import TransportError, hang_up, send
from notifications.messages import message_from, render
from notifications.outgoing_mail import OutgoingMail
from notifications.personal_links import BadLink, LinkUse
from web.access.proconnect_pages import GOODBYE, leave_proconnect
from web.access.signed_in import (
    FromOurPage,
    OurForm,
    forget_cookie,
    give_cookie,
    safe_path,
)
from web.server.protections import with_forms_to
from web.visit import PublicVisit, Visit

router = APIRouter()
logger = logging.getLogger("web")


@router.get("/connexion")
def ask(
    visit: PublicVisit,
    next_path: Annotated[str, Query(alias="suite")] = "",
    reader: Annotated[str, Query(alias="qui")] = "",
) -> Response:
    """Where a person gives their address, filled in when a mail of ours brought them; a signed-in person goes on."""
    if visit.visitor:
        return RedirectResponse(safe_path(next_path), status_code=303)
    return _sign_in_page(visit, suite=safe_path(next_path), address=_address_of(visit, reader))


def _sign_in_page(visit: PublicVisit, **values: Any) -> HTMLResponse:
    """The sign-in page; with ProConnect, its policy allows the form to redirect there."""
    proconnect = visit.site.proconnect
    answer = visit.page("sign_in.html", has_proconnect=proconnect is not None, **values)
    if proconnect:
        answer.headers["Content-Security-Policy"] = with_forms_to(visit.site.look.policy, proconnect.origin)
    return answer


def _address_of(visit: PublicVisit, reader: str) -> str:
    """The address that a mail was sent to, if the word in its link is ours and still its person's; else nothing."""
    if not reader:
        return ""
    try:
        with visit.read() as session:
            return holder_of(session, *visit.site.links.read(LinkUse.reader, reader)).email
    except (BadLink, DeadLink):
        return ""


@router.post("/connexion")
def send_link(
    visit: PublicVisit,
    background: BackgroundTasks,
    email: Annotated[str, Form(alias="adresse", max_length=LONGEST_EMAIL)],
    next_path: Annotated[str, Form(alias="suite", max_length=LONGEST_PATH)] = "",
) -> HTMLResponse:
    """Send a link if the address is known; the answer, and the time it takes, are the same if it is not."""
    client = visit.request.client
    origin = client.host if client else ""
    try:
        asked = LinkRequest(email, origin, safe_path(next_path))
        link = ask_for_link(visit.site.db, asked, secret=visit.site.secret, now=visit.now)
    except TooManyLinks as refusal:
        return _sign_in_page(visit, status=429, suite=next_path, refusal=refusal, address=email)
    if link is not None:
        background.add_task(_mail, link, visit.site.public_url, visit.site.ways_out)
    return visit.page("link_sent.html", address=email)


def _mail(link: LinkToSend, public_url: str, ways_out: list[str]) -> None:
    """At once, and never through the outbox: what signs somebody in is written nowhere."""
    now = datetime.now(UTC)
    address = f"{public_url}/connexion/{link.token}"
    message = message_from("sign_in_link", {"recipient_name": link.name, "link": address})
    words = render(message, now=now)
    mail = OutgoingMail(
        to_address=link.email,
        to_name=link.name,
        subject=words.subject,
        html=words.html,
        text=words.text,
        key=f"sign_in_link:{link.token}",
        reply_to=None,
        sent_at=now,
    )
    try:
        send(ways_out[0], mail)
    except TransportError as error:
        logger.error("le lien de connexion n’est pas parti : %s", error)
    finally:
        hang_up()


@router.get("/connexion/{token}")
def show_link(visit: PublicVisit, token: str) -> HTMLResponse:
    """A button and nothing more: mail scanners follow links, people press."""
    try:
        name = link_recipient_name(visit.site.db, token, now=visit.now)
    except LinkGone as refusal:
        return visit.page("link_gone.html", status=404, sentence=str(refusal))
    return visit.page("enter.html", name=name)


@router.post("/connexion/{token}", dependencies=[FromOurPage])
def enter(visit: PublicVisit, token: str) -> Response:
    """Use the link up, open a session, go where the person was going."""
    try:
        secret, next_path = use_link(visit.site.db, token, now=visit.now)
    except LinkGone as refusal:
        return visit.page("link_gone.html", status=404, sentence=str(refusal))
    answer = RedirectResponse(safe_path(next_path), status_code=303)
    give_cookie(visit.request, answer, secret)
    return answer


@router.post("/deconnexion", dependencies=[OurForm])
def leave(visit: Visit, everywhere: Annotated[str, Form(alias="partout")] = "") -> Response:
    """End this session, or every session of the person; and that of ProConnect, where it opened this one."""
    id_token = id_token_of(visit.site.db, visit.who)
    sign_out(visit.site.db, visit.who, everywhere=bool(everywhere), now=visit.now)
    visit.request.state.visitor = None
    answer = leave_proconnect(visit, id_token) if id_token else RedirectResponse(GOODBYE, status_code=303)
    forget_cookie(visit.request, answer)
    return answer
