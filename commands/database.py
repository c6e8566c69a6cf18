"""``projet-partage database``: the domain database itself."""

from contextlib import closing

import typer

from actions.upgrade_database import upgrade_database
from commands.open_database import is_at_newest_schema
from commands.options import AsJson
from commands.printing import answer
from models.database import Database
from settings import settings

app = typer.Typer(help="La base de données.", no_args_is_help=True, add_completion=False)


@app.callback()
def database() -> None:
    """La base de données."""


@app.command()
def upgrade(as_json: AsJson = False) -> None:
    """Amène la base au schéma de cette version ; chaque commande le fait aussi, à sa première fois."""
    settings().data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(Database(settings().domain_url)) as db:
        was_newest = is_at_newest_schema(db)
        if not was_newest:
            upgrade_database(db)
    told = "La base était déjà à jour." if was_newest else "La base est à jour."
    answer(told, {"upgraded": not was_newest}, as_json)
