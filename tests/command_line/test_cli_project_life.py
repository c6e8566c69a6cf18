"""The command line takes the real project from its creation to its signed charter."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import AGENT, CONTACTS, EXAMPLES, MAYORS, SEED, SLUG, CommandLine

from database.engine import Database
from models.paris_time import paris_day
from models.scdl import scdl_row
from settings import settings

CONTRACTOR = "jeanne.arnal@regards-croises.example"
SQLITE = pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    yield CommandLine(db, tmp_path, monkeypatch)
    settings.cache_clear()


def sign_by_council(cli: CommandLine, code: str) -> None:
    proposed = cli.json(*cli.sign(code, *cli.council_act(code), key="charte", stage="charter"))
    assert cli.confirm(proposed["id"])["status"] == "confirmed"


def test_the_project_goes_from_its_creation_to_its_signed_charter(cli: CommandLine) -> None:
    cli.charter_in_review()
    for code in MAYORS:
        sign_by_council(cli, code)
    missing = cli.json("project", "show", SLUG)["stages"][1]["missing"]
    assert [each["what"] for each in missing] == ["agency_signature"]
    cli.ok(*cli.sign_charter())
    cli.flow_closes("charter")

    project = cli.json("project", "show", SLUG)
    assert project["current_stage"] == "terms_of_reference"
    assert [stage["status"] for stage in project["stages"][:3]] == ["closed", "closed", "planned"]
    sign_offs = project["stages"][1]["deliverables"][0]["sign_offs"]
    assert {each["act_kind"] for each in sign_offs} == {"deliberation"}
    assert len(project["commitments"]) > 4 * 5
    assert "Journal intact" in cli.ok("audit", "verify").replace("\u00a0", " ")


def test_show_tells_programs_what_interfaces_promise(cli: CommandLine) -> None:
    sha256 = cli.in_review()
    cli.ok(*cli.sign("78361"))
    project = cli.json("project", "show", SLUG)

    assert (project["slug"], project["title"], project["status"]) == (SLUG, "Démocratie culturelle", "active")
    assert project["current_stage"] == "constitution"
    assert {"code": "78361", "name": "Mantes-la-Jolie", "role": "signatory"}.items() <= project["parties"][
        0
    ].items()
    stage = project["stages"][0]
    assert (stage["key"], stage["status"], stage["round"]) == ("constitution", "in_review", 1)
    assert datetime.fromisoformat(stage["opened_at"]).utcoffset() is not None
    expected = {
        "deliverable": "note_de_cadrage",
        "deliverable_party": None,
        "party": "79191",
        "what": "sign_off",
    }
    assert expected.items() <= stage["missing"][0].items()
    note = stage["deliverables"][0]
    assert (note["key"], note["party"], note["version"], note["sha256"]) == (
        "note_de_cadrage",
        None,
        1,
        sha256,
    )
    assert note["submitted_by"] == AGENT
    (sign_off,) = note["sign_offs"]
    expected = {
        "party": "78361",
        "decision": "approved",
        "act_kind": "elected_signature",
        "signed_by": MAYORS["78361"],
        "version": 1,
        "voided": False,
    }
    assert expected.items() <= sign_off.items()
    assert datetime.fromisoformat(sign_off["at"]).utcoffset() is not None


@SQLITE
def test_create_prints_the_slug_alone(cli: CommandLine) -> None:
    assert cli.ok("project", "create", SEED) == f"{SLUG}\n"


@SQLITE
def test_a_sign_off_shows_the_hash_it_was_bound_to(cli: CommandLine) -> None:
    sha256 = cli.in_review()
    assert sha256 in cli.ok(*cli.sign("79191"))
    assert cli.json(*cli.sign("78361", "--sha256", sha256))["sha256"] == sha256


@SQLITE
def test_show_draws_who_has_signed_which_version_and_who_is_awaited(cli: CommandLine) -> None:
    cli.in_review()
    cli.ok(*cli.sign("78361"))
    shown = cli.ok("project", "show", SLUG).replace("\u00a0", " ")
    lines = shown.splitlines()
    (mantes,) = [line for line in lines if line.startswith("Mantes-la-Jolie")]
    assert "v1 : approuvé le" in mantes
    (niort,) = [line for line in lines if line.startswith("Niort  ")]
    assert niort.endswith("v1 : attendu")
    assert "- Niort : valider « Note de cadrage »" in shown


@SQLITE
def test_a_signature_on_paper_is_recorded_by_the_local_contact_and_shown_as_such(cli: CommandLine) -> None:
    cli.in_review()
    words = cli.sign("79191", "--proof", cli.document("scan.pdf"), "--signed-on", "2021-09-20")
    words[words.index(MAYORS["79191"])] = CONTACTS["79191"]
    assert "avant que le texte à valider ne soit déposé" in cli.refused(*words)
    said = cli.ok(*words, "--early-reason", "Signé en séance, numérisé depuis").replace("\u00a0", " ")
    assert "ne donne rien avant d’être confirmé" in said
    assert cli.json("project", "show", SLUG)["stages"][0]["deliverables"][0]["sign_offs"] == []
    (waiting,) = cli.json("project", "show", SLUG)["stages"][0]["pending_confirmations"]
    assert f"authority confirm {waiting['id']} --as" in said
    cli.confirm(waiting["id"])
    (sign_off,) = cli.json("project", "show", SLUG)["stages"][0]["deliverables"][0]["sign_offs"]
    assert (sign_off["signed_by"], sign_off["recorded_by"]) == (MAYORS["79191"], CONTACTS["79191"])
    assert (sign_off["act_kind"], sign_off["acted_on"][:10]) == ("elected_signature", "2021-09-20")
    assert (sign_off["paper"], sign_off["counts"], sign_off["evidence"]) == (True, True, "act")
    assert "signature d’un élu (sur papier)" in cli.ok("project", "show", SLUG)


@SQLITE
def test_a_decision_is_withdrawn_then_given_again(cli: CommandLine) -> None:
    cli.in_review()
    cli.ok(*cli.sign("78361"))
    withdraw = ["sign-off", "withdraw", SLUG, "constitution", "note_de_cadrage", "--party", "78361"]
    cli.ok(*withdraw, "--as", MAYORS["78361"], "--reason", "Relecture demandée par le conseil")
    cli.ok(*cli.sign("78361"))
    sign_offs = cli.json("project", "show", SLUG)["stages"][0]["deliverables"][0]["sign_offs"]
    assert [each["withdrawn"] for each in sign_offs] == [True, False]


@SQLITE
def test_a_delegate_signs_within_the_delegation(cli: CommandLine) -> None:
    cli.in_review()
    deputy = "lina.costa@niort.example"
    cli.ok("person", "add", deputy, "--name", "Lina Costa", "--role", "local_contact", "--party", "79191")
    dates = ["--from", "2021-01-01", "--until", "2099-12-31"]
    order = ["--order", "2021-117", "--scope", "constitution", "--as", MAYORS["79191"], "--elected"]
    cli.ok("delegation", "add", "--party", "79191", "--delegate", deputy, *dates, *order)
    words = cli.sign("79191")
    words[words.index(MAYORS["79191"])] = deputy
    cli.ok(*words)
    (sign_off,) = cli.json("project", "show", SLUG)["stages"][0]["deliverables"][0]["sign_offs"]
    assert (sign_off["signed_by"], sign_off["act_kind"]) == (deputy, "elected_signature")


@SQLITE
def test_deliberations_are_exported_in_the_national_schema_without_a_formula(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_a_formula(*acts: Any, **values: Any) -> dict[str, str]:
        return scdl_row(*acts, **values) | {"DELIB_OBJET": "=1+1"}

    cli.charter_in_review()
    sign_by_council(cli, "78361")
    sign_by_council(cli, "79191")
    monkeypatch.setattr("queries.projects.export_deliberations.scdl_row", with_a_formula)
    result = cli.run("export", "deliberations", SLUG, "--format", "csv", "--siret", "78361=21780361800024")
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["COLL_NOM"] for row in rows] == ["Mantes-la-Jolie", "Niort"]
    assert {row["DELIB_OBJET"] for row in rows} == {"'=1+1"}
    assert rows[0]["COLL_SIRET"] == "21780361800024"
    assert rows[0]["DELIB_DATE"] == f"{paris_day(datetime.now(UTC))}"
    assert rows[1]["COLL_SIRET"].startswith("2179019170001")
    assert "SIRET de Niort supposé" in result.stderr
    assert "Mantes-la-Jolie" not in result.stderr


@SQLITE
def test_the_contract_the_strands_and_the_commitments_have_their_commands(cli: CommandLine) -> None:
    cli.charter_in_review()
    for code in MAYORS:
        sign_by_council(cli, code)
    cli.ok(*cli.sign_charter())
    cli.flow_closes("charter")

    firm = [
        "--name",
        "Coopérative Regards Croisés",
        "--siret",
        "73282932000074",
        "--contact-name",
        "Jeanne Arnal",
    ]
    award = [
        "--contact-email",
        "jeanne.arnal@regards-croises.example",
        "--amount",
        "148 500,00",
        "--on",
        "2022-01-10",
    ]
    member = [
        "--member",
        "Atelier des Communs;55208131766522;Karim Haddad;karim.haddad@atelier-communs.example",
    ]
    awarded = cli.json("contractor", "appoint", SLUG, "--as", AGENT, *firm, *award, *member)
    assert (awarded["amount_eur"], len(awarded["firms"])) == ("148500.00", 2)

    commitments = cli.json("commitment", "list", SLUG)
    mine = next(each for each in commitments if each["owner"] == "78361")
    report = cli.document("bilan.pdf", "fait")
    kept = cli.json("commitment", "keep", mine["id"], "--as", CONTACTS["78361"], "--evidence", report)
    assert (kept["status"], kept["evidence"]) == ("kept", "bilan.pdf")
    assert len(kept["evidence_sha256"]) == 64
    other = next(each for each in commitments if each["owner"] == "79191")
    cli.ok("commitment", "waive", other["id"], "--as", AGENT, "--reason", "Sans objet")
    assert "levé" in cli.ok("commitment", "list", SLUG)


def to_the_consultation(cli: CommandLine) -> None:
    cli.charter_in_review()
    for code in MAYORS:
        sign_by_council(cli, code)
    cli.ok(*cli.sign_charter())
    cli.flow_closes("charter")
    cli.ok("stage", "open", SLUG, "terms_of_reference", "--as", AGENT)
    cli.flow_opens("terms_of_reference")
    terms = cli.document("cahier.md")
    cli.ok("deliverable", "submit", SLUG, "terms_of_reference", "cahier_des_charges", terms, "--as", AGENT)
    cli.flow_starts_review("terms_of_reference")
    for code in MAYORS:
        cli.ok(*cli.sign(code, stage="terms_of_reference", key="cahier_des_charges"))
    contact = ["--contact-name", "Jeanne Arnal", "--contact-email", CONTRACTOR, "--amount", "148500"]
    firm = ["--name", "Coopérative Regards Croisés", "--siret", "73282932000074", "--on", "2022-01-10"]
    cli.ok("contractor", "appoint", SLUG, "--as", AGENT, *firm, *contact)
    cli.flow_closes("terms_of_reference")
    cli.ok("stage", "open", SLUG, "territorial_diagnosis", "--as", AGENT)
    cli.flow_opens("territorial_diagnosis")
    submit = ["deliverable", "submit", SLUG, "territorial_diagnosis"]
    for code, contact_email in CONTACTS.items():
        own = cli.document(f"diagnostic-{code}.md", f"diagnostic de {code}")
        cli.ok(*submit, "diagnostic", own, "--party", code, "--as", contact_email)
    cli.ok(*submit, "synthese_croisee", cli.document("synthese.md"), "--as", CONTRACTOR)
    cli.flow_starts_review("territorial_diagnosis")


@SQLITE
def test_each_city_signs_its_own_diagnosis_and_no_other(cli: CommandLine) -> None:
    to_the_consultation(cli)
    own = {"stage": "territorial_diagnosis", "key": "diagnostic"}
    told = cli.refused(*cli.sign("79191", "--deliverable-party", "78361", **own))
    assert "Niort ne valide pas « Diagnostic territorial »" in told

    refusal = [*cli.sign("35126", "--reason", "Les associations du bourg n’ont pas été entendues", **own)]
    refusal[refusal.index("approved")] = "refused"
    cli.ok(*refusal)
    assert cli.json("project", "show", SLUG)["stages"][3]["status"] == "revision_requested"
    again = cli.document("diagnostic-v2.md", "complété")
    cli.ok(
        *["deliverable", "submit", SLUG, "territorial_diagnosis", "diagnostic", again],
        *["--party", "35126", "--as", CONTACTS["35126"]],
    )
    for code in MAYORS:
        cli.ok(*cli.sign(code, **own))
    shown = cli.ok("project", "show", SLUG).splitlines()
    (guichen,) = [line for line in shown if line.startswith("Guichen")]
    assert "v2 : approuvé le" in guichen
    assert guichen.endswith("v1 : attendu")
    for code in MAYORS:
        cli.ok(*cli.sign(code, stage="territorial_diagnosis", key="synthese_croisee"))
    cli.flow_closes("territorial_diagnosis")
    diagnoses = cli.json("project", "show", SLUG)["stages"][3]["deliverables"][:4]
    assert [each["party"] for each in diagnoses] == list(MAYORS)
    assert [each["voided"] for each in diagnoses[3]["sign_offs"]] == [True, False]


@SQLITE
def test_a_city_records_the_strands_of_its_consultation(cli: CommandLine) -> None:
    to_the_consultation(cli)
    for code in MAYORS:
        cli.ok(*cli.sign(code, stage="territorial_diagnosis", key="diagnostic"))
        cli.ok(*cli.sign(code, stage="territorial_diagnosis", key="synthese_croisee"))
    cli.flow_closes("territorial_diagnosis")
    cli.ok("stage", "open", SLUG, "consultation", "--as", AGENT)
    cli.flow_opens("consultation")
    report = [
        "deliverable",
        "submit",
        SLUG,
        "consultation",
        "bilan_de_concertation",
        cli.document("bilan.md"),
    ]
    mine = ["--party", "78361", "--as", CONTACTS["78361"]]
    cli.refused(*report, *mine)
    for strand in ("citizens", "professionals", "artistic_programme"):
        held = ["--strand", strand, "--on", "2022-06-21", "--participants", "120"]
        cli.ok("consultation", "record", SLUG, *held, *mine)
    cli.ok(*report, *mine)
    missing = cli.json("project", "show", SLUG)["stages"][4]["missing"]
    assert [each["what"] for each in missing if each["party"] == "78361"] == ["sign_off"]
    assert "« danse » n’est pas un volet" in cli.refused(
        "consultation",
        "record",
        SLUG,
        *mine,
        "--strand",
        "danse",
        "--on",
        "2022-06-21",
        "--participants",
        "1",
    )


@SQLITE
def test_a_minor_revision_keeps_the_sign_offs(cli: CommandLine) -> None:
    cli.in_review()
    cli.ok(*cli.sign("78361"))
    typo = [
        "deliverable",
        "submit",
        SLUG,
        "constitution",
        "note_de_cadrage",
        cli.document("v2.md", "Coquille."),
    ]
    assert "motif" in cli.refused(*typo, "--as", AGENT, "--minor")
    revised = cli.json(*typo, "--as", AGENT, "--minor", "--reason", "une coquille")
    assert (revised["version"], revised["round"], revised["is_minor"]) == (2, 1, True)
    assert revised["objections_until"] is not None
    (sign_off,) = cli.json("project", "show", SLUG)["stages"][0]["deliverables"][0]["sign_offs"]
    assert sign_off["voided"] is False
    assert "approuvé" in cli.ok("project", "show", SLUG)


@SQLITE
def test_a_signer_objects_to_a_minor_revision(cli: CommandLine) -> None:
    cli.in_review()
    signed = cli.sign("78361")
    mayor = signed[signed.index("--as") + 1]
    cli.ok(*signed)
    where = [SLUG, "constitution", "note_de_cadrage"]
    typo = ["deliverable", "submit", *where, cli.document("v2.md", "Coquille.")]
    cli.ok(*typo, "--as", AGENT, "--minor", "--reason", "une coquille")
    objects = ["deliverable", "object", *where, "--party", "78361", "--as"]
    assert "ne peut pas s’opposer" in cli.refused(*objects, AGENT)
    objected = cli.json(*objects, mayor)
    assert (objected["version"], objected["round"]) == (2, 2)
    assert "est une nouvelle version" in cli.ok(*objects, mayor)


@SQLITE
def test_a_minor_revision_of_the_charter_is_refused(cli: CommandLine) -> None:
    cli.charter_in_review()
    text = cli.document("charte-v2.md", "Une autre charte.")
    revised = ["deliverable", "submit", SLUG, "charter", "charte", text, "--as", AGENT]
    assert "n’admet pas de révision mineure" in cli.refused(*revised, "--minor", "--reason", "une coquille")


@SQLITE
def test_a_deadline_is_extended_and_a_project_paused_then_resumed(cli: CommandLine) -> None:
    cli.in_review()
    moved = cli.json(
        "stage",
        "extend",
        SLUG,
        "constitution",
        "--until",
        "2099-01-31",
        "--reason",
        "Élections",
        "--as",
        AGENT,
    )
    assert moved["due_on"] == "2099-01-31"
    cli.ok("project", "pause", SLUG, "--as", AGENT, "--reason", "Élections municipales")
    assert cli.json("project", "list")[0]["status"] == "paused"
    cli.ok("project", "resume", SLUG, "--as", AGENT, "--reason", "Elles sont passées")
    assert cli.json("project", "show", SLUG)["status"] == "active"


@SQLITE
def test_a_city_joins_and_another_leaves(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    file = cli.document(
        "avignon.yaml",
        'code: "84007"\nrole: signatory\n'
        "local_contact: {name: Zoé Blanc, email: zoe.blanc@avignon.example}\n"
        "signatory: {name: Luc Faure, email: luc.faure@avignon.example, quality: Maire}\n",
    )
    assert cli.json("party", "join", SLUG, file, "--as", AGENT)["name"] == "Avignon"
    decision = cli.document("decision.pdf")
    leaving = ["--party", "79191", "--reason", "Changement de priorités", "--file", decision]
    proposed = cli.json("party", "leave", SLUG, *leaving, "--as", CONTACTS["79191"])
    assert (proposed["kind"], proposed["status"]) == ("departure", "proposed")
    assert cli.json("project", "show", SLUG)["departed_parties"] == []
    assert cli.confirm(proposed["id"])["status"] == "confirmed"
    assert cli.json("project", "list")[0]["status"] == "active"
    project = cli.json("project", "show", SLUG)
    assert [each["code"] for each in project["departed_parties"]] == ["79191"]
    assert "79191" not in {each["code"] for each in project["parties"]}


@SQLITE
def test_the_real_list_of_the_agency_is_imported_after_a_dry_run(cli: CommandLine) -> None:
    anct = EXAMPLES / "anct-projets-partages.csv"
    before = cli.rows()
    tried = cli.json("project", "import-anct", anct, "--dry-run")
    assert cli.rows() == before
    shown = cli.ok("project", "import-anct", anct)
    assert "09306" in shown
    listed = [each["slug"] for each in cli.json("project", "list")]
    assert listed == tried["projects"]
    assert len(listed) == 3
    cli.ok("person", "add", AGENT, "--name", "Camille Roussel", "--role", "agency_agent")
    cli.ok("project", "take-charge", listed[0], "--as", AGENT)


@SQLITE
def test_a_list_with_a_refused_line_ends_with_status_1_tried_or_not(cli: CommandLine) -> None:
    text = (EXAMPLES / "anct-projets-partages.csv").read_text(encoding="utf-8")
    anct = cli.document("liste.csv", text.replace(",79191,Niort", ",79191,Nior"))
    tried = cli.run("project", "import-anct", anct, "--dry-run")
    done = cli.run("project", "import-anct", anct, "--json")
    assert (tried.exit_code, done.exit_code) == (1, 1)
    assert "importez-la de nouveau" in tried.stderr
    assert [each["line"] for each in json.loads(done.stdout)["refusals"]] == [2, 5]
    finished = cli.json("project", "import-anct", EXAMPLES / "anct-projets-partages.csv")
    assert finished["projects"] == ["democratie-culturelle-2021"]


@SQLITE
def test_the_journal_is_read_in_french_and_any_change_in_it_is_named(cli: CommandLine) -> None:
    cli.in_review()
    log = cli.ok("audit", "log", SLUG)
    assert "livrable déposé" in log
    assert "Camille Roussel" in log
    assert cli.json("audit", "log", SLUG)[0]["event"] == "project.created"
    with cli.db.write_statements() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_entry_no_update")
        connection.exec_driver_sql(
            "UPDATE audit_entry SET event = 'rien' WHERE event = 'deliverable.submitted'"
        )
    result = cli.run("audit", "verify")
    assert result.exit_code == 1
    assert "son contenu a été modifié" in result.stdout
    assert cli.run("audit", "verify", "--json").exit_code == 1


@pytest.mark.parametrize("db_url", ["postgresql"], indirect=True)
def test_a_text_too_long_for_the_database_is_refused_whole(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    refusal = cli.refused("project", "pause", SLUG, "--as", AGENT, "--reason", "a" * 3000)
    assert "3000 caractères ; raccourcissez à 2000 au plus" in refusal
