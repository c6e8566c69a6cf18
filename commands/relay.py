"""The relay: carries the outbox to Prefect, a fraction of a second after each fact. One process a system.

``python -m commands.relay`` runs until SIGTERM. Without it, or without Prefect, nothing is lost: rows wait,
and ``reconcile`` delivers them too.
"""

import logging
import signal
import threading
from datetime import UTC, datetime

from actions.deliver_nudges import deliver_nudges
from actions.prefect_api import PrefectApi
from models.database import Database
from settings import Settings, settings

SECONDS_BETWEEN_LOOKS = 0.2
logger = logging.getLogger("relay")


def run(stop: threading.Event, chosen: Settings) -> None:
    """Deliver until ``stop``. A database that does not answer is tried again; nothing is raised."""
    db = Database(chosen.domain_url)
    with PrefectApi.of(chosen) as api:
        while not stop.wait(SECONDS_BETWEEN_LOOKS):
            try:
                deliver_nudges(db, api, now=datetime.now(UTC))
            except Exception:
                logger.exception("le relais n’a pas pu lire la boîte d’envoi, il recommence dans 5 s")
                stop.wait(5)
    db.close()


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    run(stop, settings())


if __name__ == "__main__":
    main()
