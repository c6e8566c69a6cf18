"""The ANCT's public list: corrected without doubt and said so, refused line by line, imported once."""

import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.projects.import_anct import ImportReport, ImportRequest, import_anct
from database.engine import Database
from models.anct_list import AnctList, read_anct_list
from models.audit_entry import AuditEntry, Journal
from models.invalid_file import InvalidFile
from models.party import Party, PartyRole
from models.refusal import typeset
from models.shared_project import ProjectStatus, SharedProject
from models.stage import Stage, StageStatus

LIST = Path(__file__).parents[2] / "examples" / "anct-projets-partages.csv"
CONTENT = LIST.read_bytes()
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

NIORT = "Niort,commune,PPTDE,Sep. 2021-Dec.2022,"
CULTURE = "democratie-culturelle-2021"
YOUTH = "le-droit-des-adolescents-et-des-jeunes-a-une-vie-epanouie-2021"
PLANNING = "l-amenagement-territorial-participatif-2022"
PARTIES = {
    CULTURE: ["78361", "35126", "18033", "79191"],
    YOUTH: ["93039", "75056", "44143", "09306"],
    PLANNING: ["84137", "54547", "246800551", "63430"],
}


def changed(*changes: tuple[str, str]) -> bytes:
    """The real list with each text replaced, once, by another."""
    text = CONTENT.decode()
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    return text.encode()


def run(db: Database, content: bytes = CONTENT, *, dry_run: bool = False) -> ImportReport:
    return import_anct(db, ImportRequest(content, LIST.name, dry_run), now=NOW)


def read(*changes: tuple[str, str]) -> AnctList:
    return read_anct_list(changed(*changes), file=LIST.name)


def parties(session: Session) -> dict[str, list[str]]:
    query = select(SharedProject.slug, Party.code).join(Party).order_by(col(Party.id))
    codes: dict[str, list[str]] = {}
    for slug, code in session.exec(query):
        codes.setdefault(slug, []).append(code)
    return codes


def count_rows(db: Database) -> dict[str, int]:
    tables = (SharedProject, Party, Stage, Journal, AuditEntry)
    with db.read() as session:
        return {table.__name__: session.exec(select(sa.func.count(col(table.id)))).one() for table in tables}


# --- the whole list ---


def test_the_real_list_gives_three_projects_of_four_signatories(db: Database) -> None:
    report = run(db)
    assert report.projects == list(PARTIES)
    assert (report.already_there, report.refusals) == ([], [])
    with db.read() as session:
        assert parties(session) == PARTIES
        assert {party.role for party in session.exec(select(Party))} == {PartyRole.signatory}


def test_projects_are_dated_as_listed_and_wait_for_the_agency(db: Database) -> None:
    run(db)
    with db.read() as session:
        projects = {project.slug: project for project in session.exec(select(SharedProject))}
        stages = session.exec(select(Stage)).all()
    culture, planning = projects[CULTURE], projects[PLANNING]
    assert (culture.title, culture.theme) == ("Démocratie culturelle", "Démocratie culturelle")
    assert (culture.period_from, culture.period_until) == (date(2021, 9, 1), date(2022, 12, 31))
    assert (planning.period_from, planning.period_until) == (date(2022, 9, 1), date(2023, 12, 31))
    assert {project.status for project in projects.values()} == {ProjectStatus.active}
    assert {project.agency_agent_id for project in projects.values()} == {None}
    assert len(stages) == 3 * 7
    assert {stage.status for stage in stages} == {StageStatus.planned}


def test_the_epci_is_kept_under_its_siren(db: Database) -> None:
    run(db)
    with db.read() as session:
        party = session.exec(select(Party).where(Party.code == "246800551")).one()
    assert (party.kind, party.name, party.departement) == ("epci", "CC de la Vallée de Kaysersberg", "68")


def test_each_party_enters_the_journal_of_its_project(db: Database) -> None:
    run(db)
    query = (
        select(SharedProject.slug, AuditEntry.party_code)
        .join(Journal, col(Journal.project_id) == SharedProject.id)
        .join(AuditEntry, col(AuditEntry.journal_id) == Journal.id)
        .where(AuditEntry.event == "party.joined")
    )
    with db.read() as session:
        assert set(session.exec(query)) == {(slug, code) for slug, codes in PARTIES.items() for code in codes}


def test_twice_gives_no_doubles(db: Database) -> None:
    run(db)
    before = count_rows(db)
    report = run(db)
    assert (report.projects, report.already_there, report.refusals) == ([], list(PARTIES), [])
    assert count_rows(db) == before


def test_two_imports_at_once_give_no_doubles(db: Database) -> None:
    reports: list[ImportReport] = []
    start = threading.Barrier(2)

    def one_import() -> None:
        start.wait()
        reports.append(run(db))

    threads = [threading.Thread(target=one_import) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports) == 2
    assert sorted(slug for report in reports for slug in report.projects) == sorted(PARTIES)
    with db.read() as session:
        assert parties(session) == PARTIES


