"""The daily round of reminders: on working days, from 8:00 to 18:00; called again, it finds the work done."""

from datetime import UTC, datetime

from prefect import flow
from prefect.logging import get_run_logger

from actions.forget_old_mail import forget_old_mail
from actions.send_reminders import is_open, send_reminders
from models.database import Database
from models.paris_time import paris_day
from settings import settings


@flow(name="remind", flow_run_name="Rappels du jour", persist_result=False)
async def remind() -> None:
    """Write the digests of today into the outbox, and forget the mails that are too old to keep."""
    now = datetime.now(UTC)
    db = Database(settings().domain_url)
    try:
        day = paris_day(now)
        done = send_reminders(db, day=day, now=now) if is_open(now, day) else None
        forget_old_mail(db, now=now)
    finally:
        db.close()
    if done:
        get_run_logger().info("%d récapitulatif(s), %d rappel(s)", done.digests, done.lines)
