"""Check, when a process starts, that it shares what the system's other processes share: the secret and the files."""

import logging
import os
import secrets
import threading
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import Session

from database.engine import Database
from database.outage import outage_of, words_of
from models.backup import fingerprint
from models.process_agreement import OtherFiles, OtherSecret, ProcessAgreement
from queries.ledger.named_contents import named_contents

MARK = "of-this-system"
"""File of the folder of the files: which system they are of."""
ONE_AT_A_TIME = 0x70726F6B
"""Number of the PostgreSQL advisory lock of starting processes: the second finds what the first wrote."""
SECONDS_BETWEEN_TRIES = 2
logger = logging.getLogger(__name__)


def join_system(db: Database, secret: str, files: Path) -> None:
    """Agree with the system's other processes, or say what they agreed on, if this one is the first. Commits.

    Files that were put back without their mark (a restored backup) are taken for the system's when they hold every
    content it names. Raises ``OtherSecret``, ``OtherFiles``.
    """
    print_here = fingerprint(secret)
    with db.write() as session:
        agreed = _agreed(session)
        if agreed is None:
            session.add(ProcessAgreement(secret_fingerprint=print_here, files_mark=_mark(files)))
            return
        if agreed.secret_fingerprint != print_here:
            raise OtherSecret(print_here, agreed.secret_fingerprint)
        if _read(files) != agreed.files_mark:
            if not _holds_everything(session, files):
                raise OtherFiles(str(files))
            _write(files, agreed.files_mark)


def adopt(db: Database, secret: str, files: Path) -> None:
    """Have this secret and this folder be the system's from now on: its other processes must follow. Commits."""
    with db.write() as session:
        agreed = _agreed(session)
        if agreed is not None:
            session.delete(agreed)
            session.flush()
        session.add(ProcessAgreement(secret_fingerprint=fingerprint(secret), files_mark=_mark(files)))


def join_when_possible(db: Database, secret: str, files: Path, stop: threading.Event | None = None) -> None:
    """As ``join_system``, asked again while the database is away, or waits for its migrations."""
    stop = stop or threading.Event()
    while not stop.is_set():
        try:
            join_system(db, secret, files)
        except Exception as error:
            if outage_of(error) is None and not isinstance(error, ProgrammingError | OperationalError):
                raise
            logger.warning(
                "la base ne répond pas encore, ou attend « database upgrade » : %s", words_of(error)
            )
            stop.wait(SECONDS_BETWEEN_TRIES)
        else:
            return


def _agreed(session: Session) -> ProcessAgreement | None:
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
    return session.get(ProcessAgreement, 1)


def _holds_everything(session: Session, files: Path) -> bool:
    named = named_contents(session.connection())
    return bool(named) and all((files / sha256[:2] / sha256).exists() for sha256 in named)


def _mark(files: Path) -> str:
    """The mark of this folder, drawn when it has none; on the disk before the database names it."""
    mark = _read(files)
    if mark is None:
        mark = secrets.token_hex(16)
        _write(files, mark)
    return mark


def _read(files: Path) -> str | None:
    try:
        return (files / MARK).read_text("ascii").strip()
    except FileNotFoundError:
        return None


def _write(files: Path, mark: str) -> None:
    files.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = files / f".{MARK}-{secrets.token_hex(8)}"
    with draft.open("w", encoding="ascii") as output:
        output.write(f"{mark}\n")
        output.flush()
        os.fsync(output.fileno())
    draft.replace(files / MARK)
