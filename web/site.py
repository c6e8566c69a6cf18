"""What the pages and the API of one system are made with: built once by ``web.app.make_app``, read per request."""

from dataclasses import dataclass
from typing import cast

from fastapi import Request

from actions.files.kept_kinds import KeptKinds
from actions.files.store_file import MEGABYTE, FileStore
from database.engine import Database
from notifications.personal_links import PersonalLinks
from queries.system.machinery import Machinery
from web.access.link_post import LinkPost
from web.access.proconnect import ProConnect
from web.pages.look import Look
from web.pages.publisher import Publisher
from web.server.cached_value import CachedValue


@dataclass(frozen=True, slots=True)
class Site:
    """The database, the file store and the operator's settings, as the pages use them.

    ``public_url`` is where people reach the pages, without a final slash, whatever the caller says it is. ``secret``
    signs our forms and hashes who asks for links, which ``link_post`` mails. ``proconnect`` is
    None where it is not set up, ``mail_page`` (where caught mails are read) where mails leave the machine.
    """

    db: Database
    files: FileStore
    kinds: KeptKinds
    links: PersonalLinks
    public_url: str
    secret: str
    link_post: LinkPost
    mail_page: str | None
    proconnect: ProConnect | None
    is_demo: bool
    look: Look
    publisher: Publisher
    machinery: CachedValue[Machinery]

    @property
    def is_published(self) -> bool:
        """Are the pages reached over TLS, by their public address?"""
        return self.public_url.startswith("https://")

    @property
    def file_limit_mb(self) -> int:
        """The largest file that people may send, in megabytes."""
        return self.files.limit // MEGABYTE


def site_of(request: Request) -> Site:
    """The site that this request came to."""
    return cast("Site", request.app.state.site)
