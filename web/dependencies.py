"""What the application was made with, for each of its pages."""

from typing import cast

from fastapi import Request

from actions.files.store_file import FileStore
from database.engine import Database
from notifications.personal_links import PersonalLinks
from queries.system.machinery import Machinery
from web.access.proconnect import ProConnect
from web.pages.look import OURS, Look
from web.pages.publisher import Publisher
from web.server.cached_value import CachedValue


def db_of(request: Request) -> Database:
    """The domain database."""
    return cast("Database", request.app.state.db)


def files_of(request: Request) -> FileStore:
    """Where files are received and kept."""
    return cast("FileStore", request.app.state.files)


def links_of(request: Request) -> PersonalLinks:
    """What reads and makes the personal links."""
    return cast("PersonalLinks", request.app.state.links)


def public_url_of(request: Request) -> str:
    """Where people reach the pages, without a final slash; never what the caller says it is."""
    return cast("str", request.app.state.public_url)


def secret_of(request: Request) -> str:
    """What signs our forms, and counts who asks for links."""
    return cast("str", request.app.state.secret)


def ways_out_of(request: Request) -> list[str]:
    """How mails leave: Apprise addresses, mail first."""
    return cast("list[str]", request.app.state.ways_out)


def proconnect_of(request: Request) -> ProConnect | None:
    """The way in by ProConnect, where one is set."""
    return cast("ProConnect | None", request.app.state.proconnect)


def is_published(request: Request) -> bool:
    """Are the pages reached over TLS, by their public address?"""
    return public_url_of(request).startswith("https://")


def is_demo(request: Request) -> bool:
    """May somebody be one of its people without a mail (``Settings.is_demo``)?"""
    return cast("bool", request.app.state.is_demo)


def mail_page_of(request: Request) -> str | None:
    """Where the mails of this system are read, when none leaves it."""
    return cast("str | None", request.app.state.mail_page)


def look_of(request: Request) -> Look:
    """How the pages look; the local mail page, which has no operator's settings, looks ours."""
    return cast("Look", getattr(request.app.state, "look", OURS))


def publisher_of(request: Request) -> Publisher:
    """Who publishes the pages."""
    return cast("Publisher", request.app.state.publisher)


def machinery_of(request: Request) -> CachedValue[Machinery]:
    """What says whether the machinery is well; called, it looks."""
    return cast("CachedValue[Machinery]", request.app.state.machinery)
