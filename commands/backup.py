"""``projet-partage backup``: the whole system in one archive, while it works."""

import signal
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from actions.backup.write_backup import WhatToKeep, write_backup
from actions.system.periodic_rounds import complete_round
from commands.open_database import file_store, is_at_newest_schema, now
from commands.options import AsJson
from commands.printing import moment, print_json, say, warn
from database.engine import Database
from models.backup import BackupImpossible, Manifest
from models.periodic_round import BACKUP, RoundRunner
from settings import Settings, settings

SHOWN = (
    "base_url", "timezone", "file_limit_mb", "theme", "proconnect_issuer", "proconnect_acr",
    "publisher", "publisher_director", "publisher_host", "publisher_contact",
)  # fmt: skip
"""Settings whose values a backup names, so that a restored system is set as it was: none holds a secret."""


def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FICHIER", help="L’archive à écrire ; elle ne doit pas exister.")
    ],
    with_secret_key: Annotated[
        bool,
        typer.Option(
            "--with-secret-key", help="Y met aussi la clé secrète : gardez alors l’archive comme elle."
        ),
    ] = False,
    despite_damage: Annotated[
        bool,
        typer.Option(
            "--despite-damage", help="Sauvegarde le reste quand des fichiers manquent ou sont altérés."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Sauvegarde tout le système dans une archive, sans rien arrêter.

    La base, puis tous les fichiers qu’elle nomme. La clé secrète et les autres secrets n’y sont pas ; Prefect non plus,
    rien de ce qu’il sait n’est à garder.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what is being written is removed
    kept = WhatToKeep(
        version("projet-partage"), shown(settings()), settings().secret(), with_secret_key, despite_damage
    )
    with closing(Database(settings().domain_url)) as db:
        _check_there(db)
        manifest, sha256 = write_backup(db, file_store(), file.absolute(), kept, now=now())
        complete_round(db, BACKUP, RoundRunner.command_line, now=manifest.taken_at)
    if as_json:
        print_json({"file": str(file), "sha256": sha256, **manifest.model_dump(exclude={"settings"})})
    else:
        _tell(file, manifest, sha256)


def shown(chosen: Settings) -> dict[str, str]:
    """The settings that a backup names, by their variable, where they are not what they are by default."""
    values = {name: getattr(chosen, name) for name in SHOWN}
    default = {name: Settings.model_fields[name].default for name in SHOWN}
    return {
        f"PROJET_PARTAGE_{name.upper()}": str(value)
        for name, value in values.items()
        if value != default[name]
    }


def _check_there(db: Database) -> None:
    """A database that is not there is not made for the occasion."""
    path = Path(str(db.engine.url.database))
    if db.is_sqlite and not path.exists():
        raise BackupImpossible(
            f"Il n’y a pas de base de données à « {path} », donc rien à sauvegarder : vérifiez "
            "PROJET_PARTAGE_DATA_DIR et PROJET_PARTAGE_DATABASE_URL."
        )
    is_at_newest_schema(db)


def _tell(file: Path, manifest: Manifest, sha256: str) -> None:
    size = file.stat().st_size / 1_000_000
    say(f"Sauvegardé dans « {file} » ({size:.1f} Mo, {manifest.files} fichiers).", style="green")
    say(
        f"Tout ce qui était enregistré le {moment(manifest.taken_at)} ({manifest.taken_at.isoformat()}) y est."
    )
    say(f"Empreinte de l’archive, à garder ailleurs (SHA-256) : {sha256}")
    if manifest.holds_secret_key:
        say("La clé secrète y est : gardez cette archive comme la clé elle-même.", style="yellow")
    else:
        say(f"La clé secrète n’y est pas (repère {manifest.secret_key}) : gardez-la à part.")
    if manifest.missing:
        warn(f"{len(manifest.missing)} fichier(s) manquent, perdus ou altérés avant la sauvegarde :")
        for sha256 in manifest.missing:
            warn(f"- {sha256}")
