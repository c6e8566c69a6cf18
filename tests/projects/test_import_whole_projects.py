"""A project of the ANCT's list is imported whole or not at all, and the list once corrected finishes the work."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, col, select

from actions.projects.import_anct import ImportReport, ImportRequest, import_anct
from database.engine import Database
from models.party import Party
from models.shared_project import SharedProject
from models.stage import Stage, StageStatus

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
HEADER = "codgeo;libgeo;echelon;dispositif;periode;ingredients"
CITIES = {"18033": "Bourges", "79191": "Niort", "35126": "Guichen", "78361": "Mantes-la-Jolie"}
SPORT, WATER = "Santé et sport", "Accès à l’eau"
PERIOD = "Sep. 2026-Dec. 2027"


def row(code: str, theme: str = SPORT, period: str = PERIOD, name: str | None = None) -> str:
    return f"{code};{CITIES[code] if name is None else name};commune;PPTDE;{period};{theme}"


SPORTS, WATERS = [row(code) for code in CITIES], [row(code, WATER) for code in CITIES]
WHOLE = [*SPORTS, *WATERS]


def listed(rows: list[str], encoding: str = "utf-8") -> bytes:
    return "\n".join([HEADER, *rows, ""]).encode(encoding)


def run(db: Database, rows: list[str], *, dry_run: bool = False) -> ImportReport:
    return import_anct(db, ImportRequest(listed(rows), "liste.csv", dry_run), now=NOW)


def parties(db: Database) -> dict[str, int]:
    with db.read() as session:
        slugs = session.exec(select(SharedProject.slug).join(Party).order_by(col(Party.id))).all()
    return {slug: slugs.count(slug) for slug in dict.fromkeys(slugs)}


def replaced(rank: int, new: str, rows: list[str] = WHOLE) -> list[str]:
    return [*rows[:rank], new, *rows[rank + 1 :]]


WRONG_LINES = {
    "an unknown period": row("79191", period="bientôt"),
    "an unknown code": row("79191").replace("79191", "99999"),
    "another city’s name": row("79191", name="Bourges"),
    "a code that lost its digits": row("79191").replace("79191", "7,9E+04"),
    "a mistyped theme": row("79191", "Santé et sports"),
    "another end": row("79191", period="Sep. 2026-Nov. 2027"),
    "a mistyped year": row("79191", period="Sep. 2036-Dec. 2037"),
    "one cell too many": row("79191") + ";;79",
    "a line cut short before its theme": ";".join(row("79191").split(";")[:5]),
    "a comma too many before its theme": row("79191").replace("Niort;", "Niort; Deux-Sèvres;") + ";",
    "an unseen character": row("79191").replace("Niort", "Ni\x01ort"),
    "the code of a city that is there, with no name": row("18033", name=""),
}


@pytest.mark.parametrize("wrong", WRONG_LINES.values(), ids=WRONG_LINES.keys())
def test_a_refused_line_holds_back_its_project_and_the_corrected_list_finishes(
    db: Database, wrong: str
) -> None:
    foreseen = run(db, replaced(1, wrong), dry_run=True)
    report = run(db, replaced(1, wrong))
    assert report == foreseen
    assert "sante-et-sport-2026" not in parties(db)
    assert {2, 3} <= {refusal.line for refusal in report.refusals}
    assert run(db, WHOLE).refusals == []
    assert parties(db) == {"acces-a-l-eau-2026": 4, "sante-et-sport-2026": 4}


def test_the_other_projects_of_the_list_are_imported(db: Database) -> None:
    report = run(db, replaced(1, WRONG_LINES["an unknown period"]))
    assert report.projects == ["acces-a-l-eau-2026"]
    held = next(refusal for refusal in report.refusals if refusal.line == 2)
    assert held.text == (
        "projet « Santé et sport » (lignes 2, 4, 5) retenu : la ligne 3, refusée, en est peut-être ; "
        "corrigez-la, puis importez la liste de nouveau"
    )


def test_a_line_that_may_be_of_any_project_holds_them_all_back(db: Database) -> None:
    report = run(db, replaced(1, WRONG_LINES["a line cut short before its theme"]))
    assert (report.projects, parties(db)) == ([], {})
    assert run(db, WHOLE).already_there == []


def test_a_line_of_another_scheme_holds_back_only_what_it_resembles(db: Database) -> None:
    other = row("79191", "Cœur de ville").replace("PPTDE", "ACV")
    report = run(db, [*WHOLE, other])
    assert report.projects == ["sante-et-sport-2026", "acces-a-l-eau-2026"]
    assert [refusal.line for refusal in report.refusals] == [10]


def test_a_list_written_by_windows_is_read_whole(db: Database) -> None:
    rows = [*SPORTS[:3], row("79191").replace("79191;Niort", "1004;Ambérieu-en-Bugey")]
    content = listed(rows, "cp1252")
    assert import_anct(db, ImportRequest(content, "liste.csv"), now=NOW).refusals == []
    assert parties(db) == {"sante-et-sport-2026": 4}


# --- what an import left out, and a later one finds ---


def test_a_city_that_an_import_left_out_is_added_and_said(db: Database) -> None:
    run(db, SPORTS[:3])
    foreseen = run(db, SPORTS, dry_run=True)
    assert parties(db) == {"sante-et-sport-2026": 3}
    assert run(db, SPORTS) == foreseen
    assert (foreseen.completed, foreseen.refusals) == (["sante-et-sport-2026"], [])
    assert [correction.line for correction in foreseen.corrections] == [5]
    assert "Mantes-la-Jolie (78361) manquait" in foreseen.corrections[0].text
    assert parties(db) == {"sante-et-sport-2026": 4}
    again = run(db, SPORTS)
    assert (again.completed, again.corrections) == ([], [])


def test_a_project_is_not_added_to_while_its_lines_are_not_all_read(db: Database) -> None:
    run(db, SPORTS[:3])
    report = run(db, [*SPORTS, WRONG_LINES["an unknown code"]])
    assert [refusal.line for refusal in report.refusals] == [5, 6]
    assert parties(db) == {"sante-et-sport-2026": 3}


def _begin(db: Database, session: Session) -> None:
    session.exec(select(Stage).order_by(col(Stage.position))).first().status = StageStatus.opening


def _cancel(db: Database, session: Session) -> None:
    session.exec(select(SharedProject)).one().status = "cancelled"


@pytest.mark.parametrize(("event", "reason"), [(_begin, "il a commencé"), (_cancel, "n’est plus en cours")])
def test_a_project_that_lives_its_life_is_not_added_to_and_what_to_do_is_said(
    db: Database, event, reason
) -> None:
    run(db, SPORTS[:3])
    with db.write() as session:
        event(db, session)
    report = run(db, SPORTS)
    assert [refusal.line for refusal in report.refusals] == [5]
    assert reason in report.refusals[0].text
    assert "party join" in report.refusals[0].text
    assert parties(db) == {"sante-et-sport-2026": 3}
