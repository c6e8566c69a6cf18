"""Two people at once, always: two processes act in the same instant, many times, on both databases."""

import hashlib
import itertools
import multiprocessing
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cast import CITIES, START, Cast
from shelf import Shelf
from sqlmodel import SQLModel

from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from actions.files.store_file import FileStore
from actions.signing.sign_off import SignOffRequest, sign_off
from actions.stages.ask import tell_signed_off
from actions.stages.close_stage import close_stage
from actions.stages.publish_lessons import publish_lessons
from actions.stages.request_transition import TransitionRequest, request_transition
from database.engine import Database
from models.refusal import Refusal
from models.sign_off import Decision
from queries.ledger.find import identify
from queries.ledger.verify_journal import verify_journal

AGENT = "camille.roussel@anct.example"
KEY = "dossier_de_capitalisation"
NOW = START + timedelta(days=1)
LAST_TWO, CLOSINGS, VERSIONS, CLICKS, REQUESTS = 200, 30, 60, 60, 40


@dataclass(frozen=True)
class Round:
    """What the two sides do in the same instant, on a project that serves once."""

    act: str
    place: int
    slug: str
    stage_id: int
    deliverable_id: int
    parties: tuple[int, ...]
    sha256: str
    mayors: tuple[str, ...]
    answers: list[str] = field(default_factory=list, compare=False)


class Side:
    """One of the two processes."""

    def __init__(self, db: Database, folder: Path, number: int) -> None:
        self.db, self.folder, self.number = db, folder, number

    def sign(self, round_: Round, seat: int) -> str:
        with self.db.read() as session:
            mayor = identify(session, round_.mayors[seat])
        request = SignOffRequest(
            round_.deliverable_id, round_.parties[seat], round_.sha256, Decision.approved
        )
        return str(sign_off(self.db, mayor, request, now=NOW))

    def last_two(self, round_: Round) -> str:
        return self.sign(round_, 2 + self.number)

    def closing(self, round_: Round) -> str:
        tell_signed_off(self.db, round_.stage_id, now=NOW)
        return str(close_stage(self.db, round_.stage_id, now=NOW, at_the_end=publish_lessons))

    def version(self, round_: Round) -> str:
        if self.number == 0:
            for _ in range(round_.place % 10):  # comes now before, now after the other
                with self.db.read() as session:
                    identify(session, AGENT)
            return self.sign(round_, 0)
        path = self.folder / f"{round_.slug}.md"
        path.write_text(f"seconde version de {round_.slug}")
        minor = round_.place % 3 == 2
        files = FileStore(self.folder / "files")
        file = files.receive_path(path)
        submission = Submission(
            round_.slug, "lessons_learned", KEY, file, None, minor, "Une coquille" if minor else None
        )
        with self.db.read() as session:
            agent = identify(session, AGENT)
        return submit_deliverable(self.db, agent, submission, now=NOW).sha256

    def click(self, round_: Round) -> str:
        return self.sign(round_, 0)

    def request(self, round_: Round) -> str:
        with self.db.read() as session:
            agent = identify(session, AGENT)
        return request_transition(
            self.db, agent, TransitionRequest(round_.slug, "constitution"), now=NOW
        ).status


def work(url: str, folder: Path, number: int, rounds: list[Round], start: Barrier, answers: Any) -> None:
    """The life of one process: each round at the same instant as the other."""
    db = Database(url)
    side, results = Side(db, folder, number), []
    for round_ in rounds:
        start.wait(120)
        try:
            results.append(getattr(side, round_.act)(round_))
        except Exception as error:  # the other side must not wait for ever: the answer tells
            results.append(type(error).__name__ if isinstance(error, Refusal) else repr(error))
    db.close()
    answers.put((number, results))


@dataclass(frozen=True)
class Played:
    """All the rounds, once both processes have gone through them."""

    cast: Cast
    rounds: list[Round]

    def of(self, act: str) -> list[Round]:
        return [each for each in self.rounds if each.act == act]

    def count(self, query: str) -> Counter[int]:
        """How many lines a stage or a project has (the query gives one number a line)."""
        with self.cast.db.read() as session:
            return Counter(session.connection().execute(sa.text(query)).scalars())

    def rows(self, query: str) -> list[Any]:
        with self.cast.db.read() as session:
            return list(session.connection().execute(sa.text(query)))


