"""From the command line: a role ends, a name is corrected, the contractor is replaced, a person is erased."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_line import AGENT, CONTACTS, MAYORS, SLUG, CommandLine

from database.engine import Database
from models.paris_time import paris_day
from settings import settings

NIORT = "79191"
HUGO, SOLENE = CONTACTS[NIORT], MAYORS[NIORT]
REASON = ("--reason", "Changement de poste")


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    yield CommandLine(db, tmp_path, monkeypatch)
    settings.cache_clear()


@pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
def test_a_contact_goes_and_is_erased(cli: CommandLine) -> None:
    cli.in_review()
    end = ("role", "end", HUGO, "--role", "local_contact", "--as", AGENT)
    assert "donnez un motif" in plain(cli.refused(*end))
    assert "déjà passé" in plain(cli.refused(*end, *REASON, "--last-day", "2020-01-01"))
    assert "role end" in plain(cli.refused("person", "erase", HUGO, "--as", AGENT))
    said = plain(cli.ok(*end, *REASON))
    assert "Le rôle de Hugo Texier" in said
    assert "personne d’autre n’a ce rôle" in said
    assert "n’a pas de rôle" in plain(cli.refused(*end, *REASON))
    cli.ok("person", "erase", HUGO, "--as", AGENT)


@pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
def test_an_office_ends_later_as_programs_read_it(cli: CommandLine) -> None:
    cli.in_review()
    day = str(paris_day(datetime.now(UTC)) + timedelta(days=30))
    end = ("role", "end", SOLENE, "--role", "signatory", "--as", SOLENE, "--party", NIORT)
    answer = cli.json(*end, "--project", SLUG, "--last-day", day)
    assert (answer["last_day"], answer["leaves_nobody"], answer["orders"]) == (day, True, [])
    assert "seul" in plain(cli.refused(*end[:6], HUGO, *REASON))


@pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
def test_a_name_is_corrected(cli: CommandLine) -> None:
    cli.in_review()
    assert "Solène Roy" in cli.ok("person", "rename", SOLENE, "--name", "Solène Roy", "--as", AGENT)
    assert "déjà le nom" in plain(
        cli.refused("person", "rename", SOLENE, "--name", "Solène Roy", "--as", AGENT)
    )


@pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
def test_there_is_no_contractor_to_replace_yet(cli: CommandLine) -> None:
    cli.in_review()
    firm = (
        "--name",
        "Pont",
        "--siret",
        "73282932000082",
        "--contact-name",
        "Lou",
        "--contact-email",
        "lou@pont.example",
    )
    when = ("--amount", "90000", "--on", "2026-11-20", "--ended-on", "2026-11-20")
    refused = cli.refused("contractor", "replace", SLUG, "--as", AGENT, *firm, *when, *REASON)
    assert "pas encore de prestataire" in plain(refused)


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())
