"""``projet-partage authority``: who may sign what, on what evidence, what waits for whom, and its second key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import AGENT, CONTACTS, MAYORS, SEED, SLUG, CommandLine

from database.engine import Database
from settings import settings

NIORT, BOURGES = "79191", "18033"
DEPUTY = "lina.costa@niort.example"
KEYS = {
    "id", "kind", "party", "person", "status", "evidence", "waits_for", "what", "since", "until", "number",
}  # fmt: skip
CONTACT_OR_NAMED = (
    "l’interlocuteur privilégié de la collectivité ou la personne nommée, par ProConnect de l’organisation"
)


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    yield CommandLine(db, tmp_path, monkeypatch)
    settings.cache_clear()


def lines(cli: CommandLine, *options: object, **wanted: object) -> list[dict[str, Any]]:
    """What « authority list » says, of what has these values."""
    return [each for each in cli.json("authority", "list", *options) if wanted.items() <= each.items()]


def delegate(cli: CommandLine, who: str, *more: object) -> Any:
    cli.ok("person", "add", DEPUTY, "--name", "Lina Costa", "--role", "local_contact", "--party", NIORT)
    order = ["--order", "2026-117", "--scope", "charter", "--from", "2026-01-01", "--until", "2099-12-31"]
    return cli.json("delegation", "add", "--party", NIORT, "--delegate", DEPUTY, *order, "--as", who, *more)


def test_the_mayors_of_a_new_project_wait_for_their_cities(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    offices = lines(cli)
    assert {each["party"]: each["person"] for each in offices} == MAYORS
    assert {frozenset(each) for each in offices} == {frozenset(KEYS)}
    assert {(each["kind"], each["status"], each["evidence"], each["waits_for"]) for each in offices} == {
        ("office", "proposed", "declared", CONTACT_OR_NAMED)
    }
    (niort,) = lines(cli, "--party", NIORT)
    confirmed = cli.confirm(niort["id"], CONTACTS[NIORT])
    assert (confirmed["id"], confirmed["status"], confirmed["waits_for"]) == (niort["id"], "confirmed", None)
    (held,) = lines(cli, "--party", NIORT)
    assert (held["id"], held["person"], held["status"], held["evidence"], held["waits_for"]) == (
        niort["id"], MAYORS[NIORT], "in_force", "confirmed", None,
    )  # fmt: skip


def test_what_it_prints_says_whom_each_thing_waits_for(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    (niort,) = lines(cli, "--party", NIORT)
    assert "voulez-vous dire 79191 (Niort) ?" in cli.refused("authority", "list", "--party", "Ville de Niort")
    assert cli.json("authority", "list", "--party", "44109") == []
    table = cli.ok("authority", "list", "--party", NIORT).replace("\u00a0", " ")
    assert "à confirmer" in table
    assert "l’interlocuteur privilégié" in " ".join(table.split())
    said = cli.ok("authority", "confirm", niort["id"], "--as", CONTACTS[NIORT]).replace("\u00a0", " ")
    assert said == "« Fonction de maire ou de président de Niort » : confirmée.\n"
    assert "confirmée par la ville" in " ".join(cli.ok("authority", "list", "--party", NIORT).split())


def test_nobody_is_both_keys_and_a_city_confirms_for_itself(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    (niort,) = lines(cli, "--party", NIORT)
    confirm = ["authority", "confirm", niort["id"], "--as"]
    assert "une autre personne, d’une autre adresse" in cli.refused(*confirm, AGENT)
    for stranger in (CONTACTS[BOURGES], MAYORS[BOURGES]):
        assert "n’existe pas, ou ne vous concerne pas" in cli.refused(*confirm, stranger)
    assert "n’existe pas" in cli.refused(*confirm[:2], 999999, "--as", AGENT)
    assert lines(cli, "--party", NIORT) == [niort]


def test_a_new_mayor_is_proposed_and_the_former_one_signs_until_they_are_confirmed(cli: CommandLine) -> None:
    cli.in_review()
    add = ["person", "add", "nadege.roy@niort.example", "--name", "Nadège Roy", "--role", "signatory"]
    said = cli.ok(*add, "--party", NIORT).replace("\u00a0", " ")
    assert "est proposé (n°" in said
    assert "authority confirm" in said
    number = cli.json(*add, "--party", NIORT)["proposal"]
    assert f"(n° {number})" in said, "asked again, it is the same proposal"
    cli.ok(*cli.sign(NIORT))
    assert cli.confirm(number, CONTACTS[NIORT])["status"] == "confirmed"
    assert [each["person"] for each in lines(cli, "--party", NIORT, kind="office")] == [
        "nadege.roy@niort.example"
    ]
    assert cli.json(*add, "--party", NIORT)["proposal"] is None, "who holds it already is proposed no more"
    (sign_off,) = cli.json("project", "show", SLUG)["stages"][0]["deliverables"][0]["sign_offs"]
    assert (sign_off["signed_by"], sign_off["counts"]) == (MAYORS[NIORT], True), "what was signed stands"


def test_a_delegation_recorded_by_the_contact_waits_for_the_mayor(cli: CommandLine) -> None:
    cli.create()
    recorded = delegate(cli, CONTACTS[NIORT])
    assert (recorded["id"], recorded["status"]) == (None, "proposed")
    assert recorded["waits_for"] == "le maire ou président"
    (waiting,) = lines(cli, kind="delegation")
    assert (waiting["id"], waiting["person"], waiting["number"]) == (recorded["proposal"], DEPUTY, None)
    refused = cli.refused("authority", "confirm", waiting["id"], "--as", AGENT)
    assert refused.endswith("il y faut le maire ou président.")
    given = cli.confirm(waiting["id"], MAYORS[NIORT])
    (delegation,) = lines(cli, kind="delegation")
    assert (delegation["status"], delegation["evidence"], delegation["number"]) == (
        "in_force", "confirmed", given["result"],
    )  # fmt: skip


def test_an_agent_who_can_read_the_order_s_file_may_confirm_it(cli: CommandLine) -> None:
    cli.create()
    recorded = delegate(cli, CONTACTS[NIORT], "--file", cli.document("arrete.pdf", "Arrêté 2026-117"))
    assert recorded["waits_for"] == "un agent de l’ANCT ou le maire ou président"
    cli.confirm(recorded["proposal"])
    (delegation,) = lines(cli, kind="delegation")
    assert (delegation["status"], delegation["evidence"]) == ("in_force", "act")


def test_the_mayor_s_own_order_waits_for_nobody(cli: CommandLine) -> None:
    cli.create()
    recorded = delegate(cli, MAYORS[NIORT])
    assert (recorded["status"], recorded["waits_for"]) == ("confirmed", None)
    assert recorded["id"] == lines(cli, kind="delegation")[0]["number"]


def test_it_is_dropped_by_its_side_or_declined_by_the_other(cli: CommandLine) -> None:
    cli.create()
    number = delegate(cli, CONTACTS[NIORT])["proposal"]
    drop = ["authority", "drop", number, "--as"]
    assert "n’existe pas" in cli.refused(*drop, CONTACTS[BOURGES])
    declined = cli.json(*drop, MAYORS[NIORT], "--reason", "Je n’ai rien signé de tel")
    assert (declined["status"], declined["reason"]) == ("declined", "Je n’ai rien signé de tel")
    assert "est écartée" in cli.refused(*drop, CONTACTS[NIORT])
    again = delegate(cli, CONTACTS[NIORT])["proposal"]
    said = cli.ok("authority", "drop", again, "--as", CONTACTS[NIORT]).replace("\u00a0", " ")
    assert said.rstrip().endswith("retirée.")
    assert lines(cli, kind="delegation") == []


def test_nobody_signs_and_nothing_waits_in_an_empty_system(cli: CommandLine) -> None:
    assert cli.json("authority", "list") == []
    assert cli.ok("authority", "list").strip() == "Personne ne peut signer, et rien n’attend."
