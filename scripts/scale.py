"""`make scale`: the set-up of docs/production.md, for real, on this machine's loopback; Ctrl-C stops it all.

Two of everything that may be two, each under the settings an operator would write, on the PostgreSQL server of
``PROJET_PARTAGE_TEST_POSTGRES`` (where two databases are created) and a Redis of its own.
"""

import argparse
import os
import sys
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psycopg
from sqlmodel import select

from commands.seed import load_seed
from commands.supervision import stop_signals
from database.engine import Database
from models.refusal import Refusal, typeset
from models.shared_project import SharedProject
from scripts.scaled_settings import Place, Ports
from scripts.scaled_system import ScaledSystem

POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
say = partial(print, flush=True)


def options() -> argparse.Namespace:
    """Those of the command line."""
    parser = argparse.ArgumentParser(prog="make scale", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("var-scale"), help="where all it keeps is")
    parser.add_argument("--database", default="projet_partage_scale", help="name of the domain's database")
    parser.add_argument(
        "--redis", default="", metavar="URL", help="a Redis that is there, instead of its own"
    )
    parser.add_argument(
        "--free-ports", action="store_true", help="not 8443, 8025, 4200…, but any that are free"
    )
    return parser.parse_args()


def load_first_project(system: ScaledSystem) -> None:
    """The real project, when there is none yet, so that there is something to see."""
    with closing(Database(system.settings.domain_url)) as db:
        with db.read() as session:
            is_empty = session.exec(select(SharedProject.id).limit(1)).first() is None
        if is_empty:
            load_seed(db, now=datetime.now(UTC))


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    chosen = options()
    postgres = os.environ.get("PROJET_PARTAGE_TEST_POSTGRES", POSTGRES)
    ports = Ports.free() if chosen.free_ports else Ports()
    place = Place(chosen.folder.absolute(), postgres, chosen.database, ports, chosen.redis)
    system = ScaledSystem(place)
    with stop_signals() as is_asked_to_stop:
        try:
            system.start(say)
            load_first_project(system)
            say(
                f"Pages : https://localhost:{ports.https} (certificat fait ici : votre navigateur s’en méfie)"
            )
            say("Connexion : donnez l’adresse de l’une des personnes d’examples/democratie-culturelle.yaml ;")
            say(f"son lien arrive au courrier local : http://localhost:{ports.mail_page}")
            say(f"Prefect : http://127.0.0.1:{ports.prefect}")
            say(f"Journaux, et numéros des processus : {system.logs}, {place.folder / 'system.json'}")
            say("Tuez l’un des processus : il est relancé. Ctrl-C arrête tout.")
            system.supervise(is_asked_to_stop, say)
        finally:
            say("Arrêt en cours…")
            system.stop()
            say("Tout est arrêté.")


if __name__ == "__main__":
    try:
        main()
    except psycopg.OperationalError as error:
        sys.exit(typeset(f"Démarrage impossible : pas de serveur PostgreSQL ({error})."))
    except Refusal as refusal:
        sys.exit(str(refusal))
