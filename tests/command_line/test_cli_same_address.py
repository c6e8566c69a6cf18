"""The commands refuse somebody named at an address that is registered under another name: at its line and field."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import AGENT, SEED, SLUG, CommandLine

from database.engine import Database
from settings import settings

pytestmark = pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
HUGO, OTHER = "hugo.texier@niort.example", "Malo Nouvel"


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    yield CommandLine(db, tmp_path, monkeypatch)
    settings.cache_clear()


MAILBOX = """title: L’été d’à côté
theme: culture
period: {from: 2026-11-01, until: 2028-06-30}
agency_agent: {name: Alix Martin, email: alix.martin@anct.example}
parties:
  - code: "22113"
    role: signatory
    local_contact: {name: Rose Guillou, email: mairie@lannion.example}
    signatory:
      name: Malo Nouvel
      email: Mairie@lannion.example
  - code: "94038"
    role: signatory
    local_contact: {name: Ana Ruiz, email: ana@lhay.example}
    signatory: {name: Zoé Blanc, email: zoe@lhay.example}
  - code: "97411"
    role: signatory
    local_contact: {name: Ary Hoarau, email: ary@stdenis.example}
    signatory: {name: Léa Payet, email: lea@stdenis.example}
"""


def test_two_people_of_a_file_at_one_address_are_refused_at_their_line_and_field(cli: CommandLine) -> None:
    refusal = cli.refused("project", "create", cli.document("projet.yaml", MAILBOX))
    assert "projet.yaml, ligne 11, champ parties n° 1, signatory" in refusal
    assert "déjà l’adresse de Rose Guillou, et vous nommez « Malo Nouvel »" in refusal
    assert cli.rows()["person"] == 0


def test_a_command_says_who_is_known(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    asked = ("person", "add", HUGO, "--name", OTHER, "--role", "agency_agent")
    assert "déjà l’adresse de Hugo Texier" in cli.refused(*asked)
    joins = cli.document(
        "ville.yaml", f"code: '44109'\nrole: observer\nlocal_contact: {{name: {OTHER}, email: {HUGO}}}"
    )
    refusal = cli.refused("party", "join", SLUG, joins, "--as", AGENT)
    assert "ville.yaml, ligne 3, champ local_contact" in refusal


def test_two_people_of_a_file_share_a_mailbox_when_it_says_so(cli: CommandLine) -> None:
    shared = MAILBOX.replace(
        "email: Mairie@lannion.example", "email: Mairie@lannion.example\n      shares_mailbox: true"
    )
    slug = cli.ok("project", "create", cli.document("projet.yaml", shared)).strip()
    agent, mailbox = "alix.martin@anct.example", "mairie@lannion.example"
    refusal = cli.refused("project", "pause", slug, "--as", mailbox, "--reason", "Élections")
    assert "Plusieurs personnes partagent l’adresse" in refusal
    assert f"« Rose Guillou <{mailbox}> »" in refusal
    cli.ok("person", "rename", f"malo nouvel <{mailbox}>", "--name", "Malo Le Nouvel", "--as", agent)
    who = f"Rose Guillou <{mailbox}>"
    assert "ne peut pas mettre en pause" in cli.refused(
        "project", "pause", slug, "--as", who, "--reason", "Non"
    )


def test_a_command_says_that_a_mailbox_is_shared(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    asked = ("person", "add", HUGO, "--name", OTHER, "--role", "local_contact", "--party", "79191")
    assert "--shares-mailbox" in cli.refused(*asked)
    cli.ok(*asked, "--shares-mailbox")
