"""A real project played in the system of the tests: its people, its stages' runs, its facts and its mails.

What comes before the stage that a test is about is played by the product's own flow bodies, called here
instead of by Prefect (`fast_forward`): a second instead of a minute.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import count
from pathlib import Path
from unittest.mock import patch

import sqlalchemy as sa
from flows_system import FlowsSystem, now
from killing_flows import mark
from prefect_system import wait_until
from sqlmodel import col, func, select

import flows.action_plan
import flows.stage
from actions.files.store_file import FileStore
from actions.prefect.client import FlowRun
from actions.prefect.deliver_nudges import address_of
from actions.prefect.reconcile import Repair
from actions.projects.change_project_status import StatusChange, change_project_status
from actions.stages.request_transition import TransitionRequest, request_transition
from commands.demo_acts import answer
from commands.demo_cast import Cast
from commands.seed import load_seed
from database.engine import Database
from models.notice import Notice
from models.outbox import Nudge
from models.shared_project import ProjectStatus
from models.stage import Stage, StageStatus
from models.stage_needs import Missing
from models.stored_row import identity
from models.tables import NOTICE, NUDGE
from notifications.mime import message_id
from queries.ledger.find import find_project, find_stage, stages_of
from queries.ledger.verify_journal import read_journal
from queries.stages.snapshot import still_missing

_numbers = count(1)


@dataclass
class PlayedProject:
    """One project, its people, and its stages' runs."""

    system: FlowsSystem
    cast: Cast
    stage_ids: dict[str, int]
    _mailed_after: int

    @classmethod
    def begin(cls, system: FlowsSystem, folder: Path) -> "PlayedProject":
        """Load the seed, whose first stage is asked for, with the relay held back: nothing starts by itself."""
        with system.without_relay():
            last = _last_nudge(system.db)
            slug = load_seed(system.db, now=now()).slug
            _deliver_nothing_since(system.db, last)
        folder.mkdir(exist_ok=True)
        with system.db.read() as session:
            stages = stages_of(session, find_project(session, slug))
        cast = Cast(system.db, FileStore(system.settings.files_dir), slug, folder)
        return cls(system, cast, {stage.key: identity(stage) for stage in stages}, _last_notice(system.db))

    def leave(self) -> None:
        if self.status is ProjectStatus.active:
            self.change("cancel")

    @property
    def slug(self) -> str:
        return self.cast.slug

    @property
    def status(self) -> ProjectStatus:
        with self.system.db.read() as session:
            return find_project(session, self.slug).status

    def change(self, event: str) -> None:
        """The ANCT pauses, resumes or cancels the project."""
        agent = self.cast.agent()
        change = StatusChange(self.slug, event, "Élections")
        change_project_status(self.system.db, agent, change, now=now())

    def stage(self, key: str) -> Stage:
        with self.system.db.read() as session:
            return session.get_one(Stage, self.stage_ids[key])

    def request(self, key: str) -> None:
        """The ANCT asks for the stage to open (the seed has asked for the first: its row is delivered again)."""
        request_transition(self.system.db, self.cast.agent(), TransitionRequest(self.slug, key), now=now())
        self.redeliver(key, "start_stage")

    def redeliver(self, key: str, kind: str) -> int:
        """Put the stage's rows of this kind in the outbox once more."""
        rows = (NUDGE.c.stage_id == self.stage_ids[key], NUDGE.c.kind == kind)
        with self.system.db.write_statements() as connection:
            again = sa.update(NUDGE).where(*rows).values(done_at=None, next_try_at=now())
            return connection.execute(again).rowcount

    def awaited(self, key: str) -> list[Missing]:
        """What people may do now for the stage, as they are told."""
        with self.system.db.read() as session:
            this_project = find_project(session, self.slug)
            stage = find_stage(session, this_project, key)
            missing = (
                []
                if stage.status is StageStatus.opening
                else still_missing(session, stage, datetime.now(UTC))
            )
        late = ("agency_signature", "contractor")
        return [
            each
            for each in missing
            if not (each.what == "sign_off" and stage.status is StageStatus.open)
            and not (each.what in late and stage.status is not StageStatus.signed_off)
        ]

    def answer(self, key: str, *, but: Callable[[Missing], bool] = lambda _: False, most: int = 99) -> int:
        """Let people do what is awaited of them now, at most so many acts, leaving some; how many were done."""
        done = 0
        for missing in self.awaited(key):
            if done == most:
                break
            beat = None if but(missing) else answer(self.cast, key, missing)
            done += beat is not None
            if beat is not None and beat.style == "hard":
                break  # a refusal changes what is awaited
        return done

    def play(
        self,
        key: str,
        until: Callable[[], bool] | None = None,
        *,
        but: Callable[[Missing], bool] = lambda _: False,
        seconds: float = 240,
    ) -> None:
        """People answer whatever is asked, until the stage is closed (or it is so)."""
        is_over = until or (lambda: self.stage(key).status is StageStatus.closed)

        def goes_on() -> bool:
            return is_over() or (self.answer(key, but=but) < 0)

        self.wait_until(goes_on, seconds)

    def wait_until(self, is_so: Callable[[], bool], seconds: float = 240) -> None:
        """As the function; after half of the time reconcile once, as the periodic flow does in life.

        Prefect on SQLite may answer « database is locked » in the middle of an orchestration, and leave a run
        stuck (seen once in a whole run of the tests): that is what ``reconcile`` is for.
        """
        try:
            wait_until(is_so, seconds / 2)
        except AssertionError:
            self.system.reconcile(stuck_after=timedelta(seconds=15))
            wait_until(is_so, seconds)

    def play_to_the_last_signature(self) -> None:
        """The first stage, until one city only has still to sign, and the run waits for it."""
        self.request("constitution")
        self.play("constitution", lambda: self.stage("constitution").status is StageStatus.in_review)
        self.answer("constitution", most=3)
        self.wait_quiet("constitution")
        assert [each.what for each in self.awaited("constitution")] == ["sign_off"]

    def fast_forward(self, key: str) -> None:
        """Close every stage before this one by the product's own flow bodies, without Prefect nor mail."""
        with self.system.without_relay():
            last = _last_nudge(self.system.db)
            for before in self.stage_ids:
                if before == key:
                    break
                self.play_by_hand(before)
            _deliver_nothing_since(self.system.db, last)
            self._mailed_after = _last_notice(self.system.db)

    def play_by_hand(self, key: str) -> None:
        """The stage from its request to its end, the body of its flow called here instead of by Prefect."""
        request_transition(self.system.db, self.cast.agent(), TransitionRequest(self.slug, key), now=now())
        body = getattr(import_module(f"flows.{key}"), key).fn
        here = patch.object(flows.stage, "StageRun", _by_hand(self.system.db))
        with here, patch.object(flows.action_plan, "settings", lambda: self.system.settings):
            while self.stage(key).status is not StageStatus.closed:
                try:
                    asyncio.run(body(self.stage_ids[key]))
                except _Waits:
                    assert self.answer(key)

    def runs(self, key: str) -> list[FlowRun]:
        return self.system.api.runs(tags=[f"etape:{self.stage_ids[key]}"])

    def run(self, key: str) -> FlowRun:
        """The stage's only run, once there is one."""
        wait_until(lambda: bool(self.runs(key)))
        (run,) = self.runs(key)
        return run

    def start_doomed(self, key: str, tag: str) -> FlowRun:
        """The ANCT asks for the stage, and the run that comes is one with this fate."""
        with self.system.without_relay():
            last = _last_nudge(self.system.db)
            request_transition(
                self.system.db, self.cast.agent(), TransitionRequest(self.slug, key), now=now()
            )
            _deliver_nothing_since(self.system.db, last)
            with self.system.db.read() as session:
                address, _ = address_of(session, self.stage_ids[key])
            return self.system.api.create_run(
                f"{key}/doomed",
                {"stage_id": self.stage_ids[key]},
                idempotency_key=f"doomed-{next(_numbers)}",
                tags=[*address.tags, tag],
                name=address.run_name,
            )

    def repairs(self, stuck_after: timedelta = timedelta(minutes=2)) -> list[Repair]:
        """What one round repairs of this project: what another test left behind is no concern of this one's."""
        of_project = f" · {self.slug}"
        return [each for each in self.system.reconcile(stuck_after) if each.subject.endswith(of_project)]

    def check_each_mail_came_once(self) -> None:
        """Those owed since the fast-forward; a deliverer whose process was lost is replaced in half a minute, more
        when the machine is busy."""
        wait_until(lambda: min(self.count_mails()) == 1)
        assert max(self.count_mails()) == 1

    def wait_for_its_doom(self, key: str) -> None:
        """Return when the run of `start_doomed` is where its tag says."""
        wait_until(mark(self.system.folder, self.stage_ids[key]).exists)

    def wakes(self, run: FlowRun) -> int:
        """How many times the run's code has started."""
        states = self.system.ask(f"flow_run_states/?flow_run_id={run.id}")
        return sum(state["type"] == "RUNNING" for state in states)

    def is_quiet(self, key: str) -> bool:
        """Nothing about the stage waits in the outbox, its runs wait or are over and have seen every fact."""
        stage, working = self.stage(key), ("SCHEDULED", "PENDING", "RUNNING")
        with self.system.db.read() as session:
            waiting = select(Nudge.id).where(Nudge.stage_id == stage.id, col(Nudge.done_at).is_(None))
            if session.exec(waiting).first() is not None:
                return False
        runs = self.runs(key)
        seen = stage.status is StageStatus.closed or stage.seen_seq >= stage.fact_seq
        return seen and bool(runs) and not any(run.state_type in working for run in runs)

    def wait_quiet(self, key: str, seconds: float = 240) -> None:
        self.wait_until(lambda: self.is_quiet(key), seconds)

    def wait_status(self, key: str, status: StageStatus, seconds: float = 240) -> None:
        self.wait_until(lambda: self.stage(key).status is status, seconds)

    def facts(self) -> Counter[tuple[object, ...]]:
        """The journal as counts of what happened, whose it was, and to what."""
        with self.system.db.read() as session:
            entries = read_journal(session, find_project(session, self.slug))
        details = ("stage", "deliverable", "version", "decision", "strand", "origin")
        return Counter(
            (entry.event, entry.party_code, *(entry.payload.get(name) for name in details))
            for entry in entries
        )

    def transitions(self, key: str) -> dict[str, int]:
        """How many times the stage was asked for, opened and closed."""
        events = ("stage_transition.requested", "stage.opened", "stage.closed")
        facts = self.facts()
        return {
            event: sum(times for fact, times in facts.items() if fact[0] == event and fact[2] == key)
            for event in events
        }

    def notices(self) -> Counter[tuple[str, int]]:
        """How many of each message each person is owed, what was sent or not."""
        with self.system.db.read() as session:
            query = (
                select(Notice.message, Notice.recipient_id)
                .where(Notice.project_id == find_project(session, self.slug).id)
                .order_by(col(Notice.id))
            )
            return Counter(session.exec(query).all())

    def count_mails(self) -> list[int]:
        """How often each mail owed for the project (not those of before a fast-forward) has arrived."""
        with self.system.db.read() as session:
            query = select(Notice.key).where(
                Notice.project_id == find_project(session, self.slug).id,
                col(Notice.id) > self._mailed_after,
            )
            keys = list(session.exec(query))
        mails = self.system.mails()
        domain = next(iter(mails)).rpartition("@")[2].rstrip(">") if mails else ""
        return [mails[message_id(key, domain)] for key in keys]


