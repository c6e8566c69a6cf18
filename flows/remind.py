"""The daily round of reminders: on working days, from 8:00 to 18:00; called again, it finds the work done."""

from datetime import UTC, datetime

from prefect import flow
from prefect.logging import get_run_logger

from actions.access.sign_in import forget_old_sessions
from actions.access.tokens import forget_old_tokens
from actions.confirmation.overtaken import drop_overtaken
from actions.confirmation.settle import expire_proposals
from actions.files.store_file import FileStore
from actions.files.sweep_files import sweep_orphans
from actions.mail.forget_old_mail import forget_old_mail
from actions.people.change_address import forget_old_changes
from actions.reminders.send_reminders import is_open, send_reminders
from actions.system.periodic_rounds import begin_round, complete_round
from database.engine import Database
from models.paris_time import paris_day
from models.periodic_round import REMIND, RoundRunner
from settings import settings


@flow(name="remind", flow_run_name="Rappels du jour", persist_result=False)
async def remind() -> None:
    """Write the digests of today into the outbox; then, once that day, forget what there is no reason to keep."""
    now = datetime.now(UTC)
    db = Database(settings().domain_url)
    try:
        begin_round(db, REMIND, RoundRunner.flow, now=now)
        day = paris_day(now)
        done = send_reminders(db, day=day, now=now) if is_open(now, day) else None
        if done is not None:
            forget(db, now)
        complete_round(db, REMIND, RoundRunner.flow, now=datetime.now(UTC))
    finally:
        db.close()
    if done:
        get_run_logger().info("%d récapitulatif(s), %d rappel(s)", done.digests, done.lines)


def forget(db: Database, now: datetime) -> None:
    """Old mails, sessions and tokens (GDPR), proposals that are past or overtaken, and the files that no fact names."""
    forget_old_mail(db, now=now)
    forget_old_sessions(db, now=now)
    forget_old_changes(db, now=now)
    forget_old_tokens(db, now=now)
    expire_proposals(db, now=now)
    drop_overtaken(db, now=now)
    sweep_orphans(db, FileStore(settings().files_dir), now)