@pytest.fixture(scope="module")
def played(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    cast = shelf.take("met")
    folder = tmp_path_factory.mktemp("two")
    (folder / "files").mkdir()
    acts = ["last_two"] * LAST_TWO + ["version"] * VERSIONS + ["click"] * CLICKS + ["request"] * REQUESTS
    rounds = seed(cast, acts)
    watch_stages(cast)
    rounds += [Round(**(vars(each) | {"act": "closing", "answers": []})) for each in rounds[:CLOSINGS]]
    spawn = multiprocessing.get_context("spawn")
    start, answers = spawn.Barrier(2), spawn.Queue()
    sides = [
        spawn.Process(target=work, args=(cast.db.url, folder, number, rounds, start, answers), daemon=True)
        for number in (0, 1)
    ]
    for side in sides:
        side.start()
    results = dict(answers.get(timeout=120) for _ in sides)
    for side in sides:
        side.join(120)
        assert side.exitcode == 0
    for round_, first, second in zip(rounds, results[0], results[1], strict=True):
        round_.answers.extend((first, second))
    yield Played(cast, rounds)
    shelf.give_back(cast)


def test_the_last_two_cities_signing_in_the_same_instant_turn_the_gate_once(played: Played) -> None:
    turned = played.count("SELECT stage_id FROM seen_change WHERE new = 'signed_off'")
    statuses = dict(played.rows("SELECT id, status FROM stage"))
    for round_ in played.of("last_two"):
        assert turned[round_.stage_id] == 1
        assert statuses[round_.stage_id] in ("signed_off", "closed")


def test_both_of_their_sign_offs_are_recorded_each_with_its_fact(played: Played) -> None:
    live = played.count("SELECT deliverable_id FROM live_sign_off")
    facts = played.count(
        "SELECT project_id FROM audit_entry JOIN journal ON journal.id = journal_id "
        "WHERE event = 'sign_off.recorded'"
    )
    projects = dict(played.rows("SELECT id, project_id FROM stage"))
    for each in played.of("last_two"):
        assert all(answer.isdigit() for answer in each.answers)
        assert live[each.deliverable_id] == len(CITIES)
        assert facts[projects[each.stage_id]] == 2


def test_two_runs_of_a_flow_that_close_the_stage_at_once_close_it_once_and_tell_once(played: Played) -> None:
    closed = played.count("SELECT stage_id FROM seen_change WHERE new = 'closed'")
    projects = dict(played.rows("SELECT id, project_id FROM stage"))
    signed_off_mails = played.count("SELECT project_id FROM notice WHERE message = 'stage_signed_off'")
    follow_up_mails = played.count("SELECT project_id FROM notice WHERE message = 'project_in_follow_up'")
    published = played.count("SELECT project_id FROM publication")
    for round_ in played.of("closing"):
        assert round_.answers == ["True", "True"]
        project = projects[round_.stage_id]
        assert closed[round_.stage_id] == published[project] == 1
        assert (signed_off_mails[project], follow_up_mails[project]) == (len(CITIES), 1 + len(CITIES))


def test_a_new_version_racing_a_signature_never_mixes_hashes(played: Played) -> None:
    mixed = played.rows(
        "SELECT given.id FROM live_sign_off given JOIN deliverable ON deliverable.id = given.deliverable_id "
        "JOIN deliverable_version v ON v.id = given.version_id "
        "WHERE given.sha256 <> v.sha256 OR given.round <> deliverable.round OR v.deliverable_id <> deliverable.id "
        "OR (given.version_id <> deliverable.version_id AND NOT EXISTS "
        "(SELECT 1 FROM deliverable_version m WHERE m.id = deliverable.version_id AND m.is_minor))"
    )
    assert mixed == []


def test_a_signature_that_comes_after_the_new_version_is_refused_and_before_it_is_voided(
    played: Played,
) -> None:
    live = played.count("SELECT deliverable_id FROM live_sign_off")
    for round_ in played.of("version"):
        signed, _submitted = round_.answers
        minor = round_.place % 3 == 2
        assert signed == "OtherContent" or signed.isdigit()
        kept = 1 if minor and signed.isdigit() else 0
        seeded = 2 if minor else 0
        assert live[round_.deliverable_id] == kept + seeded


def test_a_double_click_from_two_processes_is_one_fact(played: Played) -> None:
    live = played.count("SELECT deliverable_id FROM live_sign_off")
    facts = played.count("SELECT stage_id FROM nudge WHERE kind = 'wake_stage'")
    for each in played.of("click"):
        first, second = each.answers
        assert first == second
        assert live[each.deliverable_id] == 3
        assert facts[each.stage_id] == 1


def test_a_stage_asked_for_by_two_processes_is_asked_for_once(played: Played) -> None:
    asked = played.rows(
        "SELECT slug, COUNT(*) FROM stage_transition JOIN stage ON stage.id = stage_id "
        "JOIN shared_project ON shared_project.id = project_id GROUP BY slug"
    )
    nudges = played.rows(
        "SELECT slug, COUNT(*) FROM nudge JOIN stage ON stage.id = stage_id "
        "JOIN shared_project ON shared_project.id = project_id WHERE kind = 'start_stage' GROUP BY slug"
    )
    once = {(each.slug, 1) for each in played.of("request")}
    assert {tuple(row) for row in asked} == {tuple(row) for row in nudges} == once
    assert all(each.answers == ["opening", "opening"] for each in played.of("request"))


def test_after_all_that_the_journals_are_whole(played: Played) -> None:
    assert verify_journal(played.cast.db).tamperings == []


def seed(cast: Cast, acts: list[str]) -> list[Round]:
    """A project for each round, its last stage under review, written in bulk: rounds are many."""
    tables = SQLModel.metadata.tables
    with cast.db.read() as session:
        mayors = {code: identify(session, cast.mayor_email(code)) for code in CITIES}
        agent = identify(session, AGENT).person_id
    lines: dict[str, list[dict[str, Any]]] = {name: [] for name in ORDER}
    rounds, numbers = [], itertools.count(1000)
    for place, act in enumerate(acts):
        project, sha256 = next(numbers), hashlib.sha256(str(place).encode()).hexdigest()
        slug, parties = f"{act}-{place}", tuple(next(numbers) for _ in CITIES)
        signed = {"last_two": CITIES[:2], "request": ()}.get(act, CITIES[2:])
        lines["shared_project"].append(
            {
                "id": project,
                "slug": slug,
                "title": slug,
                "theme": "culture",
                "period_from": START.date(),
                "period_until": START.date(),
                "lifecycle_key": "territoires-en-commun",
                "lifecycle_version": 1,
                "agency_agent_id": agent,
                "status": "active",
                "created_at": START,
            }
        )
        lines["journal"].append(
            {"id": project, "project_id": project, "seq": 0, "head": "", "mirrored_seq": 0}
        )
        counts = {"round": 1, "fact_seq": 0, "seen_seq": 0, "project_id": project}
        lines["stage"] += [
            {"id": project, "key": "lessons_learned", "position": 6, "status": "in_review", **counts},
            {"id": project + 100_000, "key": "constitution", "position": 0, "status": "planned", **counts},
        ]
        lines["deliverable"].append(
            {
                "id": project,
                "stage_id": project,
                "key": KEY,
                "title": "Dossier",
                "act_kind": "technical_validation",
                "is_signed": True,
                "round": 1,
                "number": 1,
                "version_id": project,
                "sha256": sha256,
            }
        )
        lines["deliverable_version"].append(
            {
                "id": project,
                "deliverable_id": project,
                "number": 1,
                "round": 1,
                "sha256": sha256,
                "size": 1,
                "file_name": "dossier.md",
                "is_minor": False,
                "submitted_by": agent,
                "submitted_at": START,
            }
        )
        for code, party in zip(CITIES, parties, strict=True):
            lines["party"].append(
                {
                    "id": party,
                    "project_id": project,
                    "code": code,
                    "name": code,
                    "kind": "commune",
                    "departement": "79",
                    "role": "signatory",
                    "acts": {},
                    "joined_at": START,
                }
            )
            lines["roster_seat"].append({"stage_id": project, "party_id": party})
            if code in signed:
                lines["sign_off"].append(
                    {
                        "deliverable_id": project,
                        "version_id": project,
                        "party_id": party,
                        "round": 1,
                        "sha256": sha256,
                        "decision": "approved",
                        "act_kind": "elected_signature",
                        "signed_by": mayors[code].person_id,
                        "auth_method": "command_line",
                        "at": START,
                    }
                )
        emails = tuple(cast.mayor_email(code) for code in CITIES)
        rounds.append(Round(act, place, slug, project, project, parties, sha256, emails))
    with cast.db.write_statements() as connection:
        for name in ORDER:
            connection.execute(sa.insert(tables[name]), lines[name])
    return rounds


ORDER = (
    "shared_project",
    "journal",
    "stage",
    "deliverable",
    "deliverable_version",
    "party",
    "roster_seat",
    "sign_off",
)


def watch_stages(cast: Cast) -> None:
    """Have the database itself note each change of state of a stage."""
    live = (
        "CREATE VIEW live_sign_off AS SELECT * FROM sign_off WHERE withdrawn_at IS NULL AND voided_at IS NULL"
    )
    on_sqlite = [
        live,
        "CREATE TABLE seen_change (stage_id INTEGER, old TEXT, new TEXT)",
        "CREATE TRIGGER watch AFTER UPDATE OF status ON stage WHEN OLD.status <> NEW.status BEGIN "
        "INSERT INTO seen_change VALUES (NEW.id, OLD.status, NEW.status); END",
    ]
    on_postgres = [
        live,
        "CREATE TABLE seen_change (stage_id INTEGER, old TEXT, new TEXT)",
        "CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO seen_change VALUES (NEW.id, OLD.status, NEW.status); RETURN NEW; END $$",
        "CREATE TRIGGER watch AFTER UPDATE ON stage FOR EACH ROW WHEN (OLD.status <> NEW.status) "
        "EXECUTE FUNCTION watch()",
    ]
    with cast.db.write_statements() as connection:
        for statement in on_sqlite if cast.db.is_sqlite else on_postgres:
            connection.execute(sa.text(statement))
