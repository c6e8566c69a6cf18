"""Facts recorded through the system's own actions, in a process beside it: the command line at full speed."""

import sqlite3
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy.exc import DBAPIError

from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from actions.files.store_file import FileStore
from actions.signing.sign_off import SignOffRequest, sign_off
from chaos.load.outcome import Outcome, People, Place, Recorded, Refused, TryAgain
from chaos.plan import PlannedAct
from database.engine import Database
from models.deliverable import SameContent
from models.person import Actor, AuthMethod
from models.refusal import Refusal
from models.sign_off import Decision

_AWAY = (DBAPIError, psycopg.Error, sqlite3.Error)
"""The prepared statements of a sign-off go straight to the driver, whose errors come as they are."""


class ByActions:
    """``ahead`` is how far the clock of this process is ahead of everybody's."""

    def __init__(self, place: Place, people: People, ahead: timedelta = timedelta(0)) -> None:
        self._db, self._files = Database(place.database), FileStore(place.files)
        self._people, self._ahead = people, ahead

    def act(self, act: PlannedAct) -> Outcome:
        try:
            return Recorded(self._record(act))
        except SameContent:
            return Recorded(None)
        except Refusal as refusal:
            return Refused(str(refusal))
        except OSError as error:
            return TryAgain(f"{type(error).__name__} {error.errno}")
        except _AWAY as error:
            return TryAgain(f"{type(error).__name__} {str(error)[:150]}")

    def close(self) -> None:
        self._db.close()

    def _record(self, act: PlannedAct) -> int | None:
        person = self._people[act.person]
        actor = Actor(person["id"], person["name"], AuthMethod.command_line)
        now = datetime.now(UTC) + self._ahead
        if act.text is None:
            request = SignOffRequest(
                act.deliverable_id, act.party_id, act.sha256, Decision(act.decision), act.reason
            )
            return sign_off(self._db, actor, request, now=now)
        with tempfile.TemporaryDirectory() as folder:
            content = Path(folder) / "note.md"
            content.write_text(act.text, encoding="utf-8")
            submission = Submission(act.slug, act.stage, act.key, self._files.receive_path(content))
            submit_deliverable(self._db, actor, submission, now=now)
        return None
