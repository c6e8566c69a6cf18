"""``projet-partage reconcile``: make the database and Prefect agree, and say what was repaired."""

import time
from collections.abc import Iterator

from actions.prefect.client import PrefectApi
from actions.prefect.reconcile import count_done, reconcile_in_turn
from actions.prefect.repair import Repair
from commands.open_database import now, open_database
from commands.options import AsJson
from commands.printing import print_json, say
from database.engine import Database
from models.periodic_round import MOST_REPAIRS, RoundRunner
from settings import settings


def reconcile(as_json: AsJson = False) -> None:
    """Accorde la base et Prefect, comme le fait le flux périodique ; dit ce qui est réparé."""
    with open_database() as db, PrefectApi.of(settings()) as api:
        repairs = [each for one_pass in _passes(db, api) for each in one_pass]
    if as_json:
        print_json([{"what": each.what, "subject": each.subject, "text": each.text} for each in repairs])
        return
    for each in repairs:
        say(f"réparé : {each.text}", style="yellow")
    if not repairs:
        say("Rien à réparer.", style="green")


def _passes(db: Database, api: PrefectApi) -> Iterator[list[Repair]]:
    """Passes, one after the other, until one leaves nothing for the next; another process's pass ends first."""
    while True:
        repairs = reconcile_in_turn(db, api, RoundRunner.command_line, now)
        if repairs is None:
            time.sleep(1)
            continue
        yield repairs
        if count_done(repairs) < MOST_REPAIRS:
            return