def test_a_dry_run_reports_the_same_and_writes_nothing(db: Database) -> None:
    content = changed((",63430,Thiers,", ",63430,Tiers,"))
    before = count_rows(db)
    foreseen = run(db, content, dry_run=True)
    assert count_rows(db) == before
    assert foreseen.projects == [CULTURE, YOUTH]
    assert [refusal.line for refusal in foreseen.refusals] == [10, 13]
    assert run(db, content) == foreseen
    assert run(db, content, dry_run=True).already_there == [CULTURE, YOUTH]


def test_a_project_left_with_two_signatories_is_refused_with_its_lines(db: Database) -> None:
    report = run(db, changed((",79191,Niort", ",79191,Nior"), (",18033,", ",99999,")))
    assert report.projects == [YOUTH, PLANNING]
    assert [refusal.line for refusal in report.refusals] == [2, 4, 5]
    sentence = str(report.refusals[0])
    assert "(lignes 2, 3) refusé" in sentence
    assert "de 3 à 5 collectivités signataires, et celui-ci en compte 2" in sentence


def test_a_project_of_six_is_refused(db: Database) -> None:
    row = "x,{},,commune,PPTDE,Sep. 2021-Dec.2022,Démocratie culturelle,\n"
    report = run(db, CONTENT + b"".join(row.format(code).encode() for code in ("44109", "35238")))
    assert report.projects == [YOUTH, PLANNING]
    assert [refusal.line for refusal in report.refusals] == [2]
    assert "(lignes 2, 3, 4, 5, 14, 15)" in str(report.refusals[0])


def test_another_period_does_not_change_a_project_already_there(db: Database) -> None:
    run(db)
    report = run(db, CONTENT.replace(b"Dec.2023", b"Nov.2023"))
    assert report.already_there == list(PARTIES)
    assert any("du 01/09/2022 au 31/12/2023" in remark.text for remark in report.remarks if remark.line == 10)
    with db.read() as session:
        project = session.exec(select(SharedProject).where(SharedProject.slug == PLANNING)).one()
    assert project.period_until == date(2023, 12, 31)


def test_an_authority_listed_twice_in_a_project_counts_once(db: Database) -> None:
    report = run(
        db, CONTENT + b"x,79191,Niort,commune,PPTDE,Sep. 2021-Dec.2022,D\xc3\xa9mocratie culturelle,\n"
    )
    assert (report.projects, report.refusals) == (list(PARTIES), [])
    assert report.corrections[-1].line == 14
    assert "Niort (79191) est déjà dans ce projet, ligne 5" in report.corrections[-1].text


def test_two_projects_that_would_share_a_slug_are_both_refused(db: Database) -> None:
    other = [line for line in CONTENT.decode().splitlines(keepends=True) if "Démocratie" in line]
    report = run(db, CONTENT + "".join(other).replace("Dec.2022", "June 2023").encode())
    assert report.projects == [YOUTH, PLANNING]
    assert [refusal.line for refusal in report.refusals] == [2, 14]
    assert all(f"il s’appellerait « {CULTURE} »" in refusal.text for refusal in report.refusals)


def test_a_theme_written_otherwise_is_the_same_project(db: Database) -> None:
    report = run(db, changed((f"{NIORT}Démocratie", f"{NIORT}DEMOCRATIE")))
    assert report.projects == list(PARTIES)
    assert report.corrections[0].line == 5
    assert "lu « Démocratie culturelle »" in report.corrections[0].text


# --- what is corrected ---


def test_the_lost_zero_of_tarascon_is_corrected_and_said() -> None:
    listed = read()
    assert [line.code for line in listed.lines if line.name == "Tarascon-sur-Ariège"] == ["09306"]
    sentence = "ligne 9 : code « 9306 » corrigé en « 09306 », que confirme le nom Tarascon-sur-Ariège."
    assert str(listed.corrections[0]) == typeset(sentence)


def test_stray_spaces_in_a_period_are_said() -> None:
    lines = [correction.line for correction in read().corrections if "période" in correction.text]
    assert lines == [10, 11, 12, 13]


def test_paris_is_kept_as_the_commune_it_is_listed_as() -> None:
    listed = read()
    assert [line.name for line in listed.lines if line.code == "75056"] == ["Paris"]
    assert [remark.line for remark in listed.remarks] == [7]
    assert not [correction for correction in listed.corrections if correction.line == 7]


