"""`make scale`: one stage through two web hosts behind HAProxy, while one of each process is killed, and it closes."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import sqlalchemy as sa
from prefect_system import wait_until
from scaled_setup import Scaled, patiently
from site_of_tests import Visitor
from sqlmodel import col, select

from models.deliverable import Deliverable, DeliverableVersion
from models.person import Mandate, Person, Role
from models.shared_project import SharedProject
from models.sign_off import SignOff
from models.stage import Stage, StageStatus

pytest_plugins = ["scaled_fixtures"]
pytestmark = [pytest.mark.trials, pytest.mark.prefect, pytest.mark.timeout(1200)]

NOTE = "note_de_cadrage"
FIELD = re.compile(r'<input[^>]*name="(partie|empreinte|jeton)"[^>]*value="([^"]*)"')
KILLED = ("flows.1", "prefect.1", "prefect_services.1", "relay.1", "web.2", "redis", "haproxy")


@pytest.fixture(scope="module")
def path(scaled: Scaled) -> str:
    """The page of the first stage's deliverable, once the stage is open."""
    paths: list[str] = []

    def is_asked_for() -> bool:
        with scaled.db.read() as session:
            query = (
                select(Deliverable.id, SharedProject.slug)
                .join(Stage, col(Stage.id) == Deliverable.stage_id)
                .join(SharedProject, col(SharedProject.id) == Stage.project_id)
                .where(Deliverable.key == NOTE, Stage.status == StageStatus.open)
            )
            paths[:] = [f"/projets/{slug}/livrables/{number}" for number, slug in session.exec(query)]
        return bool(paths)

    wait_until(is_asked_for)
    return paths[0]


@contextmanager
def readers(scaled: Scaled) -> Iterator[Counter[int]]:
    """Somebody reads a page without a pause during the block; what they were answered, by HTTP status."""
    answers, stop = Counter[int](), threading.Event()

    def read() -> None:
        visitor = scaled.visitor()
        while not stop.is_set():
            try:
                answers[visitor.get("/publics").status_code] += 1
            except httpx.TransportError:
                answers[0] += 1
                stop.wait(0.1)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield answers
    finally:
        stop.set()
        thread.join()


def emails(scaled: Scaled, role: Role) -> list[str]:
    with scaled.db.read() as session:
        query = select(Person.email).join(Mandate).where(Mandate.role == role, col(Mandate.until).is_(None))
        return sorted(set(session.exec(query)))


def sign(visitor: Visitor, path: str) -> None:
    """As a mayor: read the page, answer with its form; again when the answer got lost with a process."""
    page = patiently(lambda: visitor.get(path))
    fields = dict(FIELD.findall(page.text))
    sent = fields | {"decision": "approved"}
    answer = patiently(lambda: visitor.http.post(path, data=sent))
    assert answer.status_code == 303, (answer.status_code, answer.text[:2000])


def stage_status(scaled: Scaled, key: str) -> StageStatus:
    with scaled.db.read() as session:
        return session.exec(select(Stage.status).where(Stage.key == key)).one()


def is_waiting(scaled: Scaled, key: str) -> bool:
    """The stage's run waits, without a process: one that is killed at work is only replaced minutes later."""
    with scaled.db.read() as session:
        number = session.exec(select(Stage.id).where(Stage.key == key)).one()
    runs = [run for run in scaled.api.runs(tags=[f"etape:{number}"]) if run.is_alive]
    return bool(runs) and all(run.is_suspended for run in runs)


def test_each_worker_is_there_under_its_own_name(scaled: Scaled) -> None:
    def names() -> set[str]:
        rows = scaled.api._pages("work_pools/projet-partage/workers/filter", {})
        return {row["name"] for row in rows if row["status"] == "ONLINE"}

    wait_until(lambda: names() == {"host-1", "host-2"})


def test_a_form_and_a_file_go_through_alternating_hosts(scaled: Scaled, path: str) -> None:
    agent = scaled.sign_in("camille.roussel@anct.example")
    before = scaled.served_by()
    content = b"# Note de cadrage\n\nDeux machines, un seul dossier.\n"
    answer = agent.send(f"{path}/depot", file=("fichier", "note.md", content))
    assert answer.status_code == 303, answer.text[:2000]
    for _ in range(8):
        assert agent.get(f"{path}/versions/1").content == content
    after = scaled.served_by()
    assert all(after[name] > before[name] for name in ("web-1", "web-2"))
    with scaled.db.read() as session:
        assert session.exec(select(sa.func.count(col(DeliverableVersion.id)))).one() == 1


def test_one_of_each_is_killed_while_the_cities_sign_and_the_stage_closes(scaled: Scaled, path: str) -> None:
    mayors = [scaled.sign_in(email) for email in emails(scaled, Role.signatory)]
    wait_until(lambda: stage_status(scaled, "constitution") is StageStatus.in_review, 600)
    wait_until(lambda: is_waiting(scaled, "constitution"), 600)
    victims = iter(KILLED)
    with readers(scaled) as answers:
        for mayor in mayors:
            scaled.kill(next(victims))
            sign(mayor, path)
        for victim in victims:
            scaled.kill(victim)
        # A run whose process was killed is started again by `reconcile`, within two of its rounds.
        wait_until(lambda: stage_status(scaled, "constitution") is StageStatus.closed, 600)
    with scaled.db.read() as session:
        assert session.exec(select(sa.func.count(col(SignOff.id)))).one() == len(mayors) == 4
    assert not [status for status in answers if status == 500], answers
    wait_until(scaled.is_well)


def test_a_host_with_another_secret_is_told_at_its_start(scaled: Scaled) -> None:
    import subprocess

    from scripts.scaled_settings import ROOT

    wrong = scaled.status["settings"] | {"PROJET_PARTAGE_SECRET_KEY": "une autre"}
    done = subprocess.run(
        ["/bin/sh", "-c", ".venv/bin/projet-partage run web --port 1"],
        cwd=ROOT, env=wrong | {"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, "PROJET_PARTAGE_SECRET_KEY" in done.stderr) == (1, True), done.stderr
