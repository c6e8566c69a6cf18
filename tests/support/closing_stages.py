"""Play the first stage of a new copy of the real project, on a system that runs, and see it close."""

from datetime import UTC, datetime
from pathlib import Path

from prefect_system import wait_until
from sqlmodel import select

from actions.files.store_file import FileStore
from commands.demo_acts import answer
from commands.demo_cast import Cast
from commands.seed import load_seed
from database.engine import Database
from models.stage import Stage, StageStatus
from queries.ledger.find import find_project, find_stage
from queries.stages.snapshot import still_missing

FIRST = "constitution"


class FirstStage:
    """The first stage of a project of its own, asked for; its people do what is awaited when they are let."""

    def __init__(self, db: Database, files: Path, documents: Path) -> None:
        self.db = db
        documents.mkdir(exist_ok=True)
        self.slug = load_seed(db, now=datetime.now(UTC)).slug
        self.cast = Cast(db, FileStore(files), self.slug, documents)

    @property
    def status(self) -> StageStatus:
        with self.db.read() as session:
            number = find_stage(session, find_project(session, self.slug), FIRST).id
            return session.exec(select(Stage.status).where(Stage.id == number)).one()

    def answer(self) -> None:
        """People do what is awaited of them now."""
        with self.db.read() as session:
            project = find_project(session, self.slug)
            stage = find_stage(session, project, FIRST)
            missing = (
                []
                if stage.status is StageStatus.opening
                else still_missing(session, stage, datetime.now(UTC))
            )
        for each in missing:
            if each.what != "sign_off" or stage.status is not StageStatus.open:
                answer(self.cast, FIRST, each)

    def wait_until_open(self, seconds: float = 240) -> None:
        wait_until(lambda: self.status is not StageStatus.opening, seconds)

    def close(self, seconds: float = 600) -> None:
        """Let people answer whatever is asked until it is closed: two rounds of ``reconcile`` at most."""

        def is_closed() -> bool:
            self.answer()
            return self.status is StageStatus.closed

        wait_until(is_closed, seconds)
