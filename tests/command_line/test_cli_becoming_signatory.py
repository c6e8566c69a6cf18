"""A city comes back, or stops observing, from the command line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import AGENT, CONTACTS, SEED, SLUG, CommandLine

from database.engine import Database
from models.paris_time import paris_day
from settings import settings

SQLITE = pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
NIORT, AVIGNON = "79191", "84007"


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    command_line = CommandLine(db, tmp_path, monkeypatch)
    command_line.ok("project", "create", SEED)
    yield command_line
    settings.cache_clear()


def council_act(cli: CommandLine, **changes: str) -> list[object]:
    """A deliberation of today, with only what is always known of one, and its file."""
    fields = {
        "number": '"2026-112"',
        "session_date": paris_day(datetime.now(UTC)).isoformat(),
        "subject": "Projet partagé",
        "matter_code": '"8.9"',
        **changes,
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return ["--act", cli.document("acte.yaml", text), "--proof", cli.document("acte.pdf", text)]


def leave(cli: CommandLine) -> None:
    """Niort's contact confirms its mayor, then proposes that it leaves."""
    (office,) = (each for each in cli.json("authority", "list", "--party", NIORT) if each["kind"] == "office")
    cli.ok("authority", "confirm", office["id"], "--as", CONTACTS[NIORT])
    decision = cli.document("decision.pdf")
    leaving = ["--party", NIORT, "--reason", "Changement de priorités", "--file", decision]
    proposal = cli.json("party", "leave", SLUG, *leaving, "--as", CONTACTS[NIORT])
    cli.ok("authority", "confirm", proposal["id"], "--as", AGENT)


@SQLITE
def test_a_city_comes_back(cli: CommandLine) -> None:
    leave(cli)
    back = ["party", "return", SLUG, NIORT, *council_act(cli), "--as"]
    assert "il y faut un agent de l’ANCT" in cli.refused(*back, CONTACTS[NIORT])
    proposal = cli.json(*back, AGENT)
    assert (proposal["kind"], proposal["party"], proposal["status"]) == ("return", NIORT, "proposed")
    assert "autre personne" in cli.refused("authority", "confirm", proposal["id"], "--as", AGENT)
    assert cli.json("authority", "confirm", proposal["id"], "--as", CONTACTS[NIORT])["status"] == "confirmed"
    assert NIORT in {each["code"] for each in cli.json("project", "show", SLUG)["parties"]}


@SQLITE
def test_an_observer_becomes_a_signatory_and_names_who_signs(cli: CommandLine) -> None:
    observer = "zoe.blanc@avignon.example"
    contact = f"local_contact: {{name: Zoé Blanc, email: {observer}}}\n"
    city = cli.document("avignon.yaml", f'code: "{AVIGNON}"\nrole: observer\n{contact}')
    cli.ok("party", "join", SLUG, city, "--as", AGENT)
    ask = ["party", "become-signatory", SLUG, AVIGNON, *council_act(cli), "--as", observer]
    assert "Aucun maire ni président" in cli.refused(*ask)
    mayor = "signatory: {name: Luc Faure, email: luc.faure@avignon.example, quality: Maire}\n"
    proposal = cli.json(*ask, "--people", cli.document("gens.yaml", mayor))
    cli.ok("authority", "confirm", proposal["id"], "--as", AGENT)
    parties = {each["code"]: each["role"] for each in cli.json("project", "show", SLUG)["parties"]}
    assert parties[AVIGNON] == "signatory"


@SQLITE
def test_before_its_charter_is_signed_nobody_adheres_to_it(cli: CommandLine) -> None:
    adhere = ["party", "adhere", SLUG, NIORT, *council_act(cli), "--as", CONTACTS[NIORT]]
    assert "pas encore signée" in cli.refused(*adhere)


@SQLITE
def test_a_councils_act_goes_with_its_file(cli: CommandLine) -> None:
    city = cli.document("avignon.yaml", f'code: "{AVIGNON}"\nrole: observer\n')
    only_act = council_act(cli)[:2]
    assert "joignez l’extrait" in cli.refused("party", "join", SLUG, city, *only_act, "--as", AGENT)
