"""What is away when something cannot be served, and the sentence that says so: the same for pages, API and commands.

Errors are told apart by the names of their classes and by their codes, so that no driver is imported for it.
"""

import errno
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.refusal import typeset


class CommitUnknown(Exception):
    """What was asked may stand, whole or in part: the answer to a commit never came, or one came before the outage.

    ``__cause__`` is what the driver raised.
    """


class FilesAway(Exception):
    """A content that a fact names cannot be read: its folder is away, or the file is."""


class OutageKind(StrEnum):
    """What is away; ``label`` begins every sentence about it."""

    database_away = "database_away"
    database_busy = "database_busy"
    disk_full = "disk_full"
    read_only = "read_only"
    files_away = "files_away"
    overloaded = "overloaded"

    @property
    def label(self) -> str:
        return _LABELS[self]


class Reader(StrEnum):
    """Who reads the sentence: how to check what was recorded, and what to do, depends on it."""

    page = "page"
    program = "program"
    command = "command"


_LABELS = {
    OutageKind.database_away: "La base de données ne répond pas",
    OutageKind.database_busy: "La base de données est occupée, et n’a pas répondu à temps",
    OutageKind.disk_full: "Le serveur n’a plus de place sur son disque",
    OutageKind.read_only: "Le serveur ne peut pas écrire, sa base ou son dossier est en lecture seule",
    OutageKind.files_away: "Les fichiers déposés ne sont pas accessibles pour l’instant",
    OutageKind.overloaded: "Le serveur a trop à faire",
}
OF_DATABASE = (OutageKind.database_away, OutageKind.database_busy)
_TO_CHECK = {
    Reader.page: "vérifiez-le sur la page du projet",
    Reader.program: "vérifiez-le en relisant le projet",
    Reader.command: "vérifiez-le par « projet-partage project show »",
}
_SOON = "réessayez dans un instant"
_TELL_OPERATOR = "prévenez l’exploitant de la plateforme, puis réessayez"
_TO_MEND = {
    OutageKind.database_away: "vérifiez qu’elle est démarrée, et le réglage PROJET_PARTAGE_DATABASE_URL",
    OutageKind.database_busy: "réessayez quand l’autre programme qui s’en sert aura fini",
    OutageKind.disk_full: "libérez de la place, puis recommencez",
    OutageKind.read_only: "vérifiez les droits de PROJET_PARTAGE_DATA_DIR et de la base, puis recommencez",
    OutageKind.files_away: "vérifiez que le dossier « files » de PROJET_PARTAGE_DATA_DIR est là et lisible",
    OutageKind.overloaded: "réessayez dans un instant",
}
_LASTS = (OutageKind.disk_full, OutageKind.read_only)


@dataclass(frozen=True, slots=True)
class Outage:
    """What is away. ``is_unknown``: a commit may have happened, so that nobody knows whether the fact stands."""

    kind: OutageKind
    is_unknown: bool = False

    def sentence(self, reader: Reader, *, is_reading: bool = False) -> str:
        """What is away, what became of what was asked, and what to do. ``is_reading``: nothing was to be recorded."""
        if self.is_unknown:
            return typeset(
                f"{self.kind.label}, et nous ne savons pas si votre réponse a été enregistrée : "
                f"{_TO_CHECK[reader]} avant de recommencer."
            )
        prefix = "" if is_reading else "rien n’a été enregistré ; "
        return typeset(f"{self.kind.label} : {prefix}{self._advice(reader)}.")

    def _advice(self, reader: Reader) -> str:
        if reader is Reader.command:
            return _TO_MEND[self.kind]
        return _TELL_OPERATOR if self.kind in _LASTS else _SOON

    @property
    def retry_after(self) -> int:
        """Seconds after which it is worth asking again."""
        return 60 if self.kind in _LASTS else 5


def outage_of(error: BaseException | None) -> Outage | None:
    """The outage that an error is, or None for one that is a fault of ours."""
    if error is None:
        return None
    if isinstance(error, CommitUnknown):
        cause = outage_of(error.__cause__)
        return Outage(cause.kind if cause else OutageKind.database_away, is_unknown=True)
    kind = _kind(error)
    return Outage(kind) if kind else None


def words_of(error: BaseException) -> str:
    """What the driver or the system said, on one line, for a log: no statement, no value."""
    cause: Any = error.__cause__ if isinstance(error, CommitUnknown) else error
    cause = getattr(cause, "orig", None) or cause
    return f"{type(cause).__name__}: {str(cause).strip().partition(chr(10))[0][:200]}"


def _kind(error: BaseException) -> OutageKind | None:
    names = {f"{each.__module__}.{each.__qualname__}" for each in type(error).__mro__}
    if "sqlalchemy.exc.DBAPIError" in names:
        return _kind(error.orig) if getattr(error, "orig", None) else None  # type: ignore[attr-defined]
    if "sqlalchemy.exc.TimeoutError" in names:
        return OutageKind.database_busy
    if "psycopg.Error" in names:
        return _of_postgres(error, names)
    if "sqlite3.Error" in names:
        return _OF_SQLITE.get((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF)
    if isinstance(error, FilesAway):
        return OutageKind.files_away
    return _OF_SYSTEM.get(error.errno or 0) if isinstance(error, OSError) else None


def _of_postgres(error: Any, names: set[str]) -> OutageKind | None:
    state = error.sqlstate
    if state is None:  # the server said nothing: the connection was refused, lost, or is closed
        lost = {"psycopg.OperationalError", "psycopg.InterfaceError"} & names
        return OutageKind.database_away if lost else None
    return next((kind for start, kind in _OF_SQLSTATE.items() if state.startswith(start)), None)


_OF_SQLSTATE = {
    "53100": OutageKind.disk_full,
    "53": OutageKind.database_busy,  # too many connections, no memory
    "57014": OutageKind.database_busy,  # cancelled: it took too long
    "57": OutageKind.database_away,  # stopped by its administrator, starting, crashed
    "58": OutageKind.database_away,  # its disk does not answer
    "08": OutageKind.database_away,
    "28": OutageKind.database_away,  # it does not let us in
    "3D000": OutageKind.database_away,
    "25006": OutageKind.read_only,
    "55P03": OutageKind.database_busy,  # a lock was not given in time
    "40": OutageKind.database_busy,  # two transactions in each other's way
}
"""PostgreSQL's error codes, by their beginning; the first that fits."""
_BUSY, _LOCKED, _READONLY, _IOERR, _FULL, _CANTOPEN = 5, 6, 8, 10, 13, 14
_OF_SQLITE = {
    _BUSY: OutageKind.database_busy,
    _LOCKED: OutageKind.database_busy,
    _READONLY: OutageKind.read_only,
    _IOERR: OutageKind.database_away,
    _FULL: OutageKind.disk_full,
    _CANTOPEN: OutageKind.database_away,
}
_OF_SYSTEM = {
    errno.ENOSPC: OutageKind.disk_full,
    errno.EDQUOT: OutageKind.disk_full,
    errno.EFBIG: OutageKind.disk_full,
    errno.EROFS: OutageKind.read_only,
    errno.EACCES: OutageKind.read_only,
    errno.EPERM: OutageKind.read_only,
    errno.EIO: OutageKind.files_away,
    errno.ESTALE: OutageKind.files_away,
    errno.ENOTCONN: OutageKind.files_away,
    errno.EMFILE: OutageKind.overloaded,
    errno.ENFILE: OutageKind.overloaded,
}
