"""The description of the API, judged by Redocly and Spectral: not an error, not a warning."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from node_tools import JUDGES_FOLDER, judge, node
from starlette.datastructures import State

from web.api.application import make_api

pytestmark = pytest.mark.trials
Judge = Callable[[Path], list[str]]


def redocly(description: Path) -> list[str]:
    """What its recommended rules find."""
    found = run(
        "@redocly/cli", "bin/cli.js", "lint", "--extends=recommended", "--format=json", str(description)
    )
    return [f"{each['ruleId']}: {each['message']}" for each in found["problems"]]


def spectral(description: Path) -> list[str]:
    """What its rules for OpenAPI find."""
    rules = str(JUDGES_FOLDER / "spectral.yaml")
    found = run(
        "@stoplight/spectral-cli",
        "dist/index.js",
        "lint",
        "--quiet",
        "-f",
        "json",
        "-r",
        rules,
        str(description),
    )
    return [f"{each['code']}: {each['message']} ({'/'.join(each['path'])})" for each in found]


def run(package: str, program: str, *words: str) -> Any:
    done = subprocess.run(
        [node(), str(judge(package, program)), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def described() -> dict[str, Any]:
    return dict(make_api(State()).openapi())


def written(description: dict[str, Any], folder: Path) -> Path:
    file = folder / "openapi.json"
    file.write_text(json.dumps(description, ensure_ascii=False), "utf-8")
    return file


@pytest.mark.parametrize("judges", [redocly, spectral])
def test_the_judges_find_nothing(judges: Judge, described: dict[str, Any], tmp_path: Path) -> None:
    assert judges(written(described, tmp_path)) == []


@pytest.mark.parametrize("judges", [redocly, spectral])
def test_they_see_a_reference_that_leads_nowhere(
    judges: Judge, described: dict[str, Any], tmp_path: Path
) -> None:
    described["components"]["schemas"]["Problem"] = {"$ref": "#/components/schemas/Nowhere"}
    assert judges(written(described, tmp_path))
