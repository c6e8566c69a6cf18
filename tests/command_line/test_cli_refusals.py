"""What the command line refuses: one French sentence that says what to do, exit 1, nothing half-written."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from command_line import AGENT, CONTACTS, COUNCIL_ACTS, EXAMPLES, MAYORS, SEED, SLUG, CommandLine

from database.engine import Database
from models.outbox import Nudge
from settings import settings

pytestmark = pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    yield CommandLine(db, tmp_path, monkeypatch)
    settings.cache_clear()


def project_file(cli: CommandLine, *changes: tuple[str, str]) -> Path:
    """The real project with each text replaced by another, wherever it stands."""
    text = SEED.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return cli.document("projet.yaml", text)


def without_the_last_parties(count: int) -> str:
    text = SEED.read_text(encoding="utf-8")
    parts = text.split("  - code: ")
    return "  - code: ".join(parts[: len(parts) - count])


PARTY = """  - code: "{code}"
    role: signatory
    local_contact: {{name: Zoé Blanc, email: zoe.blanc@ville.example}}
    signatory: {{name: Luc Faure, email: luc.faure{code}@ville.example, quality: Maire}}
"""


# --- the project file ---


def test_an_unknown_commune(cli: CommandLine) -> None:
    refusal = cli.refused("project", "create", project_file(cli, ('"79191"', '"79999"')))
    assert "79999" in refusal
    assert "Code officiel géographique" in refusal


def test_two_parties_with_one_code(cli: CommandLine) -> None:
    refusal = cli.refused("project", "create", project_file(cli, ('"79191"', '"78361"')))
    assert "deux parties portent le code 78361" in refusal


def test_two_signatories(cli: CommandLine) -> None:
    refusal = cli.refused("project", "create", cli.document("projet.yaml", without_the_last_parties(2)))
    assert "de 3 à 5 collectivités signataires, et celui-ci en compte 2 : ajoutez-en ou retirez-en" in refusal


def test_six_signatories(cli: CommandLine) -> None:
    text = SEED.read_text(encoding="utf-8") + PARTY.format(code="84007") + PARTY.format(code="69123")
    refusal = cli.refused("project", "create", cli.document("projet.yaml", text))
    assert "celui-ci en compte 6" in refusal


def test_a_signatory_with_no_email(cli: CommandLine) -> None:
    refusal = cli.refused(
        "project", "create", project_file(cli, (", email: solene.guerin@niort.example", ""))
    )
    assert "projet.yaml, ligne 27" in refusal
    assert "champ parties n° 2, signatory, email" in refusal
    assert "ajoutez-la" in refusal


def test_a_signatory_with_no_person_to_sign(cli: CommandLine) -> None:
    line = "    signatory: {name: Solène Guérin, email: solene.guerin@niort.example, quality: Maire}\n"
    refusal = cli.refused("project", "create", project_file(cli, (line, "")))
    assert "79191 doit nommer son signataire" in refusal


def test_an_email_that_is_not_one(cli: CommandLine) -> None:
    refusal = cli.refused(
        "project", "create", project_file(cli, ("solene.guerin@niort.example", "solene.guerin"))
    )
    assert "« solene.guerin » n’est pas une adresse électronique" in refusal


def test_a_yaml_typo_is_told_by_file_line_and_field(cli: CommandLine) -> None:
    refusal = cli.refused("project", "create", project_file(cli, ("theme:", "thème:")))
    assert "projet.yaml, ligne 6, champ thème : clé inconnue" in refusal
    assert "vouliez-vous dire « theme »" in refusal


def test_a_broken_yaml(cli: CommandLine) -> None:
    refusal = cli.refused("project", "create", project_file(cli, ("{from: 2021-09-01,", "{from 2021-09-01,")))
    assert "ligne 7" in refusal


def test_a_deadline_before_the_start(cli: CommandLine) -> None:
    refusal = cli.refused(
        "project", "create", project_file(cli, ("charter: 2021-11-15", "charter: 2020-11-15"))
    )
    assert (
        "champ calendar, charter : l’échéance (15/11/2020) tombe avant le début du projet (01/09/2021)"
        in refusal
    )


def test_an_end_before_the_start(cli: CommandLine) -> None:
    refusal = cli.refused("project", "create", project_file(cli, ("until: 2022-12-31", "until: 2020-12-31")))
    assert "la fin (31/12/2020) doit venir après le début (01/09/2021)" in refusal


def test_a_deadline_for_a_stage_that_does_not_exist(cli: CommandLine) -> None:
    refusal = cli.refused("project", "create", project_file(cli, ("  charter: 2021", "  chartre: 2021")))
    assert "« chartre » est inconnu" in refusal


def test_a_project_twice(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    assert "existe déjà" in cli.refused("project", "create", SEED)


@pytest.mark.parametrize(
    ("name", "text", "reason"), [("absent.yaml", None, "introuvable"), ("vide.yaml", "", "vide")]
)
def test_a_project_file_missing_or_empty(cli: CommandLine, name: str, text: str | None, reason: str) -> None:
    path = cli.folder / name if text is None else cli.document(name, text)
    assert reason in cli.refused("project", "create", path)


# --- the documents ---


def test_a_deliverable_whose_file_is_missing_or_empty(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    cli.ok("stage", "open", SLUG, "constitution", "--as", AGENT)
    cli.flow_opens("constitution")
    submit = ["deliverable", "submit", SLUG, "constitution", "note_de_cadrage"]
    assert "n’existe pas" in cli.refused(*submit, cli.folder / "absent.pdf", "--as", AGENT)
    assert "est vide" in cli.refused(*submit, cli.document("vide.pdf", ""), "--as", AGENT)
    assert "n’est pas un fichier" in cli.refused(*submit, cli.folder, "--as", AGENT)


def test_a_list_of_the_agency_missing_or_empty(cli: CommandLine) -> None:
    assert "n’existe pas" in cli.refused("project", "import-anct", cli.folder / "absent.csv")
    assert "est vide" in cli.refused("project", "import-anct", cli.document("vide.csv", ""))


def test_the_evidence_of_a_commitment_is_a_file_that_is_missing(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    refusal = cli.refused("commitment", "keep", 1, "--as", AGENT, "--evidence", "bilan.pdf")
    assert "« bilan.pdf » n’existe pas" in refusal


# --- signing ---


def test_a_hash_that_is_not_the_current_one(cli: CommandLine) -> None:
    first = cli.in_review()
    second = cli.document("note-v2.md", "Une note revue.")
    cli.ok("deliverable", "submit", SLUG, "constitution", "note_de_cadrage", second, "--as", AGENT)
    refusal = cli.refused(*cli.sign("78361", "--sha256", first))
    assert "Vous avez lu la version 1" in refusal
    assert "lisez-la, puis validez-la" in refusal


def test_a_hash_that_was_never_submitted(cli: CommandLine) -> None:
    cli.in_review()
    assert "n’est celle d’aucune version" in cli.refused(*cli.sign("78361", "--sha256", "0" * 64))


@pytest.mark.parametrize("person", [AGENT, CONTACTS["78361"], MAYORS["79191"]])
def test_a_person_with_no_right_to_sign(cli: CommandLine, person: str) -> None:
    cli.in_review()
    words = cli.sign("78361")
    words[words.index(MAYORS["78361"])] = person
    assert "ne peut pas valider « Note de cadrage » pour Mantes-la-Jolie" in cli.refused(*words)


def test_a_person_with_no_right_to_open_a_stage(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    refusal = cli.refused("stage", "open", SLUG, "constitution", "--as", MAYORS["78361"])
    assert "Étienne Marchal ne peut pas ouvrir une étape : seul un agent de l’ANCT le peut" in refusal


def test_a_person_nobody_knows(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    refusal = cli.refused("stage", "open", SLUG, "constitution", "--as", "personne@ville.example")
    assert "« personne@ville.example »" in refusal
    assert "person add" in refusal


def test_a_refusal_without_a_reason(cli: CommandLine) -> None:
    cli.in_review()
    words = cli.sign("78361")
    words[words.index("approved")] = "refused"
    assert "donnez un motif" in cli.refused(*words)


def test_another_decision_on_top_of_the_first(cli: CommandLine) -> None:
    cli.in_review()
    cli.ok(*cli.sign("78361"))
    words = [*cli.sign("78361"), "--reason", "non"]
    words[words.index("approved")] = "refused"
    assert "retirez d’abord cette décision" in cli.refused(*words)


def test_a_click_is_never_a_council_act(cli: CommandLine) -> None:
    cli.charter_in_review()
    charter = cli.sign("78361", key="charte", stage="charter")
    assert "délibération du conseil" in cli.refused(*charter)

    act = EXAMPLES / "deliberations" / f"{COUNCIL_ACTS['78361']}.yaml"
    assert "--proof" in cli.refused(*charter, "--act", act)
    proof = cli.document("extrait.pdf")
    future = cli.document("acte.yaml", act.read_text(encoding="utf-8").replace("2021-07-12", "2099-07-12"))
    assert "avenir" in cli.refused(*charter, "--act", future, "--proof", proof)
    assert "retirez « --signed-on »" in cli.refused(
        *charter, "--act", act, "--proof", proof, "--signed-on", "2021-07-13"
    )
    assert "L’ANCT signe la charte en dernier" in cli.refused(*cli.sign_charter())


def test_a_paper_without_its_date_or_its_scan(cli: CommandLine) -> None:
    cli.in_review()
    assert "--signed-on AAAA-MM-JJ" in cli.refused(*cli.sign("78361", "--proof", cli.document("scan.pdf")))
    assert "--proof FICHIER" in cli.refused(*cli.sign("78361", "--signed-on", "2021-09-20"))
    absent = ["--proof", cli.folder / "absent.pdf", "--signed-on", "2021-09-20"]
    assert "n’existe pas" in cli.refused(*cli.sign("78361", *absent))


# --- order and state ---


def test_a_stage_out_of_order(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    refusal = cli.refused("stage", "open", SLUG, "consultation", "--as", AGENT)
    assert "ouvrez d’abord « Constitution du collectif »" in refusal


def test_a_stage_whose_gate_does_not_hold(cli: CommandLine) -> None:
    cli.in_review()
    refusal = cli.refused("stage", "open", SLUG, "charter", "--as", AGENT)
    assert "attend encore Mantes-la-Jolie : valider « Note de cadrage »" in refusal


def test_signing_before_the_stage_is_open_or_under_review(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    assert "n’est pas encore ouverte" in cli.refused(*cli.sign("78361"))
    cli.ok("stage", "open", SLUG, "constitution", "--as", AGENT)
    cli.flow_opens("constitution")
    assert "n’a pas encore été déposé" in cli.refused(*cli.sign("78361"))


@pytest.mark.parametrize(("event", "word"), [("pause", "en pause"), ("cancel", "annulé")])
def test_a_project_paused_or_cancelled(cli: CommandLine, event: str, word: str) -> None:
    cli.in_review()
    cli.ok("project", event, SLUG, "--as", AGENT, "--reason", "élections municipales")
    commands = (
        cli.sign("78361"),
        [
            "deliverable",
            "submit",
            SLUG,
            "constitution",
            "note_de_cadrage",
            cli.document("v2.md", "v2"),
            "--as",
            AGENT,
        ],
        ["stage", "open", SLUG, "charter", "--as", AGENT],
        ["stage", "extend", SLUG, "constitution", "--until", "2099-01-01", "--reason", "x", "--as", AGENT],
    )
    for words in commands:
        refusal = cli.refused(*words)
        assert f"« Démocratie culturelle » est {word} (élections municipales)" in refusal


def test_words_that_name_nothing(cli: CommandLine) -> None:
    cli.in_review()
    assert SLUG in cli.refused("project", "show", "democratie")
    assert "constitution, charter" in cli.refused("stage", "open", SLUG, "chartre", "--as", AGENT)
    assert "note_de_cadrage" in cli.refused(*cli.sign("78361", key="note"))
    words = cli.sign("78361")
    words[words.index("78361")] = "75056"
    assert "« 75056 » n’est pas une partie de ce projet" in cli.refused(*words)
    assert "n° 999 n’existe pas" in cli.refused(
        "commitment", "keep", 999, "--as", AGENT, "--evidence", "une note"
    )


def test_a_deadline_that_is_not_later(cli: CommandLine) -> None:
    cli.in_review()
    refusal = cli.refused(
        "stage", "extend", SLUG, "constitution", "--until", "2021-01-31", "--reason", "x", "--as", AGENT
    )
    assert "choisissez un autre jour" in refusal


def test_a_delegation_that_cannot_stand(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    common = [
        "--party",
        "79191",
        "--delegate",
        CONTACTS["79191"],
        "--order",
        "2021-117",
        "--as",
        MAYORS["79191"],
    ]
    backwards = ["--from", "2022-01-01", "--until", "2021-01-01", "--scope", "all"]
    assert "corrigez l’une des deux dates" in cli.refused("delegation", "add", *common, *backwards)
    unknown = ["--from", "2021-01-01", "--until", "2022-01-01", "--scope", "tout"]
    assert "« tout » n’est ni une étape ni un livrable" in cli.refused("delegation", "add", *common, *unknown)
    other = [*common[:-1], MAYORS["78361"], "--from", "2021-01-01", "--until", "2022-01-01", "--scope", "all"]
    assert "ne peut pas proposer « délégation de signature » pour Niort" in cli.refused(
        "delegation", "add", *other
    )


def test_a_person_who_cannot_be_added(cli: CommandLine) -> None:
    add = ["person", "add", "lina@niort.example", "--name", "Lina Costa", "--role"]
    assert "donnez son code" in cli.refused(*add, "signatory")
    assert "retirez « --party »" in cli.refused(*add, "agency_agent", "--party", "79191")
    assert "79999" in cli.refused(*add, "signatory", "--party", "79999")
    wrong = ["person", "add", "lina@", "--name", "Lina Costa", "--role", "agency_agent"]
    assert "n’est pas une adresse électronique" in cli.refused(*wrong)


def test_a_siret_that_is_not_the_partys(cli: CommandLine) -> None:
    cli.ok("project", "create", SEED)
    assert "CODE=SIRET" in cli.refused("export", "deliberations", SLUG, "--siret", "78361")


def test_prefect_that_does_not_answer(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.in_review()
    with cli.db.write_statements() as connection:
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        connection.execute(sa.update(Nudge).values(created_at=an_hour_ago, next_try_at=an_hour_ago))
    monkeypatch.setenv("PROJET_PARTAGE_PREFECT_PORT", "9")
    settings.cache_clear()
    assert "Prefect ne répond pas" in cli.refused("reconcile")


def test_a_word_that_is_not_in_utf_8_is_told_as_such(cli: CommandLine) -> None:
    assert "n’est pas en UTF-8" in cli.refused("project", "show", "\udcff")
