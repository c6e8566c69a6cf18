"""All that a sign-off must know, read at once under the lock: the seat, its surroundings, the whole matrix."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from actions.journal import JournalEnd
from actions.matrix import ASKED, CELL, GIVEN, SignedCell, cell
from actions.signing_authority import in_office
from models.act_kind import ActKind
from models.prepared import Prepared, together
from models.shared_project import ProjectStatus
from models.stage import StageStatus
from models.tables import DELIVERABLE, JOURNAL, MANDATE, PARTY, PROJECT, SEAT, SIGN_OFF, STAGE

SIGNED = DELIVERABLE.alias("signed")


class SeatLook(NamedTuple):
    """A party's seat before a deliverable at one instant; ``office_holder`` is its mayor or president then."""

    project_id: int
    project_status: ProjectStatus
    stage_id: int
    stage_key: str
    stage_status: StageStatus
    deliverable_id: int
    key: str
    title: str
    act_kind: ActKind
    number: int
    round: int
    version_id: int
    sha256: str
    party_id: int
    party_code: str
    party_name: str
    acts: dict[str, str]
    office_holder: int | None

    @property
    def act_expected(self) -> ActKind:
        """The kind of act this party gives here: the lifecycle's default, or more if it wishes."""
        return self.act_kind.or_more(ActKind(self.acts.get(self.key, self.act_kind)))


_LOCK = Prepared(
    sa.select(JOURNAL.c.id, JOURNAL.c.seq, JOURNAL.c.head)
    .select_from(
        JOURNAL.join(STAGE, STAGE.c.project_id == JOURNAL.c.project_id).join(
            SIGNED, SIGNED.c.stage_id == STAGE.c.id
        )
    )
    .where(SIGNED.c.id == sa.bindparam("deliverable"))
    .with_for_update(of=JOURNAL)
)
_LOOK = Prepared(
    sa.select(
        PROJECT.c.id,
        PROJECT.c.status,
        STAGE.c.id,
        STAGE.c.key,
        STAGE.c.status,
        SIGNED.c.id,
        SIGNED.c.key,
        SIGNED.c.title,
        SIGNED.c.act_kind,
        SIGNED.c.number,
        SIGNED.c.round,
        SIGNED.c.version_id,
        SIGNED.c.sha256,
        PARTY.c.id,
        PARTY.c.code,
        PARTY.c.name,
        PARTY.c.acts,
        sa.select(MANDATE.c.person_id).where(*in_office(PARTY.c.code)).limit(1).scalar_subquery(),
        *CELL,
    )
    .select_from(
        SIGNED.join(STAGE, STAGE.c.id == SIGNED.c.stage_id)
        .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
        .join(PARTY, PARTY.c.project_id == PROJECT.c.id)
        .outerjoin(SEAT, (SEAT.c.stage_id == STAGE.c.id) & SEAT.c.left_at.is_(None))
        .outerjoin(DELIVERABLE, ASKED)
        .outerjoin(SIGN_OFF, GIVEN)
    )
    .where(SIGNED.c.id == sa.bindparam("deliverable"), PARTY.c.id == sa.bindparam("party"))
)
_WIDTH = len(SeatLook._fields)
_DELIVERABLE = _WIDTH + 1


def lock_and_look(
    connection: Connection, deliverable_id: int, party_id: int, now: datetime
) -> tuple[JournalEnd, SeatLook, list[SignedCell]] | None:
    """Lock the project of the deliverable, then read the seat and the matrix of its stage.

    Gives the end of the journal too; None when party and deliverable are not of one project. The lock is a
    statement of its own, so that what is read after it is what stands once it is held.
    """
    with together(connection):
        lock = _LOCK.run(connection, deliverable=deliverable_id)
        look = _LOOK.run(connection, deliverable=deliverable_id, party=party_id, now=now)
    end, rows = lock.fetchone(), look.fetchall()
    if end is None or not rows:
        return None
    return end, _seat(rows[0][:_WIDTH]), [cell(row[_WIDTH:]) for row in rows if row[_DELIVERABLE] is not None]


def _seat(row: Sequence[Any]) -> SeatLook:
    look = SeatLook(*row)
    acts = look.acts if isinstance(look.acts, dict) else json.loads(look.acts)
    return look._replace(
        project_status=ProjectStatus(look.project_status),
        stage_status=StageStatus(look.stage_status),
        act_kind=ActKind(look.act_kind),
        acts=acts,
    )
