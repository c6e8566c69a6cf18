"""A name in the place of a code: the form finds it; the API, a file and a command say which code to write."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from api import Api, problem
from cast import seed_file
from command_line import SEED, CommandLine
from site_of_tests import Site, plain

from actions.projects.import_anct import ImportRequest, import_anct
from database.engine import Database
from settings import settings

WRITTEN = {
    "St. Etienne (Loire)": "voulez-vous dire 42218 (Saint-Étienne) ?",
    "Mairie de Ste-Colombe": "plusieurs collectivités ont ce nom, et il faut un code ; voulez-vous dire 05135",
    "Annecy le Vieux": "fait désormais partie d’une autre commune ; voulez-vous dire 74010 (Annecy) ?",
    "Mantes-la-Joli": "aucune collectivité n’a ce nom ; voulez-vous dire 78361 (Mantes-la-Jolie, 78) ?",
    "Trifouillis-les-Oies": "aucune collectivité n’a ce nom ; vérifiez l’orthographe, ou écrivez son code",
}


def body(place: str) -> dict[str, Any]:
    """Another project, with a name where the first party's code is awaited."""
    text = seed_file().model_dump(mode="json", by_alias=True, exclude_none=True) | {"title": "Autre culture"}
    text["parties"][0]["code"] = place
    return text


def test_by_the_api(api: Callable[[str], Api]) -> None:
    here = api("met")
    for place, sentence in WRITTEN.items():
        answer = here.post(here.cast.agent, "/projects", json=body(place))
        assert (answer.status_code, problem(answer)["type"].rpartition("/")[2]) == (422, "unknown-authority")
        assert sentence in problem(answer)["detail"].replace("\u00a0", " ")


def test_by_the_pages(site: Callable[[str], Site]) -> None:
    here = site("met")
    with here.client(here.cast.agent) as agent:
        for place, sentence in WRITTEN.items():
            file = yaml.safe_dump(body(place), allow_unicode=True).encode()
            answer = agent.send("/projets/nouveau/fichier", file=("fichier", "projet.yaml", file))
            assert answer.status_code == 422
            assert sentence in plain(answer.text)
        looked_up = agent.send(
            "/projets/nouveau",
            {
                "s1-code": "St. Etienne (Loire)",
                "s2-code": "Mairie du Havre",
                "s3-code": "Mantes-la-Joli",
                "s4-code": "Niort (79)",
                "verifier": "oui",
            },
        ).text
    for city in ("Saint-Étienne (42218)", "Le Havre (76351)", "Niort (79191)"):
        assert f"reconnue {city}" in plain(looked_up)
    assert "reconnue Mantes" not in plain(looked_up)
    assert 'name="s3-code-choix" value="78361"' in looked_up


@pytest.fixture
def cli(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    line = CommandLine(db, tmp_path, monkeypatch)
    line.ok("project", "create", SEED)
    yield line
    settings.cache_clear()


@pytest.mark.parametrize("db_url", ["sqlite"], indirect=True)
def test_by_the_command_line(cli: CommandLine) -> None:
    contact = ("person", "add", "x@ville.example", "--name", "A B", "--role", "signatory", "--party")
    for place, sentence in WRITTEN.items():
        assert sentence in cli.refused(*contact, place)
        file = cli.document("autre.yaml", yaml.safe_dump(body(place), allow_unicode=True))
        assert sentence in cli.refused("project", "create", file)


def test_by_the_list_of_the_anct_what_is_sure_is_corrected_and_said(db: Database) -> None:
    places = ("42218;ST ETIENNE", "83126;Seyne s/ Mer", "75056;Paris 20e", "74010;Annecy-le-Vieux")
    rows = [f"{place};commune;PPTDE;Sep. 2026-Dec. 2027;Accès à l’eau" for place in places]
    content = "\n".join(["codgeo;libgeo;echelon;dispositif;periode;ingredients", *rows]).encode()
    report = import_anct(
        db, ImportRequest(content, "liste.csv"), now=datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    )
    assert (len(report.projects), report.refusals) == (1, [])
    said = {remark.line: plain(remark.text) for remark in report.corrections}
    for line, name in enumerate(("Saint-Étienne", "La Seyne-sur-Mer", "Paris", "Annecy"), start=2):
        assert f"corrigé en « {name} »" in said[line]
