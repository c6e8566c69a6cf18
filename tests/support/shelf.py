"""What databases hold at each point of the real project's story, played once, for each test that starts there."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cast import START, Cast
from postgres_copies import PostgresCopies
from sqlite_copies import SqliteCopies

from database.engine import Database
from models.tables import STAGE

Permission = Callable[[Cast], None]

POINTS: dict[str, tuple[str | None, tuple[Permission, ...]]] = {
    "met": (None, ()),
    "constitution open": ("met", (lambda cast: cast.open("constitution"),)),
    "constitution in review": ("constitution open", (lambda cast: cast.review("constitution"),)),
    "charter open": (
        "constitution in review",
        (lambda cast: cast.finish("constitution"), lambda cast: cast.open("charter")),
    ),
    "charter in review": ("charter open", (lambda cast: cast.review("charter"),)),
    "charter closed": ("charter in review", (lambda cast: cast.finish("charter"),)),
    "diagnosis open": (
        "charter closed",
        (lambda cast: cast.play("terms_of_reference"), lambda cast: cast.open("territorial_diagnosis")),
    ),
    "diagnosis in review": ("diagnosis open", (lambda cast: cast.review("territorial_diagnosis"),)),
    "consultation open": (
        "diagnosis in review",
        (lambda cast: cast.finish("territorial_diagnosis"), lambda cast: cast.open("consultation")),
    ),
    "action plan open": (
        "consultation open",
        (lambda cast: cast.play("consultation"), lambda cast: cast.open("action_plan")),
    ),
    "action plan in review": ("action plan open", (lambda cast: cast.review("action_plan"),)),
    "lessons open": (
        "action plan in review",
        (lambda cast: cast.finish("action_plan"), lambda cast: cast.open("lessons_learned")),
    ),
    "over": ("lessons open", (lambda cast: cast.play("lessons_learned"),)),
}
"""Each point of the project's story: the point before, and what is done from there on."""


class Shelf:
    """The points already played on one kind of database, and the copies taken from them."""

    def __init__(self, copies: SqliteCopies | PostgresCopies, folder: Path, start: datetime = START) -> None:
        self.copies: Any = copies
        self.folder, self.start = folder, start
        self._played: dict[str, tuple[Any, datetime]] = {}

    def take(self, point: str) -> Cast:
        """A cast of one's own, at that point of the story."""
        if point not in self._played:
            self._play(point)
        content, now = self._played[point]
        cast = Cast(Database(self.copies.take(content)), self.folder)
        cast.set_clock(now)
        return cast

    def give_back(self, cast: Cast) -> None:
        """Let the database serve another test."""
        cast.db.close()
        self.copies.give_back(cast.db.url)

    def _play(self, point: str) -> None:
        before, acts = POINTS[point]
        cast = self._meet() if before is None else self.take(before)
        for act in acts:
            act(cast)
        _look(cast)
        cast.db.close()
        self._played[point] = self.copies.content(cast.db.url), cast.now
        self.give_back(cast)

    def _meet(self) -> Cast:
        return Cast.meet(Database(self.copies.take()), self.folder, now=self.start)


def _look(cast: Cast) -> None:
    """The flow of each stage has looked at all that happened."""
    with cast.db.write_statements() as connection:
        connection.execute(sa.update(STAGE).values(seen_seq=STAGE.c.fact_seq))
