"""A project is the same however its title is written: created once, by whoever comes first, whatever the way."""

import unicodedata
from datetime import UTC, datetime

import pytest
from cast import seed_file
from sqlmodel import select

from actions.projects.create_project import ProjectExists, ProjectRequest, create_project
from actions.projects.import_anct import ImportReport, ImportRequest, import_anct
from database.engine import Database
from models.project_file import ProjectFile
from models.project_title import TitleWithoutLetters, slug_of
from models.shared_project import LONGEST_SLUG, SharedProject

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TITLE = "Accès à l'œuvre d'art – et plus"
WRITTEN_OTHERWISE = [
    "Accès à l’œuvre d’art – et plus",
    "ACCÈS À L’ŒUVRE D’ART — ET PLUS",
    "acces a l oeuvre d art et plus",
    unicodedata.normalize("NFD", TITLE),
    "Accès\u00a0à l\u02bcœuvre d\u2032art\u202f- et plus",
    "Accès à l'œuvre d'art et\u200b plus !",
]
HEADER = "codgeo;libgeo;echelon;dispositif;periode;ingredients;url"
CITIES = ("29019;Brest", "29232;Quimper", "29151;Morlaix")


def titled(title: str) -> ProjectFile:
    return seed_file().model_copy(update={"title": title})


def create(db: Database, title: str) -> SharedProject:
    return create_project(db, None, ProjectRequest(titled(title)), now=NOW)


def listed(*themes: str, period: str = "Sep. 2026-Dec. 2027") -> bytes:
    """A list in which each city has the theme in its turn."""
    rows = [
        f"{city};commune;PPTDE;{period};{themes[number % len(themes)]};" for number, city in enumerate(CITIES)
    ]
    return "\n".join([HEADER, *rows]).encode()


def run(db: Database, content: bytes, *, dry_run: bool = False) -> ImportReport:
    return import_anct(db, ImportRequest(content, "liste.csv", dry_run), now=NOW)


def titles(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.exec(select(SharedProject.title)))


def test_a_project_of_the_same_title_is_refused_however_it_is_written(db: Database) -> None:
    create(db, TITLE)
    for title in (TITLE, *WRITTEN_OTHERWISE):
        with pytest.raises(ProjectExists, match="existe déjà"):
            create(db, title)
    assert titles(db) == [TITLE]


def test_the_lines_of_one_project_may_write_its_theme_each_in_its_way(db: Database) -> None:
    for theme in WRITTEN_OTHERWISE:
        report = run(db, listed(TITLE, theme), dry_run=True)
        assert (len(report.projects), report.refusals) == (1, [])
        is_same_letters = (
            unicodedata.normalize("NFC", theme) == TITLE
        )  # nothing of it was changed that one sees
        assert is_same_letters or f"lu « {TITLE} »" in report.corrections[0].text


def test_an_import_recognises_a_project_imported_in_another_writing(db: Database) -> None:
    (slug,) = run(db, listed(TITLE)).projects
    for theme in WRITTEN_OTHERWISE:
        for dry_run in (True, False):
            report = run(db, listed(theme), dry_run=dry_run)
            assert (report.projects, report.already_there, report.refusals) == ([], [slug], [])
    assert titles(db) == [TITLE]


def test_an_import_recognises_a_project_created_from_a_file(db: Database) -> None:
    project = create(db, TITLE)
    period = f"Sep. {project.period_from.year}-Dec. {project.period_from.year + 1}"
    report = run(db, listed(WRITTEN_OTHERWISE[0], period=period))
    assert (report.projects, report.already_there) == ([], [project.slug])
    assert {remark.line for remark in report.refusals} == {2, 3, 4}  # its cities are others


def test_the_same_theme_in_another_year_is_another_project(db: Database) -> None:
    first, second = run(db, listed(TITLE)), run(db, listed(TITLE, period="Sep. 2028-Dec. 2029"))
    assert first.projects == ["acces-a-l-oeuvre-d-art-et-plus-2026"]
    assert second.projects == ["acces-a-l-oeuvre-d-art-et-plus-2028"]


# What stands for it in an address


def test_titles_that_read_alike_have_one_slug_and_old_ones_keep_theirs() -> None:
    assert {slug_of(title) for title in [TITLE, *WRITTEN_OTHERWISE]} == {"acces-a-l-oeuvre-d-art-et-plus"}
    assert slug_of("Démocratie culturelle") == "democratie-culturelle"
    assert slug_of("Œuvrer ensemble", ending="2026") == "oeuvrer-ensemble-2026"


@pytest.mark.parametrize(
    "title", ["الثقافة للجميع", "Культура", "文化", "תרבות", "संस्कृति", "ⴰⴷⵍⵙ", "Văn hóa", "ꦱꦏ"]
)
def test_a_title_in_any_alphabet_has_an_address(title: str) -> None:
    slug = slug_of(title)
    assert slug.isascii()
    assert slug.replace("-", "").isalnum()


def test_a_title_without_anything_to_read_is_refused(db: Database) -> None:
    for title in ("🎭🎨", "…", "« ’ »", "\u200b", "♥ – ♥"):
        with pytest.raises(TitleWithoutLetters, match="ni lettre ni chiffre"):
            create(db, title)
    assert titles(db) == []


def test_two_titles_that_are_spelled_alike_in_an_address_are_two_projects(db: Database) -> None:
    long = "x" * (LONGEST_SLUG + 5)
    slugs = [create(db, title).slug for title in ("Мир", "Mir", f"{long} un", f"{long} deux")]
    assert slugs[:2] == ["mir", "mir-2"]
    assert slugs[2:] == ["x" * LONGEST_SLUG, f"{'x' * (LONGEST_SLUG - 2)}-2"]
