"""Every failure is a page in French that says what to do, and nothing of what was asked."""

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from actions.people.personal_link import DeadLink, holder_of
from database.outage import Outage, Reader
from models.refusal import Refusal
from notifications.personal_links import BadLink
from web.access.draft_pages import draft_page
from web.access.drafts import draft_of
from web.access.signed_in import CleanAddress, ForSomebodyElse, NeedsSignIn, OldForm, back, here, way_in
from web.pages.look import OURS, Look
from web.pages.rendering import bare_page
from web.pages.upload import typed_fields
from web.refusals import kind_of
from web.rights import NotYours
from web.server.methods import answer_options
from web.server.outages import READS, sentence_for
from web.site import site_of
from web.visit import BaseVisit

MAY_BE_ANOTHERS = (403, 404)
"""What is refused to one person, and may be there for another."""
KINDS = {403: "old_form", 408: "too_slow", 413: "too_large", 429: "too_fast"}


def answer_failures(app: FastAPI) -> None:
    """Give this application its pages of failure."""
    for failure, handler in HANDLERS.items():
        app.add_exception_handler(failure, handler)


def refuse_request(request: Request, status: int) -> HTMLResponse:
    """The page of a request that is refused for what it asks, or how."""
    if status == 404:
        return _failure(request, "not_found.html", 404, path=here(request))
    return _failure(request, "failure.html", status, kind=KINDS.get(status, "not_understood"))


def _dead_link(request: Request, failure: Exception) -> HTMLResponse:
    return _failure(request, "dead_link.html", 404)


async def _sign_in_first(request: Request, failure: NeedsSignIn) -> Response:
    """What somebody typed is kept for them while they sign in."""
    answer = await _draft_kept(request) if request.method == "POST" else None
    return answer or RedirectResponse(way_in(failure.next_path, failure.reader), status_code=303)


async def _draft_kept(request: Request, fields: dict[str, str] | None = None) -> HTMLResponse | None:
    """The page that gives back what was typed to its author; None when nothing was, or the body cannot be read."""
    if not _has_site(request):
        return None
    try:
        typed = await typed_fields(request, site_of(request).files.limit) if fields is None else fields
    except (HTTPException, RuntimeError):  # the body was read by the one who refused it, and is gone
        return None
    draft = draft_of(request, typed)
    return await run_in_threadpool(draft_page, request, draft) if draft else None


async def _old_form(request: Request, failure: OldForm) -> Response:
    """A form of a session that has ended, sent in another one."""
    if kept := await _draft_kept(request, failure.fields):
        return kept
    return await run_in_threadpool(_of_http, request, failure)


def _for_somebody_else(request: Request, failure: ForSomebodyElse) -> HTMLResponse:
    """Who the mail was for and who is here; their name only while the mail is one whose links still answer."""
    visit = BaseVisit(request)
    try:
        with visit.read() as session:
            name = holder_of(session, failure.person_id, failure.links_version).name
    except DeadLink:
        name = None
    return visit.page("other_reader.html", status=409, name=name, path=failure.path, reader=failure.reader)


def _clean_address(request: Request, failure: CleanAddress) -> RedirectResponse:
    return RedirectResponse(failure.path, status_code=303)


def _refused(request: Request, failure: Refusal) -> HTMLResponse:
    status = kind_of(failure).status
    path = here(request) if status in MAY_BE_ANOTHERS else None
    return _failure(request, "refused.html", status, sentence=str(failure), back=back(request), path=path)


def _not_yours(request: Request, failure: NotYours) -> HTMLResponse:
    """Who is here, and for whom the page is: somebody else may have signed in on this browser."""
    path = here(request)
    return _failure(request, "not_yours.html", 403, who=failure.who, sentence=str(failure), path=path)


def _not_understood(request: Request, failure: RequestValidationError) -> HTMLResponse:
    in_address = any(each["loc"][0] == "path" for each in failure.errors())
    return refuse_request(request, 404 if in_address else 400)


def _of_http(request: Request, failure: HTTPException) -> Response:
    if options := answer_options(request, failure):
        return options
    answer = refuse_request(request, failure.status_code)
    answer.headers.update(failure.headers or {})
    return answer


def _too_large(request: Request, failure: Exception) -> HTMLResponse:
    """A value that the database does not take."""
    return refuse_request(request, 400)


def _broken(request: Request, failure: Exception) -> HTMLResponse:
    return bare_page("failure.html", status=500, look=_look(request), kind="broken")


HANDLERS: dict[type[Exception], Callable[..., Response | Awaitable[Response]]] = {
    DeadLink: _dead_link,
    BadLink: _dead_link,
    NeedsSignIn: _sign_in_first,
    CleanAddress: _clean_address,
    ForSomebodyElse: _for_somebody_else,
    NotYours: _not_yours,
    Refusal: _refused,
    RequestValidationError: _not_understood,
    OldForm: _old_form,
    HTTPException: _of_http,
    DataError: _too_large,
    psycopg.DataError: _too_large,
    Exception: _broken,
}


def answer_outage(request: Request, outage: Outage) -> HTMLResponse:
    """The page that says what is away; it looks nobody up."""
    return bare_page(
        "outage.html",
        status=503,
        look=_look(request),
        sentence=sentence_for(request, outage, Reader.page),
        is_unknown=outage.is_unknown,
        is_form=request.method not in READS and not outage.is_unknown,
    )


def _failure(request: Request, template: str, status: int, **values: Any) -> HTMLResponse:
    """In its frame where there are people to know; the local mail page knows nobody."""
    if _has_site(request):
        return BaseVisit(request).page(template, status=status, **values)
    return bare_page(template, status=status, **values)


def _look(request: Request) -> Look:
    """How the pages look; the local mail page, which has no operator's settings, looks ours."""
    return site_of(request).look if _has_site(request) else OURS


def _has_site(request: Request) -> bool:
    return hasattr(request.app.state, "site")
