"""DBOS playing the same project: each sign-off a durable workflow whose step is its record.

The fourth city's also runs the step that closes the stage. It checks no authority, keeps no audit journal
and owes no mail, in its favour. DBOS's own settings, with room in its pool for every client. The other
shape, one workflow a project waiting on ``DBOS.recv`` for four messages a stage, was slower at the same
work (78 to 121 sign-offs a second on SQLite, 52 to 126 on PostgreSQL), so this one stands here.
"""
# mypy: disable-error-code="import-not-found, untyped-decorator"

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

from dbos import DBOS, DBOSConfig, SetWorkflowID

from benchmarks.databases import temporary_database
from benchmarks.play import CITIES, STAGES, Figures, play, timed


@DBOS.step()
def record(project: str, stage: int, city: int) -> str:
    return f"{project} {stage} {city}"


@DBOS.step()
def close_stage(project: str, stage: int) -> str:
    return f"{project} {stage}"


@DBOS.workflow()
def sign_off(project: str, stage: int, city: int) -> None:
    record(project, stage, city)
    if city == CITIES - 1:
        close_stage(project, stage)


def measure(kind: str, clients: int, projects: int) -> Figures:
    """Figures of ``projects`` whole projects by each client."""
    with temporary_database(kind) as url:
        DBOS(config=_config(url))
        DBOS.launch()
        try:
            for _ in _projects(1):
                pass
            return play([partial(_projects, projects) for _ in range(clients)])
        finally:
            DBOS.destroy()


def _config(url: str) -> DBOSConfig:
    return {
        "name": "bench",
        "application_version": "bench",
        "system_database_url": url,
        "sys_db_pool_size": 40,
        "log_level": "ERROR",
    }


def _projects(projects: int) -> Iterator[float]:
    for _ in range(projects):
        project = uuid4().hex
        for stage in range(STAGES):
            for city in range(CITIES):
                yield timed(_give, project, stage, city)


def _give(project: str, stage: int, city: int) -> None:
    with SetWorkflowID(f"{project}-{stage}-{city}"):
        sign_off(project, stage, city)
