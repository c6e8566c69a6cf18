"""What each stage's flow run does, from the ANCT's request to its end, on a real Prefect server."""

import logging
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from flows_system import FlowsSystem
from played_project import PlayedProject
from prefect_system import wait_until
from sqlmodel import col, select

from commands.demo_acts import GUICHEN, NIORT
from models.commitment import Commitment, CommitmentOrigin
from models.deliverable import Deliverable
from models.notice import Notice
from models.person import Person
from models.shared_project import ProjectStatus
from models.sign_off import Decision
from models.stage import StageStatus
from models.stage_needs import Missing
from queries.ledger.find import find_project

pytest_plugins = ["flows_fixtures"]
pytestmark = pytest.mark.prefect
_numbers = count(1)


def owes(*whats: str) -> Callable[[Missing], bool]:
    return lambda missing: missing.what in whats


def wait_for(project: PlayedProject, key: str, what: str) -> None:
    wait_until(lambda: any(each.what == what for each in project.awaited(key)))


def asked(project: PlayedProject, message: str, deliverable_key: str | None = None) -> int:
    """How many people have been told this message (about a deliverable of this key)."""
    with project.cast.db.read() as session:
        stages = col(Deliverable.stage_id).in_(project.stage_ids.values())
        ids = session.exec(select(Deliverable.id).where(stages, Deliverable.key == deliverable_key))
        about = {f"deliverable-{number}" for number in ids}
        owed = select(Notice.key).where(
            Notice.project_id == find_project(session, project.slug).id, Notice.message == message
        )
        keys = [key.split(":") for key in session.exec(owed)]
    return sum(deliverable_key is None or subject in about for _, subject, _ in keys)


def table(project: PlayedProject, key: str) -> str:
    artifact = f"{key.replace('_', '-')}-{project.slug}"
    return str(project.system.ask(f"artifacts/{artifact}/latest")["data"])


def message(project: PlayedProject, run_id: str) -> str:
    return str(project.system.ask(f"flow_runs/{run_id}")["state"]["message"])


# The run, as Prefect's own pages show it


def test_a_request_starts_one_run_with_a_name_and_tags_that_waits_without_a_process(
    project: PlayedProject,
) -> None:
    project.request("constitution")
    wait_until(lambda: bool(processes_at_work(project.system)))
    project.wait_quiet("constitution")
    run = project.run("constitution")
    assert run.name == f"Constitution du collectif · {project.slug}"
    assert run.tags >= {f"projet:{project.slug}", f"etape:{project.stage_ids['constitution']}"}
    assert (run.state_type, run.state_name) == ("PAUSED", "Suspended")
    assert message(project, run.id) == "En attente – Ensemble : déposer « Note de cadrage »"
    wait_until(lambda: not processes_at_work(project.system))


def test_each_step_is_shown_once_and_waiting_is_no_error(project: PlayedProject) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    run = project.run("constitution")
    assert [words.partition(" - ")[2].partition(",")[0] for words in steps(project, run.id)] == [
        'Ouverture de l\'etape "Constitution du collectif" demandee',
        'Etape "Constitution du collectif" ouverte',
    ]
    assert f"/projets/{project.slug}/etapes/constitution)" in table(project, "constitution")
    assert project.answer("constitution") == 1
    project.wait_quiet("constitution")
    shown = steps(project, run.id), artifacts(project, "constitution")
    assert len(shown[0]) == 4  # the note is in, the review is open
    project.redeliver("constitution", "wake_stage")
    project.wait_quiet("constitution")
    assert project.wakes(project.run("constitution")) > 1
    assert (steps(project, run.id), artifacts(project, "constitution")) == shown
    ends = lines(project, run.id, "Finished in state Suspended")
    assert len(ends) > 1
    assert set(ends) == {logging.INFO}


def steps(project: PlayedProject, run_id: str) -> list[str]:
    """The tasks that Prefect shows in the run, oldest first."""
    asked = {"flow_runs": {"id": {"any_": [run_id]}}}
    rows = project.system.ask("task_runs/filter", asked)
    return [row["name"] for row in sorted(rows, key=lambda row: int(row["dynamic_key"]))]


def artifacts(project: PlayedProject, key: str) -> int:
    """How many times the table of the stage was published."""
    named = {"key": {"any_": [f"{key.replace('_', '-')}-{project.slug}"]}}
    return int(project.system.ask("artifacts/count", {"artifacts": named}))


def lines(project: PlayedProject, run_id: str, words: str) -> list[int]:
    """The levels of the run's log lines that begin with these words."""
    asked = {"logs": {"flow_run_id": {"any_": [run_id]}}}
    return [
        row["level"] for row in project.system.ask("logs/filter", asked) if row["message"].startswith(words)
    ]


