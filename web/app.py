"""The pages of a system, as one application; it holds no state but the database it is given."""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

from fastapi import Depends, FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from actions.files.kept_kinds import KeptKinds
from actions.files.scan_file import Clamd
from actions.files.store_file import MEGABYTE, FileStore
from actions.prefect.health import engine_probe
from database.engine import Database
from logs import set_up_logs
from models.read_once import read_once
from notifications.mail import ways_out
from notifications.mail_trial import mail_probe
from notifications.personal_links import PersonalLinks
from queries.system.machinery import SECONDS_KEPT, check_machinery
from settings import Settings, settings
from web.access import demo, draft_pages, proconnect_pages, sign_in_pages
from web.access.link_post import LinkPost
from web.access.proconnect import CALLBACK, proconnect_from
from web.access.rate import Rate
from web.api.application import PATH as API_PATH
from web.api.application import mount_api
from web.failures import answer_failures, answer_outage, refuse_request
from web.pages import (
    accession,
    account,
    board,
    calendar_feed,
    comments,
    commitments,
    comparison,
    confirmations,
    consultation,
    contractor,
    corrections,
    delegations,
    deliverable,
    files,
    frequency,
    help_pages,
    home,
    identity,
    joining,
    journal,
    legal,
    meetings,
    new_project,
    objection,
    offices,
    paper_acts,
    participants,
    pending,
    project,
    public,
    receipt,
    register,
    reminders,
    roles,
    search,
    sign_off,
    stage,
    steering,
    submit,
    tokens,
)
from web.pages.look import DSFR_ADDRESS, Look, look_of_settings
from web.pages.publisher import publisher_of_settings
from web.server import health, metrics
from web.server.cached_value import CachedValue
from web.server.clean_requests import CleanRequests
from web.server.compression import OpenPagesCompressed
from web.server.methods import HeadAsGet
from web.server.metrics import Metrics
from web.server.outages import Outages
from web.server.protections import (
    A_YEAR,
    FORMS_AT_ONCE,
    FORMS_BY_SECOND,
    SafeAnswers,
    SmallRequests,
    not_too_often,
)
from web.server.requests import NoteRoute, Requests
from web.server.static_files import ADDRESS, STATIC, FingerprintedFiles
from web.site import Site

LONGEST_BODY = 64 * 1024
NOT_DESCRIBED: dict[str, Any] = {"docs_url": None, "redoc_url": None, "openapi_url": None}
_LEGAL = "accessibilite|mentions-legales|donnees-personnelles|licence"
PUBLIC = re.compile(rf"/(publics(/.*)?|{_LEGAL}|aide(/.*)?)?")
COMPRESSED = re.compile(
    rf"/(publics(/[^/]+)?|{_LEGAL}|aide(/[^/]+)?|sitemap\.xml)?|{re.escape(API_PATH)}/openapi\.json"
)
"""Public pages and descriptions, without the files and pictures below them (`web.server.compression`)."""
ROUTERS = (
    health.router,
    home.router,
    legal.router,
    frequency.router,
    calendar_feed.router,
    proconnect_pages.router,
    sign_in_pages.router,
    draft_pages.router,
    pending.router,
    account.router,
    identity.router,
    roles.mine,
    tokens.router,
    board.router,
    new_project.router,
    project.router,
    stage.router,
    steering.router,
    deliverable.router,
    sign_off.router,
    receipt.router,
    files.router,
    submit.router,
    paper_acts.router,
    comments.router,
    comparison.router,
    confirmations.router,
    objection.router,
    commitments.router,
    reminders.router,
    meetings.router,
    journal.router,
    register.router,
    consultation.router,
    search.router,
    participants.router,
    offices.router,
    joining.router,
    accession.router,
    contractor.router,
    delegations.router,
    roles.router,
    corrections.router,
    public.router,
    help_pages.router,
)


def app_of_settings() -> ASGIApp:
    """The application of this process's settings: each of several processes makes its own (`web.server.serving`)."""
    set_up_logs("web", settings().log_format)
    return make_app(Database(settings().domain_url), settings())


def make_app(db: Database, settings: Settings) -> ASGIApp:
    """The application on this database. Addresses in pages are those of ``settings.public_url``.

    Raises ``NoStateLook`` when the State's look is asked for without its assets.
    """
    look = look_of_settings(settings)
    app = FastAPI(title="Projets partagés", **NOT_DESCRIBED)
    site = _site_of_settings(db, settings, look)
    app.state.site, app.state.metrics = site, Metrics(db, settings)
    app.router.routes.extend(_routes(is_demo=settings.is_demo))
    if look.assets:
        app.mount(DSFR_ADDRESS, FingerprintedFiles(directory=look.assets), "dsfr")
    app.mount(ADDRESS, FingerprintedFiles(directory=STATIC), "static")
    mount_api(app)
    answer_failures(app)
    app.add_middleware(NoteRoute)
    app.add_middleware(OpenPagesCompressed, is_open=COMPRESSED.fullmatch)
    app.add_middleware(SmallRequests, most=LONGEST_BODY)
    app.add_middleware(CleanRequests, refuse=refuse_request, elsewhere=f"{API_PATH}/")
    app.add_middleware(Outages, answer=answer_outage)
    app.add_middleware(HeadAsGet, once_only=(CALLBACK,))
    app.state.pace = Rate(FORMS_AT_ONCE, FORMS_BY_SECOND) if site.is_published else None
    headers = {"Content-Security-Policy": look.policy}
    if site.is_published:
        headers["Strict-Transport-Security"] = A_YEAR
    # Around the whole application, not in it: an answer to a failure of ours has the same headers.
    seen = Requests(app, writes_lines=settings.log_format == "json")
    return SafeAnswers(seen, headers, PUBLIC.fullmatch)


@cache
def _routes(*, is_demo: bool) -> list[BaseRoute]:
    """Those of every page, worked out once, however many applications a process makes."""
    every = FastAPI(dependencies=[Depends(not_too_often)], **NOT_DESCRIBED)
    for router in (*ROUTERS, metrics.router):
        every.include_router(router)
    if is_demo:
        every.include_router(demo.router)
    return every.routes


def _site_of_settings(db: Database, settings: Settings, look: Look) -> Site:
    """What each page is made with."""
    read_once()
    engine_answers, mail_trouble = engine_probe(settings), mail_probe(settings.apprise_urls)
    is_local = not settings.apprise_urls
    files = FileStore(
        settings.files_dir,
        limit=settings.file_limit_mb * MEGABYTE,
        clamd=Clamd(settings.clamd) if settings.clamd else None,
    )
    return Site(
        db=db,
        files=files,
        kinds=KeptKinds(db, files),
        links=PersonalLinks(settings.secret(), settings.public_url),
        public_url=settings.public_url,
        secret=settings.secret(),
        link_post=LinkPost(db, settings.public_url, ways_out(settings.apprise_urls, settings.mail_port)[0]),
        mail_page=f"http://localhost:{settings.mail_page_port}" if is_local else None,
        proconnect=proconnect_from(settings),
        is_demo=settings.is_demo,
        look=look,
        publisher=publisher_of_settings(settings),
        machinery=CachedValue(
            lambda: check_machinery(db, engine_answers, mail_trouble, now=datetime.now(UTC)), SECONDS_KEPT
        ),
    )
