"""Databases played up to a point once, then copied for each test that starts from there."""

import itertools
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg
from cast import Cast
from sqlalchemy import make_url

from models.database import Database

Deed = Callable[[Cast], None]

POINTS: dict[str, tuple[str | None, tuple[Deed, ...]]] = {
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

    def __init__(self, kind: str, folder: Path, template: str) -> None:
        self.kind, self.folder = kind, folder
        self._empty = template
        self._played: dict[str, tuple[str, datetime]] = {}
        self._numbers = itertools.count()

    def take(self, point: str) -> Cast:
        """A cast of one's own, at that point of the story."""
        source, now = self._reach(point)
        return self._cast(self._copy(source), now)

    def give_back(self, cast: Cast) -> None:
        """Throw the copy away."""
        cast.db.close()
        self._drop(cast.db.url)

    def close(self) -> None:
        """Throw away every point."""
        for source, _now in self._played.values():
            self._drop(source)

    def _reach(self, point: str) -> tuple[str, datetime]:
        if point not in self._played:
            before, deeds = POINTS[point]
            if before is None:
                url = self._copy(self._empty)
                cast = Cast.meet(Database(url), self.folder)
            else:
                source, now = self._reach(before)
                url = self._copy(source)
                cast = self._cast(url, now)
            for deed in deeds:
                deed(cast)
            cast.db.close()
            self._played[point] = (url, cast.now)
        return self._played[point]

    def _cast(self, url: str, now: datetime) -> Cast:
        cast = Cast(Database(url), self.folder)
        cast.set_clock(now)
        return cast

    def _copy(self, source: str) -> str:
        name = f"pp_shelf_{os.getpid()}_{next(self._numbers)}"
        if self.kind == "sqlite":
            file = self.folder / f"{name}.db"
            shutil.copy(source.removeprefix("sqlite:///"), file)
            return f"sqlite:///{file}"
        template = make_url(source).database
        self._server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return make_url(source).set(database=name).render_as_string(hide_password=False)

    def _drop(self, url: str) -> None:
        if self.kind == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                Path(url.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)
        else:
            self._server(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _server(self, statement: str) -> None:
        url = make_url(self._empty).set(drivername="postgresql", database="postgres")
        with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as server:
            server.execute(statement)
