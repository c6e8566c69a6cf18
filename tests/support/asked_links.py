"""Somebody asks for a sign-in link, as the page does: counted, then made."""

from datetime import datetime

from actions.access.sign_in_links import LinkRequest, LinkToSend, count_request, make_link
from database.engine import Database


def ask_for_link(
    db: Database, email: str, *, now: datetime, origin: str = "192.0.2.7", next_path: str = "/a-faire"
) -> LinkToSend | None:
    """The link to mail; None when no mail leaves."""
    request = LinkRequest(email, origin, next_path)
    is_within = count_request(db, request, secret="a secret", now=now)
    return make_link(db, request, is_within=is_within, now=now)
