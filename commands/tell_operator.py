"""Write to the operator when the machinery is behind: at once, not through Prefect, which may be what is dead."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from actions.system.incidents import claim_report, claim_report_end, note_state, release_report
from database.engine import Database
from models.incident import TOLD_AFTER
from notifications.mail import hang_up, send, ways_out
from notifications.messages import message_from, render
from notifications.operator_messages import TEAM_OF_OPERATORS
from notifications.outgoing_mail import OutgoingMail, TransportError
from queries.system.machinery import DATABASE, Machinery
from settings import Settings

BETWEEN_TRIES = timedelta(minutes=1)
logger = logging.getLogger("relay")


@dataclass
class OperatorMail:
    """Tells each incident once, and its end. The database remembers which, and decides between several relays; of
    one during which the database itself is away, this process remembers, and each relay tells."""

    settings: Settings
    _database_away_since: datetime | None = None
    _database_told_at: datetime | None = None
    _next_try_at: datetime | None = None

    def tell(self, db: Database, machinery: Machinery, *, now: datetime) -> None:
        """Note what is not well and write what is to be written; what does not leave is tried again a minute
        later. Commits. Nothing is written anywhere when the operator gave no address, but the incident is noted."""
        if not machinery.has_database:
            self._tell_without_database(machinery, now)
            return
        not_well = [part.name for part in machinery.not_well]
        if self._database_told_at is not None:
            note_state(db, [DATABASE, *not_well], now=now, told_at=self._database_told_at)
        self._database_away_since = self._database_told_at = None
        note_state(db, not_well, now=now)
        if self.settings.operator_email and self._may_try(now):
            self._tell_incident(db, machinery, now)

    def _tell_without_database(self, machinery: Machinery, now: datetime) -> None:
        began_at = self._database_away_since = self._database_away_since or now
        if self._database_told_at is not None or not self.settings.operator_email:
            return
        if now - began_at >= TOLD_AFTER and self._may_try(now):
            values = _behind(machinery, began_at)
            if self._send(f"incident-database-{began_at.isoformat()}", *values, now=now):
                self._database_told_at = now

    def _tell_incident(self, db: Database, machinery: Machinery, now: datetime) -> None:
        if machinery.not_well and (begun := claim_report(db, now=now)):
            values = _behind(machinery, begun.began_at)
            if not self._send(f"incident-{begun.id}", *values, now=now):
                release_report(db, begun, is_end=False)
        if ended := claim_report_end(db, now=now):
            dates = {"began_at": ended.began_at, "ended_at": ended.ended_at}
            if not self._send(f"incident-{ended.id}-end", "machinery_well_for_operator", dates, now=now):
                release_report(db, ended, is_end=True)

    def _may_try(self, now: datetime) -> bool:
        return (
            self._next_try_at is None
            or abs(self._next_try_at - now) > BETWEEN_TRIES
            or now >= self._next_try_at
        )

    def _send(self, key: str, name: str, values: dict[str, Any], *, now: datetime) -> bool:
        """Whether the mail left."""
        whole = values | {"recipient_name": TEAM_OF_OPERATORS, "link": f"{self.settings.public_url}/"}
        words = render(message_from(name, whole), now=now)
        mail = OutgoingMail(
            to_address=self.settings.operator_email,
            to_name="",
            subject=words.subject,
            html=words.html,
            text=words.text,
            key=key,
            reply_to=None,
            sent_at=now,
        )
        try:
            send(ways_out(self.settings.apprise_urls, self.settings.mail_port)[0], mail)
        except TransportError as error:
            self._next_try_at = now + BETWEEN_TRIES
            logger.error("le message à l’exploitation n’est pas parti : %s", error)
            return False
        finally:
            hang_up()
        return True


def _behind(machinery: Machinery, began_at: datetime) -> tuple[str, dict[str, Any]]:
    problems = [part.text for part in machinery.not_well]
    return "machinery_behind_for_operator", {"began_at": began_at, "problems": problems}
