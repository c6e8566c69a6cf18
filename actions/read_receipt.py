"""The receipt of one decision: what was decided, on which content, by whom, and whether it still counts."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from actions.in_sight import Header, OutOfSight, see
from actions.matrix import DELIVERABLE, SIGN_OFF
from actions.people_of_projects import PARTY, PROJECT
from actions.sign_offs_shown import SignOffShown, sign_off_shown, sign_offs_shown
from actions.standing import Standing
from actions.version_seen import VERSION
from actions.wake import STAGE

OWNER = PARTY.alias("owner")


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """The decision and its object. ``file_name`` and ``size`` (bytes) are those of the version that was read;
    ``is_current`` tells that no other has replaced it."""

    header: Header
    standing: Standing
    stage_title: str
    stage_path: str
    deliverable_title: str
    deliverable_path: str
    owner_name: str | None
    file_name: str
    size: int
    is_current: bool
    sign_off: SignOffShown


def read_receipt(session: Session, sign_off_id: int, person_id: int, now: datetime) -> ReceiptPage:
    """The receipt, for whoever stands in its project; raises ``OutOfSight``. Writes nothing."""
    query = (
        sign_offs_shown()
        .add_columns(
            PROJECT.c.slug, STAGE.c.key.label("stage_key"), DELIVERABLE.c.title,
            DELIVERABLE.c.version_id.label("current"), OWNER.c.name.label("owner_name"),
            VERSION.c.file_name, VERSION.c.size,
        )
        .join(DELIVERABLE, DELIVERABLE.c.id == SIGN_OFF.c.deliverable_id)
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
        .outerjoin(OWNER, OWNER.c.id == DELIVERABLE.c.party_id)
        .where(SIGN_OFF.c.id == sign_off_id)
    )  # fmt: skip
    row = session.connection().execute(query).one_or_none()
    if row is None:
        raise OutOfSight
    sight = see(session, row.slug, person_id, now)
    return ReceiptPage(
        sight.header,
        sight.standing,
        sight.lifecycle.stage(row.stage_key).title,
        f"{sight.header.path}/etapes/{row.stage_key}",
        row.title,
        f"{sight.header.path}/livrables/{row.deliverable_id}",
        row.owner_name,
        row.file_name,
        row.size,
        row.current == row.version_id,
        sign_off_shown(row),
    )
