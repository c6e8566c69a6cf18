"""``projet-partage restore``: the whole system from one archive, into an empty place."""

import hashlib
import signal
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from actions.backup.restore_backup import Restored, restore_backup
from actions.files.store_file import FileStore
from commands.backup import shown
from commands.open_database import VERSIONS, now
from commands.options import AsJson
from commands.printing import moment, print_json, say, warn
from database.engine import Database
from models.backup import UnusableBackup, fingerprint
from settings import Settings, settings


def restore(
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="L’archive de « projet-partage backup ».")],
    sha256: Annotated[
        str,
        typer.Option(
            "--sha256", metavar="EMPREINTE", help="Celle que la sauvegarde a donnée : refuse toute autre."
        ),
    ] = "",
    despite_damage: Annotated[
        bool, typer.Option("--despite-damage", help="Restaure telle quelle une sauvegarde au journal altéré.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Restaure tout le système depuis une archive, dans un dossier et une base vides.

    Tout est vérifié, le journal compris, avant que rien ne puisse démarrer. Ne restaurez que vos propres archives.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _check_archive(file, sha256)
    chosen = settings()
    with closing(Database(chosen.domain_url)) as db:
        restored = restore_backup(
            db,
            FileStore(chosen.files_dir),
            chosen.data_dir.absolute(),
            file,
            known_revisions=sorted(path.name.split("_")[0] for path in VERSIONS.glob("[0-9]*.py")),
            now=now(),
            despite_damage=despite_damage,
        )
    has_key = keep_secret_key(chosen, restored)
    changed = _changed(restored.manifest.settings, shown(chosen))
    if as_json:
        print_json(_values(restored, has_key, changed))
    else:
        _tell(restored, has_key, changed)


def _check_archive(file: Path, sha256: str) -> None:
    if not file.is_file():
        raise UnusableBackup(f"« {file} » n’est pas un fichier : donnez le chemin d’une sauvegarde.")
    if not sha256:
        return
    with file.open("rb") as archive:
        actual = hashlib.file_digest(archive, "sha256").hexdigest()
    if actual != sha256.strip().lower():
        raise UnusableBackup(
            f"« {file} » n’est pas l’archive attendue (son empreinte est {actual}) : rien n’est restauré."
        )


def keep_secret_key(chosen: Settings, restored: Restored) -> bool:
    """Put back the key that the backup holds, unless the system has one; whether it now has that of the backup."""
    path = chosen.data_dir.absolute() / "secret_key"
    if restored.secret_key and not chosen.secret_key.get_secret_value() and not path.exists():
        path.touch(mode=0o600)
        path.write_text(restored.secret_key, encoding="utf-8")
    has_one = bool(chosen.secret_key.get_secret_value()) or path.exists()
    return has_one and fingerprint(chosen.secret()) == restored.manifest.secret_key


def _changed(before: dict[str, str], here: dict[str, str]) -> dict[str, str]:
    """The settings that were not, when the backup was made, what they are here."""
    return {
        name: before.get(name, "") for name in sorted(before | here) if before.get(name) != here.get(name)
    }


def _values(restored: Restored, has_key: bool, changed: dict[str, str]) -> dict[str, object]:
    manifest = restored.manifest
    return {
        "holds_until": manifest.taken_at,
        "files": manifest.files,
        "missing": manifest.missing,
        "entries": manifest.entries,
        "heads": manifest.heads,
        "damage": restored.damage,
        "has_secret_key": has_key,
        "settings_before": changed,
        "owed_notices": restored.owed_notices,
        "live_tokens": restored.live_tokens,
    }


def _tell(restored: Restored, has_key: bool, changed: dict[str, str]) -> None:
    manifest = restored.manifest
    say(
        f"Restauré : {manifest.files} fichiers, {manifest.entries} faits, {len(manifest.heads)} journaux.",
        "green",
    )
    say(f"Rien n’est perdu jusqu’au {moment(manifest.taken_at)} ({manifest.taken_at.isoformat()}).", "bold")
    say(
        "Ce qui a été enregistré ensuite n’y est pas : à refaire, ou à reprendre des courriels et des papiers."
    )
    for text in restored.damage:
        warn(f"Journal altéré avant la sauvegarde : {text}")
    for content in manifest.missing:
        warn(f"Fichier perdu avant la sauvegarde : {content}")
    if not has_key:
        warn(_lost_with_the_key(restored))
    for name, value in changed.items():
        warn(f"Réglage qui n’est pas celui d’alors : {name} valait « {value or 'sa valeur par défaut'} ».")
    for text in _consequences(restored):
        say(text)


def _lost_with_the_key(restored: Restored) -> str:
    return (
        f"La clé secrète n’est pas celle de la sauvegarde (repère {restored.manifest.secret_key}). Remettez-la dans "
        "PROJET_PARTAGE_SECRET_KEY ou DATA_DIR/secret_key avant de démarrer ; sans elle, les liens des courriels déjà "
        "envoyés (fréquence, agenda) ne s’ouvrent plus, et les canaux "
        f"(il y en a {restored.channels}) sont à refaire."
    )


def _consequences(restored: Restored) -> list[str]:
    return [
        "Chacun se reconnectera : les connexions d’alors sont fermées.",
        f"{restored.live_tokens} jeton(s) de l’API servent à nouveau, même révoqués depuis : relisez "
        "« projet-partage token list ».",
        f"{restored.owed_notices} message(s) attendaient : ceux qui sont partis depuis partiront une seconde fois, "
        "sous le même Message-ID (les messageries n’en montrent qu’un).",
        "Qui a été effacé depuis est revenu : « projet-partage person erase » à nouveau.",
        "Démarrez, puis « projet-partage reconcile » : chaque étape au travail retrouve son exécution.",
    ]
