"""The steering committee and the deadlines of one city, at the command line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import AGENT, CONTACTS, SEED, SLUG, CommandLine

from database.engine import Database
from settings import settings

pytestmark = pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    line = CommandLine(db, tmp_path, monkeypatch)
    line.ok("project", "create", SEED)
    yield line
    settings.cache_clear()


def convene(starts: str = "2099-01-12T14:00", ends: str = "2099-01-12T16:00", who: str = AGENT) -> list[str]:
    hours = ["--starts", starts, "--ends", ends]
    return ["meeting", "convene", SLUG, "--title", "Comité de pilotage", *hours, "--as", who]


def test_a_meeting_is_convened_moved_and_cancelled(cli: CommandLine) -> None:
    convened = cli.json(*convene(), "--place", "Mairie de Niort", "--agenda", "La charte")
    number = convened["id"]
    assert (convened["starts_at"], convened["sequence"]) == ("2099-01-12T13:00:00+00:00", 0)
    moved = cli.json("meeting", "move", number, "--starts", "2099-07-14T14:00", "--as", AGENT)
    assert (moved["starts_at"], moved["ends_at"]) == (
        "2099-07-14T12:00:00+00:00",
        "2099-07-14T14:00:00+00:00",
    )
    assert "annulée" in cli.ok("meeting", "cancel", number, "--reason", "Fête nationale", "--as", AGENT)
    (listed,) = cli.json("meeting", "list", SLUG)
    assert (listed["status"], listed["cancel_reason"], listed["late"]) == ("cancelled", "Fête nationale", [])
    shown = cli.ok("meeting", "list", SLUG)
    assert "14/07/2099 14:00" in shown
    assert "Mairie de Niort" in shown
    assert "réunion déplacée" in cli.ok("audit", "log", SLUG)


def test_an_hour_with_its_offset_is_that_hour(cli: CommandLine) -> None:
    convened = cli.json(*convene("2099-01-12T09:00-04:00", "2099-01-12T11:00-04:00"))
    assert convened["starts_at"] == "2099-01-12T13:00:00+00:00"


@pytest.mark.parametrize(
    ("starts", "refusal"),
    [
        ("demain", "n’est pas un jour et une heure"),
        ("2099-01-12", "n’est pas un jour et une heure"),
        ("2027-03-28T02:30", "n’existe pas le 28/03/2027"),
    ],
)
def test_an_hour_that_cannot_be_is_wrong_usage(cli: CommandLine, starts: str, refusal: str) -> None:
    result = cli.run(*convene(starts))
    assert result.exit_code == 2
    assert refusal in result.stderr.replace("\u00a0", " ")


def test_a_meeting_that_cannot_be_is_refused_in_one_sentence(cli: CommandLine) -> None:
    assert "dans le passé" in cli.refused(*convene("2021-01-12T14:00", "2021-01-12T16:00"))
    assert "avant d’avoir commencé" in cli.refused(*convene(ends="2099-01-12T13:00"))
    assert "seul un agent de l’ANCT" in cli.refused(*convene(who=CONTACTS["79191"]))
    cli.ok(*convene())
    assert "déjà convoquée" in cli.refused(*convene())
    assert "n° 999 n’existe pas" in cli.refused("meeting", "cancel", 999, "--reason", "x", "--as", AGENT)
    assert "Aucune réunion" not in cli.ok("meeting", "list", SLUG)


def test_more_time_is_given_to_one_city(cli: CommandLine) -> None:
    cli.ok("stage", "open", SLUG, "constitution", "--as", AGENT)
    cli.flow_opens("constitution")
    words = ["stage", "extend", SLUG, "constitution", "--reason", "Conseil reporté", "--as", AGENT]
    answer = cli.json(*words, "--until", "2099-01-31", "--party", "79191")
    assert answer == {"slug": SLUG, "stage": "constitution", "party": "79191", "due_on": "2099-01-31"}
    shared = cli.json("project", "show", SLUG)["stages"][0]["due_on"]
    assert shared < "2099-01-31"
    assert "pour 79191" in cli.ok(*words, "--until", "2099-02-28", "--party", "79191")
    assert "n’est pas une partie" in cli.refused(*words, "--until", "2099-02-28", "--party", "75056")
