"""Tell a signer what changed since the content they read (rule 2)."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from actions.look_at_seat import SeatLook
from models.deliverable import Deliverable
from models.paris_time import PARIS
from models.sign_off import OtherContent
from models.tables import VERSION


def other_content(connection: Connection, at: SeatLook, read_sha256: str) -> OtherContent:
    """The refusal that names what a signer read and what replaced it."""
    return _refusal(connection, at.deliverable_id, at.title, read_sha256)


def other_version(connection: Connection, deliverable: Deliverable, read_sha256: str) -> OtherContent:
    """The same, for whoever signs without a seat (the ANCT)."""
    return _refusal(connection, deliverable.id or 0, deliverable.title, read_sha256)


def _refusal(connection: Connection, deliverable_id: int, title: str, read_sha256: str) -> OtherContent:
    versions = connection.execute(
        sa.select(VERSION.c.number, VERSION.c.sha256, VERSION.c.submitted_at)
        .where(VERSION.c.deliverable_id == deliverable_id)
        .order_by(VERSION.c.number.desc())
    ).all()
    number = next((each.number for each in versions if each.sha256 == read_sha256), None)
    since = f"déposée le {versions[0].submitted_at.astimezone(PARIS):%d/%m/%Y à %H:%M}"
    return OtherContent(title, number, read_sha256, versions[0].number, versions[0].sha256, since)
