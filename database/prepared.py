"""A statement written once with SQLAlchemy and run by the driver itself, for the paths where speed is the point.

SQLAlchemy's own execution costs more than the databases' work on a small statement (57 µs against 27 on
SQLite, side by side): here the statement is compiled once for each database, and only its values are
converted at each run. Results come as the driver's tuples, with the stored values (text for an enum).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.sql.compiler import SQLCompiler

Convert = Callable[[Any], Any]


class Prepared:
    """``Prepared(statement)``, its values given as ``bindparam``s (or columns, for an insert)."""

    def __init__(self, statement: sa.Select[Any] | sa.Insert | sa.Update, *columns: str) -> None:
        self._statement = statement
        self._columns = list(columns) or None
        self._for: dict[str, _Compiled] = {}

    def run(self, connection: Connection, **values: Any) -> Any:
        """Run in the connection's transaction; gives the driver's cursor. Driver errors come unwrapped.

        A connection that was lost is not put back among those that serve.
        """
        dialect = connection.dialect
        compiled = self._for.get(dialect.name)
        if compiled is None:
            compiled = self._for[dialect.name] = _Compiled(self._statement, self._columns, dialect)
        try:
            return driver(connection).execute(compiled.sql, compiled.parameters(values))
        except Exception as error:
            _give_up_if_lost(connection, error)
            raise


class _Compiled:
    """The text of a statement for one database, and how its values are written for it."""

    def __init__(
        self, statement: sa.Select[Any] | sa.Insert | sa.Update, columns: list[str] | None, dialect: Dialect
    ) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError(f"{statement} is not a statement with values")
        self.sql = str(compiled)
        self._order = compiled.positiontup
        self._fixed = dict(compiled.params)
        self._convert = {
            name: convert
            for name, bind in compiled.binds.items()
            if (convert := _converter(bind.type, dialect)) is not None
        }

    def parameters(self, values: dict[str, Any]) -> Any:
        parameters = self._fixed | values
        for name, convert in self._convert.items():
            parameters[name] = convert(parameters[name])
        return [parameters[name] for name in self._order] if self._order is not None else parameters


def _converter(type_: sa.types.TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def driver(connection: Connection) -> Any:
    """The driver's own connection (sqlite3, psycopg), in the same transaction."""
    return connection.connection.driver_connection


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Statements whose results nobody reads go out together where the driver can (psycopg): one journey.

    An error of one of them is raised at the end of the block.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    try:
        with driver(connection).pipeline():
            yield
    except Exception as error:
        _give_up_if_lost(connection, error)
        raise


def _give_up_if_lost(connection: Connection, error: Exception) -> None:
    dialect = connection.dialect
    is_ours = dialect.dbapi is not None and isinstance(error, dialect.dbapi.Error)
    if is_ours and not connection.invalidated and dialect.is_disconnect(error, connection.connection, None):  # type: ignore[arg-type]
        connection.invalidate(error)
