"""What the application was made with, for each of its pages."""

from fastapi import Request

from actions.files.store_file import FileStore
from database.engine import Database
from notifications.personal_links import PersonalLinks
from web.access.proconnect import ProConnect
from web.pages.look import OURS, Look
from web.pages.publisher import Publisher
from web.site import site_of


def has_site(request: Request) -> bool:
    """Whether it came to the pages; the local mail page has no site."""
    return hasattr(request.app.state, "site")


def db_of(request: Request) -> Database:
    """The domain database."""
    return site_of(request).db


def files_of(request: Request) -> FileStore:
    """Where files are received and kept."""
    return site_of(request).files


def links_of(request: Request) -> PersonalLinks:
    """What reads and makes the personal links."""
    return site_of(request).links


def public_url_of(request: Request) -> str:
    """Where people reach the pages, without a final slash; never what the caller says it is."""
    return site_of(request).public_url


def secret_of(request: Request) -> str:
    """What signs our forms, and counts who asks for links."""
    return site_of(request).secret


def ways_out_of(request: Request) -> list[str]:
    """How mails leave: Apprise addresses, mail first."""
    return site_of(request).ways_out


def proconnect_of(request: Request) -> ProConnect | None:
    """The way in by ProConnect, where one is set."""
    return site_of(request).proconnect


def is_published(request: Request) -> bool:
    """Are the pages reached over TLS, by their public address?"""
    return site_of(request).is_published


def is_demo(request: Request) -> bool:
    """May somebody be one of its people without a mail (``Settings.is_demo``)?"""
    return site_of(request).is_demo


def mail_page_of(request: Request) -> str | None:
    """Where the mails of this system are read, when none leaves it."""
    return site_of(request).mail_page


def look_of(request: Request) -> Look:
    """How the pages look; the local mail page, which has no operator's settings, looks ours."""
    return site_of(request).look if has_site(request) else OURS


def publisher_of(request: Request) -> Publisher:
    """Who publishes the pages."""
    return site_of(request).publisher
