"""``projet-partage up``: start everything in the foreground; Ctrl-C stops it all."""

import logging
from datetime import UTC, datetime
from typing import Annotated

import typer

from actions.system.join_system import join_system
from commands.mail_at_start import check_mail_setting
from commands.seed import load_seed, wants_seed
from commands.system import run_system
from database.engine import Database
from database.upgrade import upgrade_database
from logs import set_up_logs
from settings import settings


def up(
    no_web: Annotated[bool, typer.Option("--no-web", help="Sans les pages : le moteur seul.")] = False,
) -> None:
    """Démarre tout au premier plan ; Ctrl-C arrête tout.

    Un système neuf, sur sa base embarquée, commence avec le projet réel « Démocratie culturelle ».
    """
    check_mail_setting(settings().apprise_urls)
    prepare_database()
    if settings().log_format == "json":
        set_up_logs("up", "json")
        run_system(settings(), web=not no_web, say=logging.getLogger("up").info)
    else:
        run_system(settings(), web=not no_web)


def prepare_database() -> None:
    """Bring the database to the newest schema; load the real project in a new embedded one.

    Raises ``OtherSecret``, ``OtherFiles``.
    """
    settings().data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = Database(settings().domain_url)
    upgrade_database(db)
    join_system(db, settings().secret(), settings().files_dir)
    if wants_seed(settings(), db):
        project = load_seed(db, now=datetime.now(UTC))
        print(f"Projet de départ chargé : « {project.title} » ({project.slug}).", flush=True)
    db.close()
