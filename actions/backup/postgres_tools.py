"""``pg_dump`` and ``pg_restore``: check their version, and run them without showing the database's password."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from shutil import which
from typing import BinaryIO, cast

import psycopg
import sqlalchemy as sa

from database.engine import Database
from models.refusal import Refusal


class NoTool(Refusal):
    """A program of PostgreSQL is missing on this machine, or is older than the server."""

    def __init__(self, name: str, needed: int, version: int | None) -> None:
        why = (
            f"la version {version} de « {name} » est plus ancienne que le serveur PostgreSQL, qui est en version "
            f"{needed}"
            if version
            else f"le programme « {name} » n’est pas sur cette machine"
        )
        super().__init__(
            f"Sauvegarde et restauration impossibles : {why} ; installez les outils clients de "
            f"PostgreSQL {needed} (paquet « postgresql-client-{needed} » de Debian)."
        )


class ToolFailed(Refusal):
    """A program of PostgreSQL ended with an error."""

    def __init__(self, name: str, output: str) -> None:
        lines = [line for line in output.splitlines() if line.strip()]
        super().__init__(f"« {name} » a échoué : {lines[0] if lines else 'sans dire pourquoi'}.")


def check_tool(db: Database, name: str) -> None:
    """Raise ``NoTool`` unless the program is there and at least of the server's major version."""
    with db.engine.connect() as connection:
        needed = int(str(connection.scalar(sa.text("SHOW server_version_num")))) // 10000
    path = which(name)
    if path is None:
        raise NoTool(name, needed, None)
    output = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    version = re.search(r"\s([0-9]+)", output)
    if version is None or int(version[1]) < needed:
        raise NoTool(name, needed, int(version[1]) if version else None)


def run_tool(db: Database, name: str, arguments: Sequence[str], output: BinaryIO | None = None) -> None:
    """Run the program on this database, its standard output into ``output``. Raises ``ToolFailed``."""
    environment = {**os.environ, **connection_variables(db), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(  # noqa: S603 - our own arguments, and no secret among them
        [which(name) or name, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise ToolFailed(name, done.stderr.decode(errors="replace"))


def connection_variables(db: Database) -> Mapping[str, str]:
    """The variables of libpq (PGHOST, PGPASSWORD…) that lead its programs where SQLAlchemy leads us."""
    names = {option.keyword.decode(): option.envvar for option in psycopg.pq.Conninfo.get_defaults()}
    with db.engine.connect() as connection:
        info = cast(psycopg.Connection, connection.connection.driver_connection).info
        values = {**info.get_parameters(), "password": info.password}
    return {
        variable.decode(): value
        for keyword, value in values.items()
        if value and (variable := names.get(keyword)) is not None
    }
