"""The stages whose flow has not looked yet at what has just happened: pages say that they are moving."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import among
from models.lifecycle import lifecycle_or_none
from models.stage import is_moving
from models.tables import NUDGE, PROJECT, STAGE

_WOKEN_AT = (
    sa.select(sa.func.max(NUDGE.c.created_at, type_=NUDGE.c.created_at.type))
    .where(NUDGE.c.stage_id == STAGE.c.id)
    .scalar_subquery()
)
_MOVING = (
    sa.select(
        *(STAGE.c.id, STAGE.c.key),
        *(PROJECT.c.lifecycle_key, PROJECT.c.lifecycle_version),
        _WOKEN_AT.label("woken_at"),
    )
    .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
    .where(among(STAGE.c.project_id, "projects"), is_moving(STAGE.c, PROJECT.c.status))
    .order_by(STAGE.c.project_id, STAGE.c.position)
)
SOON = timedelta(minutes=1)
"""A flow that has not looked after this time is late: a page does not wait for it any more."""


@dataclass(frozen=True, slots=True)
class MovingStage:
    """One of them, by its title; ``woken_at`` is when its flow was last called."""

    stage_id: int
    title: str
    woken_at: datetime | None

    def is_soon_done(self, now: datetime) -> bool:
        """Is it worth looking again in a few seconds?"""
        return self.woken_at is not None and now - self.woken_at < SOON


def moving_stages(connection: Connection, project_ids: Collection[int]) -> list[MovingStage]:
    """Those of these projects, in one query."""
    stages = []
    for row in connection.execute(_MOVING, {"projects": [*project_ids]}):
        lifecycle = lifecycle_or_none(row.lifecycle_key, row.lifecycle_version)
        title = lifecycle.stage(row.key).title if lifecycle else row.key
        stages.append(MovingStage(row.id, title, row.woken_at))
    return stages
