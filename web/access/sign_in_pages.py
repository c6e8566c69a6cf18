"""Sign in by a link sent by mail, without password nor account; sign out, here or everywhere."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.access.enter_by_proconnect import id_token_of
from actions.access.sign_in import sign_out
from actions.access.sign_in_links import LinkRequest, count_request, dead_link, link_recipients, use_link
from actions.people.personal_link import DeadLink, holder_of
from models.person import LONGEST_EMAIL
from models.refusal import Refusal
from models.web_session import LEAST_LEFT, LINK_LIFE, LONGEST_PATH, LinkGone, WhoAreYou
from notifications.personal_links import BadLink, LinkUse
from web.access.proconnect_pages import GOODBYE, leave_proconnect
from web.access.signed_in import (
    FromOurPage,
    OurForm,
    forget_cookie,
    give_cookie,
    reader_of,
    safe_path,
    way_in,
    with_reader,
)
from web.server.protections import network_of, with_forms_to
from web.visit import PublicVisit, Visit

router = APIRouter()
A_MINUTE = timedelta(minutes=1)


@router.get("/connexion")
def ask(
    visit: PublicVisit,
    next_path: Annotated[str, Query(alias="suite")] = "",
    reader: Annotated[str, Query(alias="qui")] = "",
) -> Response:
    """Where a person gives their address, filled in when a mail of ours brought them; a signed-in person goes on.

    The page they were going to still says then to whom that mail was: they may sign in as somebody else. With
    ProConnect, the page's policy allows its form to redirect there.
    """
    suite = with_reader(visit.request, safe_path(next_path), reader)
    if visit.visitor:
        return RedirectResponse(suite, status_code=303)
    proconnect = visit.site.proconnect
    address = _address_of(visit, reader)
    answer = visit.page("sign_in.html", has_proconnect=proconnect is not None, suite=suite, address=address)
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


@router.post("/connexion", dependencies=[FromOurPage])
def send_link(
    visit: PublicVisit,
    background: BackgroundTasks,
    email: Annotated[str, Form(alias="adresse", max_length=LONGEST_EMAIL)],
    next_path: Annotated[str, Form(alias="suite", max_length=LONGEST_PATH)] = "",
) -> HTMLResponse:
    """Answer at once, the same for any address; the link is made and mailed a moment later (``LinkPost``)."""
    path = safe_path(next_path)
    request = LinkRequest(email, network_of(visit.request), path, reader_of(visit.request, path))
    return _send(visit, background, request, address=email)


def _send(
    visit: PublicVisit, background: BackgroundTasks, request: LinkRequest, *, address: str | None
) -> HTMLResponse:
    """Count the request, answer it; ``address`` is the one that they typed, if they did."""
    is_within = count_request(visit.site.db, request, secret=visit.site.secret, now=visit.now)
    background.add_task(visit.site.link_post.answer, request, is_within)
    return visit.page(
        "link_sent.html",
        address=address,
        suite=request.next_path if address else "",
        is_within=is_within,
        minutes=LINK_LIFE // A_MINUTE,
        since=(LINK_LIFE - LEAST_LEFT) // A_MINUTE,
        has_proconnect=visit.site.proconnect is not None,
    )


@router.get("/connexion/{token}")
def show_link(visit: PublicVisit, token: str) -> Response:
    """A button and nothing more: mail scanners follow links, people press. In another's session it says so first."""
    return _enter_page(visit, token)


def _enter_page(visit: PublicVisit, token: str, refusal: Refusal | None = None) -> Response:
    try:
        people = link_recipients(visit.site.db, token, now=visit.now)
    except LinkGone as gone:
        return _link_gone(visit, token, gone)
    here, choices = visit.visitor, [(number, name, None) for number, name in people]
    other = here if here and here.person_id not in [number for number, _ in people] else None
    return visit.page("enter.html", refusal=refusal, choices=choices, name=people[0][1], other=other)


@router.post("/connexion/{token}", dependencies=[FromOurPage])
def enter(
    visit: PublicVisit, token: str, who: Annotated[str, Form(alias="personne", max_length=20)] = ""
) -> Response:
    """Use the link up, open a session, go where the person was going. The session that was here is ended.

    Of a shared mailbox, they first say who they are.
    """
    person_id = int(who) if who.isascii() and who.isdigit() else None
    try:
        secret, next_path = use_link(visit.site.db, token, person_id=person_id, now=visit.now)
    except WhoAreYou as refusal:
        return _enter_page(visit, token, refusal)
    except LinkGone as refusal:
        return _link_gone(visit, token, refusal)
    if visit.visitor:
        sign_out(visit.site.db, visit.visitor, now=visit.now)
    answer = RedirectResponse(safe_path(next_path), status_code=303)
    give_cookie(visit.request, answer, secret)
    return answer


def _link_gone(visit: PublicVisit, token: str, refusal: LinkGone) -> Response:
    """Who is in already goes on where the link led; anybody else may have another one sent, to the same address."""
    gone = dead_link(visit.site.db, token)
    if gone and visit.visitor and visit.visitor.person_id == gone.person_id:
        return RedirectResponse(safe_path(gone.next_path), status_code=303)
    return visit.page(
        "link_gone.html",
        status=404,
        sentence=str(refusal),
        again=f"/connexion/{token}/nouveau" if gone else None,
    )


@router.post("/connexion/{token}/nouveau", dependencies=[FromOurPage])
def send_again(visit: PublicVisit, token: str, background: BackgroundTasks) -> Response:
    """As ``send_link``, to the address of a link that serves no more, which then leads to the same page.

    Neither is shown: whoever found an old link in a log can only have its owner written to, within the same limits.
    """
    gone = dead_link(visit.site.db, token)
    if gone is None:
        return visit.page("link_gone.html", status=404, sentence=str(LinkGone()), again=None)
    reader = None if gone.asks_who else gone.person_id
    request = LinkRequest(gone.email, network_of(visit.request), safe_path(gone.next_path), reader)
    return _send(visit, background, request, address=None)


@router.post("/deconnexion", dependencies=[OurForm])
def leave(
    visit: Visit,
    everywhere: Annotated[str, Form(alias="partout")] = "",
    next_path: Annotated[str, Form(alias="suite", max_length=LONGEST_PATH)] = "",
    reader: Annotated[str, Form(alias="qui", max_length=LONGEST_PATH)] = "",
) -> Response:
    """End this session, or every session of the person; and that of ProConnect, where it opened this one.

    With a page to go to, the way in comes next: somebody else signs in there.
    """
    then = way_in(safe_path(next_path), reader) if next_path else GOODBYE
    id_token = id_token_of(visit.site.db, visit.who)
    sign_out(visit.site.db, visit.who, everywhere=bool(everywhere), now=visit.now)
    visit.request.state.visitor = None
    answer = leave_proconnect(visit, id_token, then) if id_token else RedirectResponse(then, status_code=303)
    forget_cookie(visit.request, answer)
    return answer