def processes_at_work(system: FlowsSystem) -> list[int]:
    """The processes of the runs: children of a child of the worker, which is their fork server."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents[int(folder.name)] = int(fields[1])
    own = {pid for pid, parent in parents.items() if parent == system.worker.pid}
    return [pid for pid, parent in parents.items() if parent in own]


@pytest.mark.trials
def test_the_table_follows_each_wake_even_when_the_gate_does_not_turn(project: PlayedProject) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    assert "pas encore déposé" in table(project, "constitution")
    project.answer("constitution")
    project.wait_status("constitution", StageStatus.in_review)
    project.wait_quiet("constitution")
    assert table(project, "constitution").count("| v1 | attendue |") == 4
    project.answer("constitution", most=1)
    project.wait_quiet("constitution")
    assert table(project, "constitution").count("| v1 | attendue |") == 3
    assert table(project, "constitution").count("| v1 | approuvé") == 1
    project.play("constitution")
    project.wait_quiet("constitution")
    assert table(project, "constitution").count("| v1 | approuvé") == 4
    assert "Étape close" in table(project, "constitution")


@pytest.mark.trials
def test_facts_are_mirrored_as_events_with_identifiers_and_nothing_that_people_wrote(
    project: PlayedProject,
) -> None:
    key = "territorial_diagnosis"
    project.fast_forward(key)
    project.request(key)
    project.play(key, lambda: project.stage(key).status is StageStatus.revision_requested)
    project.change("pause")
    project.wait_quiet(key)
    body = {"filter": {"resource": {"id": [f"projet-partage.project.{project.slug}"]}}, "limit": 50}

    def events() -> list[dict[str, object]]:
        return list(project.system.ask("events/filter", body)["events"])

    wait_until(lambda: any(event["event"] == "project.pause" for event in events()))
    names = {str(event["event"]) for event in events()}
    assert {"stage.opened", "deliverable.submitted", "sign_off.recorded"} <= names
    assert any(f"'projet-partage.party': '{GUICHEN}'" in str(event["resource"]) for event in events())
    text = str(events())
    with project.cast.db.read() as session:
        people = [word for person in session.exec(select(Person)) for word in (person.name, person.email)]
    reasons = ["associations du bourg", "Élections"]
    assert [word for word in [*people, *reasons] if word in text] == []
    project.change("resume")


# Each stage in its own way


def test_constitution_goes_to_its_end(project: PlayedProject) -> None:
    project.request("constitution")
    project.play("constitution")
    project.wait_quiet("constitution")
    assert project.run("constitution").state_type == "COMPLETED"
    assert set(project.transitions("constitution").values()) == {1}


def test_the_charter_waits_for_the_ancts_signature_and_its_end_creates_the_commitments(
    project: PlayedProject,
) -> None:
    project.fast_forward("charter")
    project.request("charter")
    project.play(
        "charter", lambda: asked(project, "agency_signature_requested") == 1, but=owes("agency_signature")
    )
    project.wait_quiet("charter")
    assert project.stage("charter").status is StageStatus.signed_off
    assert project.run("charter").is_suspended
    assert commitments(project, CommitmentOrigin.charter) == 0
    project.play("charter")
    assert commitments(project, CommitmentOrigin.charter) > 0


def commitments(project: PlayedProject, origin: CommitmentOrigin) -> int:
    with project.cast.db.read() as session:
        query = select(Commitment).where(
            Commitment.project_id == find_project(session, project.slug).id, Commitment.origin == origin
        )
        return len(session.exec(query).all())


@pytest.mark.trials
def test_the_terms_of_reference_wait_for_the_award(project: PlayedProject) -> None:
    key = "terms_of_reference"
    project.fast_forward(key)
    project.request(key)
    project.play(key, lambda: asked(project, "contractor_award_awaited") == 1, but=owes("contractor"))
    project.wait_quiet(key)
    assert project.stage(key).status is StageStatus.signed_off
    assert project.run(key).is_suspended
    project.play(key)


@pytest.mark.trials
def test_the_synthesis_is_asked_once_every_diagnosis_is_in_and_open_to_the_peers(
    project: PlayedProject,
) -> None:
    key = "territorial_diagnosis"
    project.fast_forward(key)
    project.request(key)

    def niorts(missing: Missing) -> bool:
        return missing.deliverable_party == NIORT

    def only_niorts_is_missing() -> bool:
        missing = [each for each in project.awaited(key) if each.deliverable == "diagnostic"]
        return [niorts(each) for each in missing] == [True]

    project.play(key, only_niorts_is_missing, but=niorts)
    project.wait_quiet(key)
    assert asked(project, "deliverable_requested", "synthese_croisee") == 0
    assert asked(project, "peer_reading_opened") == 0
    project.answer(key)
    wait_until(lambda: asked(project, "deliverable_requested", "synthese_croisee") > 0)
    assert asked(project, "peer_reading_opened") == 4 * 3
    project.play(key)
    decisions = decisions_of(project)
    assert decisions[Decision.refused] == 1
    assert decisions[Decision.approved_with_reservations] == 1


def decisions_of(project: PlayedProject) -> dict[Decision, int]:
    return {
        decision: sum(times for fact, times in project.facts().items() if decision in fact)
        for decision in Decision
    }


@pytest.mark.trials
def test_the_report_of_a_city_is_asked_once_its_three_strands_are_held(project: PlayedProject) -> None:
    key = "consultation"
    project.fast_forward(key)
    project.request(key)

    def not_guichens_strand(missing: Missing) -> bool:
        return (missing.what, missing.party) != ("strand", GUICHEN)

    wait_for(project, key, "strand")
    for _ in range(3):
        assert asked(project, "deliverable_requested", "bilan_de_concertation") == 0
        project.answer(key, but=not_guichens_strand, most=1)
        project.wait_quiet(key)
    assert asked(project, "deliverable_requested", "bilan_de_concertation") == 1
    project.play(key)


@pytest.mark.trials
def test_the_end_of_the_action_plan_makes_each_action_a_commitment(project: PlayedProject) -> None:
    project.fast_forward("action_plan")
    project.request("action_plan")
    project.play("action_plan", lambda: asked(project, "deliverable_requested", "feuille_de_route") > 0)
    assert commitments(project, CommitmentOrigin.action) == 0
    project.play("action_plan")
    assert commitments(project, CommitmentOrigin.action) > 4


@pytest.mark.trials
def test_the_end_of_the_lessons_publishes_them_and_the_project_enters_its_follow_up(
    project: PlayedProject,
) -> None:
    project.fast_forward("lessons_learned")
    project.request("lessons_learned")
    project.play("lessons_learned")
    assert project.status is ProjectStatus.in_follow_up
    facts = [fact for fact in project.facts().elements() if fact[0] == "lessons.published"]
    assert len(facts) == len(set(facts)) >= 2
    project.check_each_mail_came_once()


# Nobody but the ANCT's recorded request opens a stage


def start_by_hand(project: PlayedProject, key: str, stage_id: int) -> str:
    """As from Prefect's own page: no tag, no name, a key of its own."""
    run = project.system.api.create_run(
        f"{key}/{key}", {"stage_id": stage_id}, idempotency_key=f"by-hand-{next(_numbers)}"
    )
    return run.id


