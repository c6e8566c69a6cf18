"""The problems of the API (RFC 9457), who is let in, how often, and what it says of itself."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from operator import getitem
from typing import Any

import httpx
import pytest
from api import PATH, PROJECT, SECRET, Api, problem
from cast import MANTES, SLUG
from fastapi import FastAPI
from served import served

from actions.access.sign_in import open_session
from database.engine import Database
from models.api_token import ReadOnlyToken
from models.comment import TooManyComments, UnknownComment
from models.deliverable import UnknownDeliverable
from models.party import UnknownParty
from models.person import AuthMethod
from models.recorded_act import NobodyInOffice
from models.refusal import Refusal
from models.sign_off import ReasonNeeded
from queries.access.project_access import NotVisible
from settings import Settings
from web.access.rate import Rate
from web.access.signed_in import COOKIE
from web.api.failures import answer_failures as programs
from web.api.kinds import every_kind
from web.app import make_app
from web.failures import answer_failures as pages
from web.refusals import OF_REFUSALS, kind_of
from web.rights import NotYours, Permission

CHARTER = "./stages/charter/deliverables/charte"
At = Callable[..., Api]


@pytest.fixture
def here(api: At) -> Api:
    return api("charter in review")


def test_without_a_live_token_nothing_is_said_but_how_to_get_one(here: Api) -> None:
    for headers, code in (
        ({}, "no-token"),
        ({"Authorization": "Basic YTpi"}, "no-token"),
        ({"Authorization": "Bearer pp_inconnu"}, "dead-token"),
        ({"Authorization": "Bearer " + "é" * 40}, "dead-token"),
        ({"Cookie": "session=pp_inconnu"}, "no-token"),
    ):
        refused = {name: value.encode("latin-1") for name, value in headers.items()}
        answer = here.get(None, ".", headers=refused)
        assert problem(answer)["code"] == code
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_session_of_the_pages_opens_nothing_here(here: Api) -> None:
    with here.cast.db.write() as session:
        agent = here.cast.agent.person_id
        secret = open_session(session, agent, AuthMethod.email_link, datetime.now(UTC))
    answer = here.get(None, "/me", headers={"Cookie": f"{COOKIE}={secret}"})
    assert answer.status_code == 401
    assert "set-cookie" not in here.get(here.cast.agent, "/me").headers


@pytest.mark.parametrize(
    ("method", "path", "given", "status", "code"),
    [
        ("GET", "/nulle-part", {}, 404, "not-found"),
        ("GET", "/projects/inconnu", {}, 404, "not-found"),
        ("GET", "/projects/a%0Ab", {}, 404, "not-found"),
        ("GET", "/projects/", {}, 404, "not-found"),
        ("PATCH", ".", {}, 405, "wrong-method"),
        (
            "POST",
            "./pause",
            {"content": b"{", "headers": {"Content-Type": "application/json"}},
            400,
            "malformed",
        ),
        (
            "POST",
            "./pause",
            {"content": b"\xff", "headers": {"Content-Type": "application/json"}},
            400,
            "malformed",
        ),
        ("POST", "./pause", {"data": {"reason": "x"}}, 415, "wrong-media-type"),
        ("POST", "./pause", {"json": {"reason": "a" * 70_000}}, 413, "too-large"),
        ("POST", "./pause", {"json": ["x"]}, 422, "wrong-values"),
        ("POST", "./pause", {}, 422, "wrong-values"),
        ("POST", "./pause", {"json": {"reason": "\x00"}}, 422, "wrong-values"),
        ("POST", "./pause", {"json": {"reason": "   "}}, 422, "wrong-values"),
        ("GET", "./journal?page=0", {}, 422, "wrong-values"),
        ("GET", "/reminders/preview", {}, 422, "wrong-values"),
        ("GET", "/reminders/preview?on=9999-12-31", {}, 422, "wrong-values"),
    ],
)
def test_every_failure_is_a_problem(
    here: Api, method: str, path: str, given: dict[str, Any], status: int, code: str
) -> None:
    answer = here.ask(here.cast.agent, method, path, **given)
    refused = problem(answer)
    assert (refused["status"], refused["code"]) == (status, code)
    assert not [name for name in answer.headers if name.startswith("access-control")]
    if status == 405:
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_what_is_wrong_with_parameters_is_told_too(here: Api) -> None:
    refused = problem(here.get(here.cast.agent, "./journal?page=zero"))
    assert refused["errors"][0]["pointer"] == "?page"
    refused = problem(here.get(here.cast.agent, f"{CHARTER}/versions/zero"))
    assert refused["errors"][0]["pointer"] == "{number}"


def test_a_database_or_a_file_that_is_away_is_a_problem(here: Api) -> None:
    here.state.site.files.path(here.cast.deliverable("charte").sha256).unlink()
    lost = problem(here.get(here.cast.agent, f"{CHARTER}/versions/1"))
    assert (lost["status"], lost["code"]) == (503, "files-away")
    token = here.token(here.cast.agent)
    here.state.site = replace(here.state.site, db=Database("sqlite:////nulle/part.db"))
    away = here.get(None, "/me", headers={"Authorization": f"Bearer {token}"})
    assert (problem(away)["status"], away.headers["retry-after"]) == (503, "5")
    here.state.site.db.close()


def test_one_token_asks_so_often_and_no_more(api: At) -> None:
    here, clock = api("met"), [0.0]
    here.state.rate = Rate(burst=3, by_second=0.5, clock=lambda: clock[0])
    statuses = [here.get(here.cast.agent, "/me").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    answer = here.get(here.cast.agent, "/me")
    assert (problem(answer)["code"], answer.headers["retry-after"]) == ("too-many-requests", "2")
    assert here.get(here.cast.mayor(MANTES), "/me").status_code == 200
    clock[0] = 2.0
    assert here.get(here.cast.agent, "/me").status_code == 200


def test_the_api_never_answers_a_page_nor_the_pages_a_problem(here: Api) -> None:
    settings = Settings(_env_file=None, data_dir=here.cast.folder, secret_key=SECRET)
    with served(make_app(here.cast.db, settings)) as address:
        page = httpx.get(f"{address}/nulle-part", trust_env=False)
        assert page.headers["content-type"].startswith("text/html")
        refused = httpx.get(f"{address}{PATH}/nulle-part", trust_env=False)
        assert problem(refused)["status"] == 401
        bearer = {"Authorization": f"Bearer {here.token(here.cast.agent)}"}
        shown = httpx.get(f"{address}{PROJECT}", headers=bearer, trust_env=False)
    assert shown.json()["slug"] == SLUG
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")


# What is declared


def test_the_description_is_whole_and_open(here: Api) -> None:
    described = here.get(None, "/openapi.json").json()
    assert described["servers"] == [{"url": PATH}]
    names = {each["name"] for each in described["tags"]}
    assert all(each["name"].isidentifier() and each["name"].isascii() for each in described["tags"])
    for path, methods in described["paths"].items():
        for method, each in methods.items():
            assert each["summary"], (path, method)
            assert each["description"], (path, method)
            assert set(each["tags"]) <= names, (path, method)
            assert "500" in each["responses"], (path, method)
            if "/problems" not in path:
                assert {"401", "429", "503"} <= set(each["responses"]), (path, method)
            assert each["security"] == ([] if "/problems" in path else [{"jeton": []}]), (path, method)
    schemas = described["components"]["schemas"]
    assert {"Problem", "FieldProblem"} <= set(schemas)
    assert not {"HTTPValidationError", "ValidationError"} & set(schemas)
    named = set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(described)))
    assert named
    for path in named:
        reduce(getitem, path.split("/"), described)


def test_each_problem_has_a_code_of_its_own_and_leads_to_what_it_means(here: Api) -> None:
    codes = [each.code for each in every_kind()]
    assert len(codes) == len(set(codes))
    refused = problem(here.get(here.cast.outsider, "."))
    meant = here.get(None, refused["type"].removeprefix(PATH)).json()
    assert meant == {name: refused[name] for name in ("type", "code", "status", "title")}
    assert problem(here.get(None, "/problems/autre-chose"))["status"] == 404


def test_a_refusal_that_has_no_row_is_what_it_comes_from() -> None:
    class Unheard(Refusal):
        """A rule of tomorrow."""

    assert kind_of(Unheard("Non.")) is OF_REFUSALS[Refusal]


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (NotVisible(), 404),
        (UnknownDeliverable("note", None, ["charte"]), 404),
        (UnknownParty("99999", []), 422),
        (UnknownComment(), 422),
        (ReasonNeeded("refuser"), 422),
        (NotYours(Permission.convene), 403),
        (ReadOnlyToken(), 403),
        (TooManyComments(), 429),
        (NobodyInOffice("Niort"), 409),
    ],
)
def test_a_refusal_has_the_same_status_on_a_page_and_in_the_api(refusal: Refusal, status: int) -> None:
    def refuse() -> None:
        raise refusal

    for answer_failures in (pages, programs):
        app = FastAPI()
        app.get("/")(refuse)
        answer_failures(app)
        with served(app) as url:
            assert httpx.get(url, trust_env=False).status_code == status


def test_what_only_pages_show_of_a_project_is_not_in_the_answer(here: Api) -> None:
    here.cast.sign("charte", MANTES)
    shown = here.get(here.cast.agent, ".").json()
    deliverable = next(each for each in shown["stages"] if each["key"] == "charter")["deliverables"][0]
    assert set(shown["parties"][0]) == {"code", "name", "role", "kind", "local_project", "left_at"}
    assert set(deliverable) == {
        "key", "title", "party", "is_signed", "version", "sha256", "file_name", "submitted_by",
        "submitted_by_name", "submitted_at", "sign_offs",
    }  # fmt: skip
    assert set(deliverable["sign_offs"][0]) == {
        "id", "party", "decision", "act_kind", "reason", "signed_by", "signed_by_name", "recorded_by", "at",
        "acted_on", "version", "sha256", "voided", "withdrawn", "evidence", "paper", "counts",
    }  # fmt: skip
