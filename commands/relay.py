"""The relay: carries the outbox to Prefect, a fraction of a second after each fact; the watch runs beside it.

``python -m commands.relay`` runs until SIGTERM. Without it, or without Prefect, nothing is lost: rows wait,
and ``reconcile`` delivers them too. Several relays do no harm.
"""

import logging
import signal
import threading
from datetime import UTC, datetime

from actions.prefect.client import PrefectApi
from actions.prefect.deliver_nudges import deliver_nudges
from actions.system.periodic_rounds import beat
from commands.watch import watch
from database.engine import Database
from database.outage import outage_of, words_of
from logs import set_up_logs
from models.periodic_round import BEATS_EVERY
from settings import Settings, settings

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_AFTER_A_FAILURE = 5
STAGES_AT_A_TIME = 20
logger = logging.getLogger("relay")


def run(stop: threading.Event, chosen: Settings) -> None:
    """Deliver until ``stop``, with a sign of life now and then. A database that does not answer is tried again;
    nothing is raised."""
    db = Database(chosen.domain_url)
    beats_at = datetime.min.replace(tzinfo=UTC)
    with PrefectApi.of(chosen) as api:
        while not stop.wait(SECONDS_BETWEEN_LOOKS):
            now = datetime.now(UTC)
            try:
                if not beats_at > now > beats_at - BEATS_EVERY:
                    beat(db, now=now)
                    beats_at = now + BEATS_EVERY
                deliver_nudges(db, api, now=now, most=STAGES_AT_A_TIME)
            except Exception as error:
                _tell(error)
                stop.wait(SECONDS_AFTER_A_FAILURE)
    db.close()


def _tell(error: Exception) -> None:
    """Log an outage on one line, and any other error with its traceback."""
    again = f"le relais recommence dans {SECONDS_AFTER_A_FAILURE} s"
    outage = outage_of(error)
    if outage is None:
        logger.error("la boîte d’envoi n’a pas pu être lue, %s", again, exc_info=error)
    else:
        logger.warning("%s, %s (%s)", outage.kind.label, again, words_of(error))


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    set_up_logs("relay", settings().log_format)
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    watching = threading.Thread(target=watch, args=(stop, settings()), name="watch")
    watching.start()
    run(stop, settings())
    watching.join()


if __name__ == "__main__":
    main()
