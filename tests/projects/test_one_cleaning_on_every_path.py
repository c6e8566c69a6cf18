"""The page, the API, the commands, a file: one cleaning and one set of limits, whichever way a text or a day comes."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from api import Api
from cast import NIORT, Cast
from command_line import AGENT, SEED, SLUG, CommandLine
from site_of_tests import SECRET, Site
from sqlmodel import SQLModel

from actions.deliverables.add_comment import CommentRequest, add_comment
from database.engine import Database
from models.action_plan import read_action_plan
from models.commitment import HOLDER
from models.invalid_file import InvalidFile
from models.stored_row import identity
from models.typed_text import shown
from notifications.personal_links import PersonalLinks
from settings import settings

ODD = "\u202eComité\u2028de\x0bpilotage  \u200bnº 3\ud83d"
CLEAN = "Comité de pilotage nº 3"
CLEAN_LINES = "Comité\nde\npilotage  nº 3"
ODD_IN_UTF8 = ODD.replace("\ud83d", "")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def odd_texts(cast: Cast) -> list[str]:
    """What stands in any column of any table, JSON included, and has something that a page does not show."""
    with cast.db.engine.connect() as connection:
        rows = [
            value
            for table in SQLModel.metadata.sorted_tables
            for row in connection.execute(sa.select(table))
            for value in row
        ]
    return [each for value in rows for each in _strings(value) if shown(each) != each]


def test_by_the_page(site: Callable[[str], Site]) -> None:
    here = site("met")
    day = (here.cast.today + timedelta(days=40)).isoformat()
    fields = {
        "titre": ODD_IN_UTF8,
        "jour": day,
        "debut": "14:00",
        "fin": "16:00",
        "lieu": ODD_IN_UTF8,
        "ordre": ODD_IN_UTF8,
    }
    with here.client(here.cast.agent) as agent:
        assert agent.send(f"{here.project}/reunions", fields).status_code == 303
        assert "\u202e" not in agent.read(f"{here.project}/reunions")
    assert _meeting(here.cast) == (CLEAN, CLEAN, CLEAN_LINES)
    assert odd_texts(here.cast) == []


def test_by_the_api(api: Callable[[str], Api]) -> None:
    here = api("met")
    day = here.cast.today + timedelta(days=40)
    hours = {"starts_at": f"{day}T14:00:00+01:00", "ends_at": f"{day}T16:00:00+01:00"}
    body = {"title": ODD_IN_UTF8, "place": ODD_IN_UTF8, "agenda": ODD_IN_UTF8, **hours}
    assert here.post(here.cast.agent, "./meetings", json=body).status_code == 201
    assert _meeting(here.cast) == (CLEAN, CLEAN, CLEAN_LINES)
    reason = {"reason": ODD_IN_UTF8}
    assert here.post(here.cast.agent, "./meetings/1/cancel", json=reason).status_code == 200
    assert odd_texts(here.cast) == []


def _meeting(cast: Cast) -> tuple[str, ...]:
    with cast.db.engine.connect() as connection:
        return tuple(connection.execute(sa.text("SELECT title, place, agenda FROM meeting")).one())


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    line = CommandLine(db, tmp_path, monkeypatch)
    line.ok("project", "create", SEED)
    yield line
    settings.cache_clear()


@pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
def test_by_the_command_line(cli: CommandLine) -> None:
    person = ("person", "add", "x@anct.example", "--role", "agency_agent", "--name")
    assert "Nom : ce champ est vide" in cli.refused(*person, "\u202e \u200b")
    assert "Nom : 300 caractères ; raccourcissez à 200 au plus" in cli.refused(*person, "é" * 300)
    assert cli.json(*person, ODD)["name"] == CLEAN
    mayor = ("person", "add", "y@niort.example", "--role", "signatory", "--party", "79191", "--name", "A B")
    assert "Qualité : 81 caractères" in cli.refused(*mayor, "--quality", "é" * 81)
    pause = ("project", "pause", SLUG, "--as", AGENT, "--reason")
    assert "Motif : 2001 caractères" in cli.refused(*pause, "é" * 2001)
    late = cli.run("reminders", "preview", "--on", "9999-12-31")
    assert (late.exit_code, "Traceback" in late.stderr) == (2, False)
    assert "de 1900 à 2199" in late.stderr.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("cell", "value", "fault"),
    [
        (1, "é" * (HOLDER.most + 1), "500 caractères au plus"),
        (4, "0001-01-01", "date de 2000 à 2099"),
        (5, "9999-12-31", "date de 2000 à 2099"),
    ],
)
def test_by_an_action_plan(cell: int, value: str, fault: str) -> None:
    cells = ["Titre", "Porteur", "1", "Indicateur", "2027-01-01", "2028-01-01"]
    cells[cell] = value
    content = "titre;porteur;budget;indicateur;debut;echeance\n" + ";".join(cells)
    with pytest.raises(InvalidFile, match=fault):
        read_action_plan(content.encode(), "plan.csv")


def test_the_holder_of_an_action_takes_as_much_in_the_plan_as_in_its_commitment() -> None:
    header = "titre;porteur;budget;indicateur;debut;echeance"
    content = f"{header}\nComité\u2028de  pilotage nº 3;{'é' * 240};1;C;2027-01-01;2028-01-01"
    (action,) = read_action_plan(content.encode(), "plan.csv")
    assert (action.title, len(action.owner)) == (CLEAN, 240)


def test_every_page_and_the_calendar_show_the_farthest_day_that_is_taken(site: Callable[[str], Site]) -> None:
    here = site("charter in review")
    last = date(2099, 12, 31)
    with here.client(here.cast.agent) as agent:
        for day, status in (("9999-12-31", 422), ("2100-01-01", 422), (last.isoformat(), 303)):
            fields = {"jusqu-au": day, "motif": ODD_IN_UTF8}
            sent = agent.send(f"{here.project}/etapes/charter/echeance", fields)
            assert sent.status_code == status, sent.text
        assert here.cast.stage("charter").due_on == last
        for path in (
            "",
            "/etapes/charter",
            "/journal",
            "/rappels",
            "/calendrier",
            "/reunions",
            "/engagements",
        ):
            assert agent.get(f"{here.project}{path}").status_code in (200, 404), path
        links = PersonalLinks(SECRET, here.address)
        assert agent.get(links.calendar(here.cast.agent.person_id, 0)).status_code == 200
    assert odd_texts(here.cast) == []


def test_a_comment_is_read_as_it_was_cleaned(at: Callable[[str], Cast]) -> None:
    cast = at("charter in review")
    request = CommentRequest(cast.slug, identity(cast.deliverable("charte")), ODD)
    assert request.text == CLEAN_LINES
    add_comment(cast.db, cast.contact(NIORT), request, now=cast.now)
    assert odd_texts(cast) == []
