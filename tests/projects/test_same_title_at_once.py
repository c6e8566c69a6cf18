"""Two people create the same project in the same instant, each with its title written in their way: one is made."""

from datetime import UTC, datetime

from at_once import at_once
from cast import seed_file
from sqlmodel import select

from actions.projects.create_project import ProjectRequest, create_project
from actions.projects.import_anct import ImportRequest, import_anct
from database.engine import Database
from models.shared_project import SharedProject

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TITLE, OTHERWISE = "Accès à l'œuvre d'art", "ACCÈS À L’ŒUVRE D’ART"


def create(db: Database, title: str) -> str:
    file = seed_file().model_copy(update={"title": title})
    return create_project(db, None, ProjectRequest(file), now=NOW).slug


def run(db: Database, theme: str) -> list[str]:
    """Import a list that has the project in the year in which the other begins."""
    year = seed_file().period.from_.year
    cities = ("29019;Brest", "29232;Quimper", "29151;Morlaix")
    rows = [f"{city};commune;PPTDE;Sep. {year}-Dec. {year + 1};{theme}" for city in cities]
    content = "\n".join(["codgeo;libgeo;echelon;dispositif;periode;ingredients", *rows]).encode()
    return import_anct(db, ImportRequest(content, "liste.csv"), now=NOW).projects


def titles(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.exec(select(SharedProject.title)))


def test_two_creations_make_one(db: Database) -> None:
    outcomes = at_once(db.url, lambda its: create(its, TITLE), lambda its: create(its, OTHERWISE))
    assert sorted(type(each).__name__ for each in outcomes) == ["ProjectExists", "str"]
    assert len(titles(db)) == 1


def test_a_creation_and_an_import_make_one(db: Database) -> None:
    at_once(db.url, lambda its: create(its, TITLE), lambda its: run(its, OTHERWISE))
    assert len(titles(db)) == 1


def test_two_imports_make_one(db: Database) -> None:
    made = at_once(db.url, lambda its: run(its, TITLE), lambda its: run(its, OTHERWISE))
    assert sorted(made, key=str) == [["acces-a-l-oeuvre-d-art-2026"], []]
