"""Open the domain database for one command, brought to the newest schema on its first use."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from actions.files.scan_file import Clamd
from actions.files.store_file import MEGABYTE, FileStore
from actions.ledger.action import Action, RequestT, ResultT
from database.engine import Database, count_commits
from database.outage import CommitUnknown, outage_of
from models.backup import RestoreUnfinished
from models.person import Actor
from models.read_once import read_once
from models.refusal import Refusal
from queries.ledger.find import identify
from settings import settings

VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"


class NewerSchema(Refusal):
    """The database was written by a later version of the software."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"La base de données vient d’une version plus récente du logiciel (schéma {revision}) : "
            "mettez le logiciel à jour avant de vous en servir."
        )


@contextmanager
def open_database() -> Iterator[Database]:
    """The domain database of the settings, at the newest schema. Raises ``NewerSchema``.

    An outage in the block, once something was recorded in it, is raised as ``CommitUnknown``.
    """
    settings().data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = Database(settings().domain_url)
    try:
        if not is_at_newest_schema(db):
            # Imported late: Alembic costs more than all the rest of a command.
            from database.upgrade import upgrade_database

            upgrade_database(db)
        with count_commits() as commits:
            try:
                yield db
            except Exception as error:
                if commits.number and outage_of(error):
                    raise CommitUnknown from error
                raise
    finally:
        db.close()


def is_at_newest_schema(db: Database) -> bool:
    """Whether no migration is missing. A migration's file begins with its revision.

    Raises ``NewerSchema``, ``RestoreUnfinished``.
    """
    revisions = sorted(path.name.split("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
    with db.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        revision = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if revision is None:
        raise RestoreUnfinished
    if revision not in revisions:
        raise NewerSchema(revision)
    return bool(revision == revisions[-1])


def acting(db: Database, email: str) -> Actor:
    """The person of ``--as``. Raises ``UnknownPerson``."""
    with db.read() as session:
        return identify(session, email)


def act(action: Action[RequestT, ResultT], email: str, request: RequestT) -> ResultT:
    """Call an action on the domain database, in the name of the person of ``--as``. It commits.

    Raises ``NewerSchema``, ``UnknownPerson``, then what the action raises.
    """
    read_once()
    with open_database() as db:
        return action(db, acting(db, email), request, now=now())


def file_store() -> FileStore:
    """Where the files of this system are kept, with its limit and its antivirus."""
    clamd = Clamd(settings().clamd) if settings().clamd else None
    return FileStore(settings().files_dir, limit=settings().file_limit_mb * MEGABYTE, clamd=clamd)


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)
