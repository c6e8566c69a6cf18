"""Send the mails that are owed: claim, write, send, mark; as long as some are due."""

from datetime import UTC, datetime

from prefect import flow
from prefect.logging import get_run_logger

from actions.mail.deliver import PostRound
from actions.system.periodic_rounds import begin_round, complete_round
from database.engine import Database
from models.periodic_round import DELIVER_NOTICES, RoundRunner
from notifications.mail import hang_up, ways_out
from settings import settings


@flow(name="deliver_notices", flow_run_name="Envoi du courrier", persist_result=False)
async def deliver_notices() -> None:
    """Empty the post box; what cannot leave now stays for later, with its reason."""
    db = Database(settings().domain_url)
    post = PostRound(
        db,
        ways_out(settings().apprise_urls, settings().mail_port),
        settings().public_url,
        settings().secret(),
        clock=lambda: datetime.now(UTC),
        warn=get_run_logger().warning,
    )
    try:
        begin_round(db, DELIVER_NOTICES, RoundRunner.flow, now=datetime.now(UTC))
        post.run()
        complete_round(db, DELIVER_NOTICES, RoundRunner.flow, now=datetime.now(UTC))
    finally:
        hang_up()
        db.close()
    get_run_logger().info(
        "%d message(s) parti(s), %d gardé(s) pour plus tard, %d sans objet",
        post.sent,
        post.kept,
        post.dropped,
    )
