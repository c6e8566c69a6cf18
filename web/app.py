"""The pages of a system, as one application; it holds no state but the database it is given."""

from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from actions.personal_link import DeadLink
from models.database import Database
from notifications.mail import ways_out
from notifications.personal_links import BadLink, PersonalLinks
from settings import Settings
from web import calendar_feed, frequency_pages, pending_page, sign_in_pages
from web.at_hand import mail_page_of
from web.pages import page, static_files
from web.protections import A_YEAR, SafeAnswers, SmallRequests
from web.signed_in import NeedsSignIn

LONGEST_BODY = 64 * 1024


def make_app(db: Database, settings: Settings) -> ASGIApp:
    """The application on this database. Addresses in pages are those of ``settings.public_url``."""
    app = FastAPI(title="Projets partagés", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.db = db
    app.state.public_url = settings.public_url
    app.state.secret = settings.secret()
    app.state.ways_out = ways_out(settings.apprise_urls, settings.mail_port)
    app.state.links = PersonalLinks(settings.secret(), settings.public_url)
    app.include_router(frequency_pages.router)
    app.include_router(calendar_feed.router)
    app.include_router(sign_in_pages.router)
    app.include_router(pending_page.router)
    app.mount("/static", static_files(), "static")
    _add_home(app, settings)
    answer_failures(app)
    app.add_middleware(SmallRequests, most=LONGEST_BODY)
    is_published = settings.public_url.startswith("https://")
    # Around the whole application, not in it: an answer to a failure of ours bears the same headers.
    return SafeAnswers(app, {"Strict-Transport-Security": A_YEAR} if is_published else {})


def _add_home(app: FastAPI, settings: Settings) -> None:
    is_local = not settings.apprise_urls
    app.state.mail_page = f"http://localhost:{settings.mail_page_port}" if is_local else None

    @app.get("/")
    def home(request: Request) -> HTMLResponse:
        return page("home.html", mail_page=mail_page_of(request))


def answer_failures(app: FastAPI) -> None:
    """Every failure is a page in French that says what to do, and nothing of what was asked."""

    @app.exception_handler(DeadLink)
    @app.exception_handler(BadLink)
    def dead_link(request: Request, failure: Exception) -> HTMLResponse:
        return page("dead_link.html", status=404)

    @app.exception_handler(NeedsSignIn)
    def sign_in_first(request: Request, failure: NeedsSignIn) -> RedirectResponse:
        return RedirectResponse("/connexion?" + urlencode({"suite": failure.next_path}), status_code=303)

    @app.exception_handler(RequestValidationError)
    def not_understood(request: Request, failure: Exception) -> HTMLResponse:
        return page("failure.html", status=400, kind="not_understood")

    @app.exception_handler(HTTPException)
    def refused(request: Request, failure: HTTPException) -> HTMLResponse:
        if failure.status_code == 404:
            return page("not_found.html", status=404)
        answer = page("failure.html", status=failure.status_code, kind="not_understood")
        answer.headers.update(failure.headers or {})
        return answer

    @app.exception_handler(Exception)
    def broken(request: Request, failure: Exception) -> HTMLResponse:
        return page("failure.html", status=500, kind="broken")
