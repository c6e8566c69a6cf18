"""``projet-partage demo``: play the real project from its first meeting to its follow-up, nobody at the keyboard."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console
from sqlmodel import col, select

from actions.files.store_file import FileStore
from actions.stages.request_transition import TransitionRequest, request_transition
from commands.demo_acts import answer, answer_reservations
from commands.demo_cast import Cast
from commands.demo_timeline import Timeline
from commands.seed import confirm_mayors, load_seed
from commands.system import is_running
from database.engine import Database
from database.upgrade import upgrade_database
from models.notice import WAITING, Notice
from models.refusal import Refusal
from models.shared_project import ProjectStatus, SharedProject
from models.stage import Stage, StageStatus
from queries.ledger.find import find_project, find_stage, stage_title, stages_of
from queries.ledger.verify_journal import verify_journal
from queries.stages.snapshot import still_missing
from settings import settings

PATIENCE_SECONDS = 90
LOOK_SECONDS = 0.1
PAUSES = {"fast": 0.0, "slow": 1.5}


class Speed(StrEnum):
    """How fast the demonstration goes: at the system's pace, or at a reader's."""

    fast = "fast"
    slow = "slow"


class NothingMoves(Refusal):
    """The flows did not take a stage further in time."""

    def __init__(self, title: str) -> None:
        super().__init__(
            f"L’étape « {title} » n’avance plus depuis {PATIENCE_SECONDS} s : regardez les journaux du dossier "
            f"« {settings().data_dir / 'log'} », puis lancez « projet-partage reconcile »."
        )


def demo(
    speed: Annotated[
        Speed, typer.Option(help="fast : au rythme du système ; slow : à celui d’un lecteur.")
    ] = Speed.fast,
) -> None:
    """Joue le projet réel, de la charte au suivi, sur un système en marche ou sur un système neuf."""
    timeline = Timeline(Console())
    with _a_running_system(timeline):
        db = Database(settings().domain_url)
        slug = _project_to_play(db)
        cast = Cast(db, FileStore(settings().files_dir), slug)
        timeline.begin(cast)
        _play(cast, timeline, PAUSES[speed])
        _wait_for_mail(db)
        verification = verify_journal(db)
        timeline.finish(cast, verification)
        db.close()
    if verification.tamperings:
        raise typer.Exit(1)


@contextmanager
def _a_running_system(timeline: Timeline) -> Iterator[None]:
    """The system that runs on this data directory, or one of our own, stopped at the end."""
    if is_running(settings()):
        yield
        return
    timeline.say("Aucun système en marche : démarrage…")
    command = [sys.executable, "-m", "cli", "up", "--no-web"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as system:  # noqa: S603 -- our own command
        try:
            for line in system.stdout or ():
                timeline.say(line.rstrip())
                if line.startswith("Tout est prêt"):
                    break
            else:
                raise NothingMoves("démarrage du système")
            yield
        finally:
            system.terminate()
            system.communicate()


def _project_to_play(db: Database) -> str:
    """The seed project while it is not over, its mayors confirmed; else a new copy of it."""
    upgrade_database(db)
    with db.read() as session:
        query = select(SharedProject.slug).where(
            col(SharedProject.slug).startswith("democratie-culturelle"),
            SharedProject.title == "Démocratie culturelle",
            SharedProject.status == ProjectStatus.active,
            col(SharedProject.agency_agent_id).is_not(None),
        )
        slug = session.exec(query.order_by(col(SharedProject.id)).limit(1)).first()
    now = datetime.now(UTC)
    if slug is None:
        return load_seed(db, now=now).slug
    confirm_mayors(db, slug, now=now)
    return slug


def _play(cast: Cast, timeline: Timeline, pause: float) -> None:
    with cast.db.read() as session:
        stages = stages_of(session, find_project(session, cast.slug))
    for stage in stages:
        if stage.status is StageStatus.closed:
            continue
        _play_stage(cast, timeline, stage.key, pause)


def _play_stage(cast: Cast, timeline: Timeline, key: str, pause: float) -> None:
    project, stage = _look(cast, key)
    agent, title = cast.agent(), stage_title(project, stage)
    timeline.open_stage(title)
    if stage.status is StageStatus.planned:
        request_transition(cast.db, agent, TransitionRequest(cast.slug, key), now=datetime.now(UTC))
        timeline.tell(agent.name, f"ouvre l’étape « {title} »", "strong")
    until = time.monotonic() + PATIENCE_SECONDS
    with timeline.waiting() as wait:
        while stage.status is not StageStatus.closed:
            if _answer_all(cast, timeline, key, pause):
                until = time.monotonic() + PATIENCE_SECONDS
            elif time.monotonic() > until:
                raise NothingMoves(title)
            time.sleep(LOOK_SECONDS)
            project, stage = _look(cast, key)
            wait(stage.status.label)
    for beat in answer_reservations(cast):
        timeline.tell(beat.who, beat.what, beat.style)
    timeline.close_stage(cast, key)


def _answer_all(cast: Cast, timeline: Timeline, key: str, pause: float) -> bool:
    """Let each person do what is awaited of them now; was there anything?"""
    with cast.db.read() as session:
        project = find_project(session, cast.slug)
        stage = find_stage(session, project, key)
        awaited = (
            [] if stage.status is StageStatus.opening else still_missing(session, stage, datetime.now(UTC))
        )
        if stage.status is StageStatus.open:
            awaited = [each for each in awaited if each.what != "sign_off"]
        if stage.status is not StageStatus.signed_off:
            awaited = [each for each in awaited if each.what not in ("agency_signature", "contractor")]
    done = False
    for missing in awaited:
        beat = answer(cast, key, missing)
        if beat is not None:
            timeline.tell(beat.who, beat.what, beat.style)
            time.sleep(pause)
            done = True
            if beat.style == "hard":
                return True
    return done


def _look(cast: Cast, key: str) -> tuple[SharedProject, Stage]:
    with cast.db.read() as session:
        project = find_project(session, cast.slug)
        return project, find_stage(session, project, key)


def _wait_for_mail(db: Database) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with db.read() as session:
            waiting = select(Notice.id).where(sa.text(WAITING))
            if session.exec(waiting.limit(1)).first() is None:
                return
        time.sleep(LOOK_SECONDS)
