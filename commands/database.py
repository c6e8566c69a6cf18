"""``projet-partage database``: the domain database itself."""

from contextlib import closing

from actions.system.join_system import adopt as adopt_settings
from commands.lazy_group import group
from commands.open_database import is_at_newest_schema, open_database
from commands.options import AsJson
from commands.printing import answer
from database.engine import Database
from database.upgrade import upgrade_database
from settings import settings

app = group("La base de données.")


@app.command()
def upgrade(as_json: AsJson = False) -> None:
    """Amène la base au schéma de cette version ; chaque commande le fait aussi, à sa première fois."""
    settings().data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(Database(settings().domain_url)) as db:
        was_newest = is_at_newest_schema(db)
        if not was_newest:
            upgrade_database(db)
    sentence = "La base était déjà à jour." if was_newest else "La base est à jour."
    answer(sentence, {"upgraded": not was_newest}, as_json)


@app.command()
def adopt(as_json: AsJson = False) -> None:
    """Fait de la clé secrète et du dossier des fichiers de ces réglages ceux du système, à la place des précédents.

    À lancer une fois, quand vous en changez à dessein ; puis redémarrez tous les processus. Avec une autre clé, les
    liens déjà envoyés ne s’ouvrent plus, et les adresses des canaux sont à redonner.
    """
    with open_database() as db:
        adopt_settings(db, settings().secret(), settings().files_dir)
    answer("Cette clé et ce dossier sont désormais ceux du système.", {"adopted": True}, as_json)
