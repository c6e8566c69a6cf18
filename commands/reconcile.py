"""``projet-partage reconcile``: make the database and Prefect agree, and say what was repaired."""

from actions.prefect_api import PrefectApi
from actions.reconcile import reconcile as repair_all
from commands.open_database import now, open_database
from commands.options import AsJson
from commands.printing import print_json, say
from settings import settings


def reconcile(as_json: AsJson = False) -> None:
    """Accorde la base et Prefect, comme le fait le flux périodique ; dit ce qui est réparé."""
    with open_database() as db, PrefectApi.of(settings()) as api:
        repairs = repair_all(db, api, now=now())
    if as_json:
        print_json([{"what": each.what, "subject": each.subject, "text": each.text} for each in repairs])
        return
    for each in repairs:
        say(f"réparé : {each.text}", style="yellow")
    if not repairs:
        say("Rien à réparer.", style="green")
