"""The way in by ProConnect, and the way out of it; every failure is a page that says what to do."""

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.access.enter_by_proconnect import enter_by_proconnect
from models.proconnect import (
    EntryDeclined,
    NotTrusted,
    ProvenPerson,
    ProviderAway,
    RequestNotAccepted,
    TooWeakProof,
    TryOver,
    UnknownToUs,
)
from models.refusal import Refusal
from models.web_session import LONGEST_PATH
from web.access.proconnect import CALLBACK, LEFT, TRY_LIFE, ProConnect
from web.access.signed_in import FromOurPage, cookie_name, forget_cookie, give_cookie, keep_cookie, safe_path
from web.site import site_of
from web.visit import PublicVisit

router = APIRouter()
logger = logging.getLogger("web")

TRY_COOKIE, DEPARTURE_COOKIE = "proconnect", "proconnect-depart"
STATUS = {
    ProviderAway: 503,
    RequestNotAccepted: 502,
    NotTrusted: 502,
    TryOver: 400,
    EntryDeclined: 403,
    TooWeakProof: 403,
    UnknownToUs: 403,
}
GOODBYE = "/?au-revoir=1"


def _in_use(request: Request) -> ProConnect:
    proconnect = site_of(request).proconnect
    if proconnect is None:
        raise HTTPException(404)
    return proconnect


InUse = Annotated[ProConnect, Depends(_in_use)]


@router.post("/connexion/proconnect", dependencies=[FromOurPage])
def begin(
    visit: PublicVisit,
    proconnect: InUse,
    next_path: Annotated[str, Form(alias="suite", max_length=LONGEST_PATH)] = "",
) -> Response:
    """Send the person to ProConnect; this browser alone may come back from there."""
    try:
        address, cookie = proconnect.begin(safe_path(next_path))
    except ProviderAway as refusal:
        return _failed(visit, refusal)
    answer = RedirectResponse(address, status_code=303)
    keep_cookie(visit.request, answer, TRY_COOKIE, cookie, TRY_LIFE)
    return answer


@router.get(CALLBACK)
def come_back(visit: PublicVisit, proconnect: InUse) -> Response:
    """Let in whom ProConnect proved, if they are known here; the try is over, whatever comes of it."""
    try:
        proven, next_path = proconnect.end(_kept(visit, TRY_COOKIE), visit.request.query_params)
    except Refusal as refusal:
        answer: Response = _failed(visit, refusal)
    else:
        answer = _let_in(visit, proconnect, proven, next_path)
    forget_cookie(visit.request, answer, TRY_COOKIE)
    return answer


def _let_in(visit: PublicVisit, proconnect: ProConnect, proven: ProvenPerson, next_path: str) -> Response:
    try:
        entrance = enter_by_proconnect(visit.site.db, proven, next_path=safe_path(next_path), now=visit.now)
    except UnknownToUs as refusal:
        return _unknown(visit, proconnect, proven, refusal)
    if entrance.asks_who:
        return RedirectResponse(f"/connexion/{entrance.secret}", status_code=303)
    answer = RedirectResponse(safe_path(next_path), status_code=303)
    give_cookie(visit.request, answer, entrance.secret)
    return answer


def _unknown(
    visit: PublicVisit, proconnect: ProConnect, proven: ProvenPerson, refusal: UnknownToUs
) -> Response:
    """ProConnect would let the same account in again without a word: the way to another one is out of it first."""
    try:
        address, cookie = proconnect.leave(proven.id_token, "/connexion")
    except ProviderAway:
        return _failed(visit, refusal)
    answer = _failed(visit, refusal, other_account=address)
    keep_cookie(visit.request, answer, DEPARTURE_COOKIE, cookie, TRY_LIFE)
    return answer


def leave_proconnect(visit: PublicVisit, id_token: str, then: str) -> Response:
    """Once signed out here: the page that leads to ProConnect, which ends its own session and sends back ``then``.

    A page and not a redirection: that of a form would need each page with the button to allow it (CSP).
    """
    proconnect = visit.site.proconnect
    if proconnect is None:
        return RedirectResponse(then, status_code=303)
    try:
        address, cookie = proconnect.leave(id_token, then)
    except ProviderAway:
        return visit.page("proconnect_left_open.html")
    answer = visit.page("proconnect_leaving.html", address=address)
    keep_cookie(visit.request, answer, DEPARTURE_COOKIE, cookie, TRY_LIFE)
    return answer


@router.get(LEFT)
def have_left(visit: PublicVisit, proconnect: InUse, state: str = "") -> Response:
    """Where ProConnect sends back those who left it."""
    then = proconnect.left(_kept(visit, DEPARTURE_COOKIE), state)
    answer = RedirectResponse(then or "/", status_code=303)
    forget_cookie(visit.request, answer, DEPARTURE_COOKIE)
    return answer


def _failed(visit: PublicVisit, refusal: Refusal, other_account: str | None = None) -> HTMLResponse:
    if isinstance(refusal, NotTrusted):
        logger.error("connexion par ProConnect non vérifiée : %s", refusal.why)
    status = STATUS.get(type(refusal), 400)
    return visit.page(
        "proconnect_failed.html", status=status, sentence=str(refusal), other_account=other_account
    )


def _kept(visit: PublicVisit, name: str) -> str:
    return visit.request.cookies.get(cookie_name(visit.request, name), "")
