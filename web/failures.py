"""Every failure is a page in French that says what to do, and nothing of what was asked."""

from typing import Any
from urllib.parse import urlencode

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from actions.people.personal_link import DeadLink
from database.outage import Outage, Reader
from models.refusal import Refusal
from notifications.personal_links import BadLink
from web.access.signed_in import READER, CleanAddress, NeedsSignIn, back
from web.dependencies import look_of
from web.pages.rendering import bare_page, page
from web.refusals import kind_of
from web.server.outages import READS, sentence_for

KINDS = {403: "old_form", 408: "too_slow", 413: "too_large", 429: "too_fast"}


def answer_failures(app: FastAPI) -> None:
    """Give this application its pages of failure."""

    @app.exception_handler(DeadLink)
    @app.exception_handler(BadLink)
    def dead_link(request: Request, failure: Exception) -> HTMLResponse:
        return _failure(request, "dead_link.html", 404)

    @app.exception_handler(NeedsSignIn)
    def sign_in_first(request: Request, failure: NeedsSignIn) -> RedirectResponse:
        words = {"suite": failure.next_path} | ({READER: failure.reader} if failure.reader else {})
        return RedirectResponse("/connexion?" + urlencode(words), status_code=303)

    @app.exception_handler(CleanAddress)
    def clean_address(request: Request, failure: CleanAddress) -> RedirectResponse:
        return RedirectResponse(failure.path, status_code=303)

    @app.exception_handler(Refusal)
    def refused(request: Request, failure: Refusal) -> HTMLResponse:
        status = kind_of(failure).status
        return _failure(request, "refused.html", status, sentence=str(failure), back=back(request))

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, failure: RequestValidationError) -> HTMLResponse:
        is_address = any(each["loc"][0] == "path" for each in failure.errors())
        return refuse_request(request, 404 if is_address else 400)

    @app.exception_handler(HTTPException)
    def wrong(request: Request, failure: HTTPException) -> HTMLResponse:
        if failure.status_code == 404:
            return _failure(request, "not_found.html", 404)
        answer = _failure(request, "failure.html", failure.status_code, kind=_kind(failure))
        answer.headers.update(failure.headers or {})
        return answer

    app.add_exception_handler(DataError, _too_large)
    app.add_exception_handler(psycopg.DataError, _too_large)
    app.add_exception_handler(Exception, _broken)


def _too_large(request: Request, failure: Exception) -> HTMLResponse:
    """A value that the database does not take."""
    return refuse_request(request, 400)


def _broken(request: Request, failure: Exception) -> HTMLResponse:
    return bare_page("failure.html", status=500, look=look_of(request), kind="broken")


def refuse_request(request: Request, status: int) -> HTMLResponse:
    """The page for a request that was turned away at the door (``web.server.clean_requests``)."""
    if status == 404:
        return _failure(request, "not_found.html", 404)
    return _failure(request, "failure.html", status, kind="not_understood")


def answer_outage(request: Request, outage: Outage) -> HTMLResponse:
    """The page that says what is away; it looks nobody up."""
    return bare_page(
        "outage.html",
        status=503,
        look=look_of(request),
        sentence=sentence_for(request, outage, Reader.page),
        is_unknown=outage.is_unknown,
        is_form=request.method not in READS and not outage.is_unknown,
    )


def _kind(failure: HTTPException) -> str:
    return KINDS.get(failure.status_code, "not_understood")


def _failure(request: Request, template: str, status: int, **values: Any) -> HTMLResponse:
    """In its frame where there are people to know; the local mail page knows nobody."""
    if hasattr(request.app.state, "db"):
        return page(request, template, status=status, **values)
    return bare_page(template, status=status, **values)
