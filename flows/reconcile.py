"""Make the database and Prefect agree, every few minutes; a healthy system has nothing for it to do."""

from datetime import UTC, datetime

from prefect import flow
from prefect.logging import get_run_logger

from actions.authority.begin_offices import begin_offices
from actions.authority.pass_dated_duties import pass_dated_duties
from actions.prefect.client import PrefectApi
from actions.prefect.reconcile import reconcile_in_turn
from database.engine import Database
from models.periodic_round import RoundRunner
from settings import settings


@flow(name="reconcile", flow_run_name="Accord de la base et de Prefect", persist_result=False)
async def reconcile() -> None:
    """Let the offices begin whose day has come, and hand over what a day passes on; repair what is missing, and report
    what was repaired."""
    db = Database(settings().domain_url)
    try:
        begin_offices(db, now=datetime.now(UTC))
        pass_dated_duties(db, now=datetime.now(UTC))
        with PrefectApi.of(settings()) as api:
            repairs = reconcile_in_turn(db, api, RoundRunner.flow, lambda: datetime.now(UTC))
    finally:
        db.close()
    for each in repairs or []:
        get_run_logger().warning(each.text)
    if not repairs:
        get_run_logger().info("rien à réparer" if repairs is not None else "une autre passe est en cours")
