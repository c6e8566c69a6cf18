"""Sign in by a link sent by mail, without password nor account; sign out, here or everywhere."""

import logging
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Form, Query, Request
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
    Visitor,
    forget_cookie,
    give_cookie,
    safe_path,
    visitor,
)
from web.dependencies import db_of, links_of, look_of, proconnect_of, public_url_of, secret_of, ways_out_of
from web.pages.rendering import page
from web.server.protections import with_forms_to

router = APIRouter()
logger = logging.getLogger("web")


@router.get("/connexion")
def ask(
    request: Request,
    next_path: Annotated[str, Query(alias="suite")] = "",
    reader: Annotated[str, Query(alias="qui")] = "",
) -> Response:
    """Where a person gives their address, filled in when a mail of ours brought them; a signed-in person goes on."""
    if visitor(request):
        return RedirectResponse(safe_path(next_path), status_code=303)
    return _sign_in_page(request, suite=safe_path(next_path), address=_address_of(request, reader))


def _sign_in_page(request: Request, **values: Any) -> HTMLResponse:
    """The sign-in page; with ProConnect, its policy allows the form to redirect there."""
    proconnect = proconnect_of(request)
    answer = page(request, "sign_in.html", has_proconnect=proconnect is not None, **values)
    if proconnect:
        answer.headers["Content-Security-Policy"] = with_forms_to(look_of(request).policy, proconnect.origin)
    return answer


def _address_of(request: Request, reader: str) -> str:
    """The address that a mail was sent to, if the word in its link is ours and still its person's; else nothing."""
    if not reader:
        return ""
    try:
        with db_of(request).read() as session:
            return holder_of(session, *links_of(request).read(LinkUse.reader, reader)).email
    except (BadLink, DeadLink):
        return ""


@router.post("/connexion")
def send_link(
    request: Request,
    background: BackgroundTasks,
    email: Annotated[str, Form(alias="adresse", max_length=LONGEST_EMAIL)],
    next_path: Annotated[str, Form(alias="suite", max_length=LONGEST_PATH)] = "",
) -> HTMLResponse:
    """Send a link if the address is known; the answer, and the time it takes, are the same if it is not."""
    origin = request.client.host if request.client else ""
    try:
        asked = LinkRequest(email, origin, safe_path(next_path))
        link = ask_for_link(db_of(request), asked, secret=secret_of(request), now=datetime.now(UTC))
    except TooManyLinks as refusal:
        return _sign_in_page(request, status=429, suite=next_path, refusal=refusal, address=email)
    if link is not None:
        background.add_task(_mail, link, public_url_of(request), ways_out_of(request))
    return page(request, "link_sent.html", address=email)


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
def show_link(request: Request, token: str) -> HTMLResponse:
    """A button and nothing more: mail scanners follow links, people press."""
    try:
        name = link_recipient_name(db_of(request), token, now=datetime.now(UTC))
    except LinkGone as refusal:
        return page(request, "link_gone.html", status=404, sentence=str(refusal))
    return page(request, "enter.html", name=name)


@router.post("/connexion/{token}", dependencies=[FromOurPage])
def enter(request: Request, token: str) -> Response:
    """Use the link up, open a session, go where the person was going."""
    try:
        secret, next_path = use_link(db_of(request), token, now=datetime.now(UTC))
    except LinkGone as refusal:
        return page(request, "link_gone.html", status=404, sentence=str(refusal))
    answer = RedirectResponse(safe_path(next_path), status_code=303)
    give_cookie(request, answer, secret)
    return answer


@router.post("/deconnexion", dependencies=[OurForm])
def leave(request: Request, who: Visitor, everywhere: Annotated[str, Form(alias="partout")] = "") -> Response:
    """End this session, or every session of the person; and that of ProConnect, where it opened this one."""
    id_token = id_token_of(db_of(request), who)
    sign_out(db_of(request), who, everywhere=bool(everywhere), now=datetime.now(UTC))
    request.state.visitor = None
    answer = leave_proconnect(request, id_token) if id_token else RedirectResponse(GOODBYE, status_code=303)
    forget_cookie(request, answer)
    return answer