def test_a_run_started_by_hand_without_a_recorded_request_opens_nothing_and_says_so(
    project: PlayedProject,
) -> None:
    project.fast_forward("charter")
    before = project.facts()
    run_id = start_by_hand(project, "charter", project.stage_ids["charter"])
    project.system.wait_for_state(run_id, "FAILED")
    assert "Aucune demande de l’ANCT n’est enregistrée" in message(project, run_id)
    assert project.stage("charter").status is StageStatus.planned
    assert project.facts() == before


@pytest.mark.parametrize("stage_id", ["constitution", "unknown"])
def test_the_flow_of_a_stage_refuses_another(project: PlayedProject, stage_id: str) -> None:
    before = project.facts()
    run_id = start_by_hand(project, "charter", project.stage_ids.get(stage_id, 99_999_999))
    project.system.wait_for_state(run_id, "FAILED")
    assert "L’étape" in message(project, run_id)
    assert project.facts() == before


@pytest.mark.trials
def test_a_run_started_by_hand_beside_the_recorded_one_is_harmless_and_ends_with_it(
    project: PlayedProject,
) -> None:
    project.request("constitution")
    project.wait_quiet("constitution")
    by_hand = start_by_hand(project, "constitution", project.stage_ids["constitution"])
    project.system.wait_for_state(by_hand, "PAUSED")
    project.play("constitution")
    project.wait_quiet("constitution")
    project.system.reconcile()  # a wait that began just as the other run closed the stage ends now
    wait_until(lambda: {run.state_type for run in project.runs("constitution")} == {"COMPLETED"})
    assert len(project.runs("constitution")) == 2
    assert set(project.transitions("constitution").values()) == {1}
    project.check_each_mail_came_once()


# The essential path with PostgreSQL as domain database


@pytest.fixture
def on_postgres(whole_system: FlowsSystem, db_url: str, tmp_path: Path) -> Iterator[PlayedProject]:
    with whole_system.on_database(db_url) as system:
        with system.db.write_statements() as connection:  # Prefect knows runs of the other database's numbers
            for name in ("stage", "nudge"):
                connection.execute(sa.text(f"ALTER SEQUENCE {name}_id_seq RESTART 1000001"))
        yield PlayedProject.begin(system, tmp_path / "documents")


@pytest.mark.trials
@pytest.mark.parametrize("db_url", ["postgresql"], indirect=True)
def test_a_stage_goes_to_its_end_on_postgresql(on_postgres: PlayedProject) -> None:
    on_postgres.request("constitution")
    on_postgres.play("constitution")
    on_postgres.request("charter")
    on_postgres.wait_status("charter", StageStatus.open)
    assert set(on_postgres.transitions("constitution").values()) == {1}
    assert on_postgres.repairs() == []
