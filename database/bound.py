"""Values bound at each run by the statements that are made once, when their module is imported.

Making a statement (its operators, its conditions, its cache key) takes longer than the database's answer: a query that
acts and pages ask again and again is a constant, and each call gives it its values by name::

    _NAMES = sa.select(PERSON.c.id, PERSON.c.name).where(among(PERSON.c.id, "people"))
    connection.execute(_NAMES, {"people": [3, 5]})
"""

from datetime import date, datetime
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from models.tables import MANDATE

NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=MANDATE.c.since.type)
"""The instant ``now``, for the conditions of ``models/`` too."""
DAY: sa.BindParameter[date] = sa.bindparam("day", type_=sa.Date())
"""The day of Paris ``day``."""


class _Among(FunctionElement[bool]):
    """The same condition in two words: that of every database, and PostgreSQL's."""

    inherit_cache = True
    type = sa.Boolean()

    def self_group(self, against: Any = None) -> Self:
        """A condition already: SQLAlchemy would write ``… = 1``, which keeps SQLite from its indexes."""
        return self


def among(column: sa.Column[Any], name: str) -> sa.ColumnElement[bool]:
    """``column`` is one of the list bound as ``name``: ``IN (…)`` on SQLite, ``= ANY (array)`` on PostgreSQL.

    A list of hundreds is then sent as one parameter, not parsed.
    """
    array: sa.BindParameter[Any] = sa.bindparam(name, type_=sa.ARRAY(column.type))
    return _Among(column.in_(sa.bindparam(name, expanding=True)), column == sa.func.any(array))


@compiles(_Among)
def _in_list(element: _Among, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses.clauses[0], **options))


@compiles(_Among, "postgresql")
def _of_array(element: _Among, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses.clauses[1], **options))