class _Waits(Exception):
    """The flow's body would suspend its run here."""


def _by_hand(db: Database) -> type[flows.stage.StageRun]:
    class ByHand(flows.stage.StageRun):
        def __init__(self, stage_id: int) -> None:
            self.stage_id, self.db = stage_id, Database(db.url)

        async def _suspend(self) -> None:
            raise _Waits

        async def publish_status(self) -> None:
            return

    return ByHand


def _last_notice(db: Database) -> int:
    with db.read() as session:
        return session.exec(select(func.max(Notice.id))).one() or 0


def _last_nudge(db: Database) -> int:
    with db.read() as session:
        return session.exec(select(func.max(Nudge.id))).one() or 0


def _deliver_nothing_since(db: Database, last: int) -> None:
    """Take what was written to the outbox since as delivered, and the mails as gone."""
    with db.write_statements() as connection:
        first = sa.select(NUDGE.c.created_at).where(NUDGE.c.id > last).order_by(NUDGE.c.id).limit(1)
        since = connection.scalar(first)
        if since is None:
            return
        connection.execute(sa.update(NUDGE).where(NUDGE.c.id > last).values(done_at=now()))
        gone = NOTICE.c.sent_at.is_(None) & (NOTICE.c.created_at >= since)
        connection.execute(sa.update(NOTICE).where(gone).values(sent_at=now()))
