"""The watch, beside the relay and outside of what it watches: it runs ``reconcile`` when Prefect does not, and
mails the operator when something is behind."""

import logging
import threading
from datetime import UTC, datetime

from actions.prefect.client import PrefectApi, PrefectRefused, PrefectUnreachable
from actions.prefect.health import engine_probe
from actions.prefect.reconcile import reconcile_in_turn
from commands.tell_operator import OperatorMail
from database.engine import Database
from database.outage import outage_of
from models.periodic_round import RECONCILE, RoundRunner, is_reconcile_late
from notifications.mail_trial import mail_probe
from queries.system.machinery import check_machinery
from queries.system.rounds import read_rounds
from settings import Settings

SECONDS_BETWEEN_LOOKS = 5
logger = logging.getLogger("relay")


def watch(stop: threading.Event, chosen: Settings) -> None:
    """Look every few seconds until ``stop``; what fails is tried again, nothing is raised."""
    db, mail = Database(chosen.domain_url), OperatorMail(chosen)
    engine_answers, mail_trouble = engine_probe(chosen), mail_probe(chosen.apprise_urls)
    with PrefectApi.of(chosen) as api:
        while not stop.wait(SECONDS_BETWEEN_LOOKS):
            now = _now()
            try:
                machinery = check_machinery(db, engine_answers, mail_trouble, now=now)
                mail.tell(db, machinery, now=now)
                if machinery.has_database:
                    take_over(db, api, now)
            except PrefectUnreachable:
                continue  # said by the mail, by `up` and by /readyz
            except PrefectRefused as refusal:
                logger.error("%s", refusal)
            except Exception as error:
                if outage_of(error) is None:  # an outage is said by the relay, the mail and /readyz
                    logger.exception("la veille n’a pas pu regarder, elle recommence")
    db.close()


def take_over(db: Database, api: PrefectApi, now: datetime) -> None:
    """Run a pass of ``reconcile`` when none has completed that should have. Raises ``PrefectUnreachable``."""
    if not is_reconcile_late(read_rounds(db).get(RECONCILE), now):
        return
    for each in reconcile_in_turn(db, api, RoundRunner.relay, _now) or []:
        logger.warning("réparé : %s", each.text)


def _now() -> datetime:
    return datetime.now(UTC)