@pytest.mark.parametrize("written", ["MANTES LA JOLIE", "mantes-la-jolie", "Mantès la Jolie"])
def test_a_name_that_differs_by_case_accents_or_hyphens_is_corrected(written: str) -> None:
    listed = read(("Mantes-la-Jolie", written))
    assert listed.lines[0].name == "Mantes-la-Jolie"
    sentence = f"ligne 2 : 78361 : nom « {written} » corrigé en « Mantes-la-Jolie »."
    assert str(listed.corrections[0]) == typeset(sentence)


def test_a_lost_zero_is_not_corrected_when_the_name_disagrees() -> None:
    listed = read(("9306,Tarascon-sur-Ariège", "9306,Foix"))
    assert [refusal.line for refusal in listed.refusals] == [9]
    sentence = (
        "ligne 9 : 9306 : un code commune a cinq caractères ; voulez-vous dire 09306 (Tarascon-sur-Ariège) ? "
        "Le nom écrit, « Foix », ne le confirme pas : corrigez le code ou le nom."
    )
    assert str(listed.refusals[0]) == typeset(sentence)
    assert len(listed.lines) == 11


def test_a_lost_zero_is_not_corrected_when_no_name_confirms_it() -> None:
    listed = read(("9306,Tarascon-sur-Ariège", "9306,"))
    assert [refusal.line for refusal in listed.refusals] == [9]


# --- lines and files that cannot be read ---


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (",79191,", ",99999,", "99999"),
        (",79191,", ",,", "code vide"),
        (",79191,", ",78361,", "78361 est le code de Mantes-la-Jolie"),
        ("Niort,commune", "Niort,region", "échelon « region » inconnu"),
        ("Niort,commune", "Niort,epci", "pas d’un EPCI"),
        ("Niort,commune,PPTDE", "Niort,commune,ACV", "dispositif « ACV »"),
        (",Niort,commune", ",Niort, Deux-Sèvres,commune", "9 cellules au lieu de 8"),
        ("culturelle,\npptde-20", "culturelle,,79,\npptde-20", "9 cellules au lieu de 8"),
        (f"{NIORT}Démocratie culturelle,", "Niort", "3 cellules au lieu de 8"),
        (f"{NIORT}Démocratie culturelle", NIORT, "thème"),
        (NIORT, f"{NIORT}{'x' * 120}", "141 caractères"),
        ("Niort", "Nior\x00t", "caractère invisible"),
    ],
)  # fmt: skip
def test_one_wrong_line_is_refused_alone(old: str, new: str, reason: str) -> None:
    listed = read((old, new))
    (refusal,) = listed.refusals
    assert refusal.line == 5
    assert reason in refusal.text.replace("\u00a0", " ")
    assert [line.line for line in listed.lines] == [2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13]


def test_a_list_of_two_encodings_is_refused_whole_at_the_first_line_that_differs() -> None:
    with pytest.raises(InvalidFile, match=r"ligne 8.*UTF-8"):
        read_anct_list(CONTENT.replace("Rezé".encode(), "Rezé".encode("cp1252")), file=LIST.name)


def test_a_quote_that_is_not_closed_is_told_once_where_it_opens() -> None:
    with pytest.raises(InvalidFile, match=r"ligne 5.*guillemet") as caught:
        read(("Niort,", '"Niort,'))
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + CONTENT,
        CONTENT.replace(b"\n", b"\r\n"),
        CONTENT.replace(b",", b";"),
        b"\n" + CONTENT.replace(b"\n", b"\n\n"),
        CONTENT + b",,,,,,,\n",
        CONTENT.rstrip(b"\n"),
    ],
    ids=["byte order mark", "Windows lines", "semicolons", "blank lines", "empty cells", "no last newline"],
)
def test_the_list_is_read_however_a_spreadsheet_saved_it(content: bytes) -> None:
    listed = read_anct_list(content, file=LIST.name)
    assert (len(listed.lines), listed.refusals) == (12, [])


def test_a_missing_column_is_told_by_its_name() -> None:
    with pytest.raises(InvalidFile, match=r"ligne 1.*il manque.*la colonne.*periode.*écrivez") as caught:
        read(("periode", "duree"))
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "fichier vide"),
        (b" \n\n", "fichier vide"),
        (CONTENT.splitlines()[0], "que son en-tête"),
        (b"PK\x03\x04\x14\x00", "c’est un classeur"),
        (b"%PDF-1.7 \xe9", "c’est un PDF"),
        (b"bonjour\n\xa0", "aucune ligne ne nomme les colonnes"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidFile, match=reason):
        read_anct_list(content, file=LIST.name)


def test_a_list_of_which_every_line_is_refused_for_one_reason_is_refused_once() -> None:
    with pytest.raises(InvalidFile, match=r"lignes 2 à 13.*PTDE.*écrivez") as caught:
        read_anct_list(CONTENT.replace(b"PPTDE", b"PTDE"), file=LIST.name)
    assert len(caught.value.problems) == 1
