"""The documentation as a contract: what is generated is up to date, what must be told is told, links lead somewhere."""

import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.shared_project import PROJECT_TRANSITIONS
from models.stage import STAGE_TRANSITIONS
from models.stage_definition import STAGE_KEYS
from settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "examples" / "README.md"])
DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
OF_ITS_OWN = ROOT / "requirements-client.lock"
"""Of a program that is installed apart, with none of ours."""
VARIABLES = sorted(f"PROJET_PARTAGE_{name.upper()}" for name in Settings.model_fields)

every_variable = pytest.mark.parametrize("variable", VARIABLES)
every_lock = pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)


def test_the_diagrams_of_the_lifecycle_are_those_of_the_tables() -> None:
    from scripts.draw_lifecycle import PAGE, drawn

    page = PAGE.read_text("utf-8")
    assert drawn(page) == page, "run `make docs`"


@pytest.mark.parametrize(
    "event", sorted({event for event, _, _ in (*STAGE_TRANSITIONS, *PROJECT_TRANSITIONS)})
)
def test_each_event_of_the_lifecycle_is_explained(event: str) -> None:
    assert f"\n| `{event}` |" in (DOCS / "lifecycle.md").read_text("utf-8")


def test_the_page_of_the_commands_is_that_of_the_command_line() -> None:
    # In a process of its own, as `make docs`: building the command line puts its library in French.
    script = "from scripts.write_commands import PAGE, page; assert PAGE.read_text('utf-8') == page()"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"run `make docs`\n{done.stderr}"


@every_variable
def test_each_setting_is_documented_in_the_example(variable: str) -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    assert any(line.startswith(f"{variable}=") for line in lines)


@every_variable
def test_each_setting_is_in_the_table_of_the_readme(variable: str) -> None:
    assert f"| `{variable}` |" in (ROOT / "README.md").read_text("utf-8")


def test_the_example_sets_nothing_that_is_not_a_setting_and_each_to_its_default() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert sorted(given) == VARIABLES
    assert Settings(_env_file=ROOT / ".env.example") == Settings(_env_file=None)


@pytest.mark.parametrize("row", DEPLOYMENTS, ids=lambda row: row["name"])
def test_each_deployment_has_its_flow_under_its_own_name(row: dict[str, Any]) -> None:
    module, _, name = row["entrypoint"].rpartition(".")
    flow = getattr(import_module(module), name)
    assert (type(flow).__name__, flow.name) == ("Flow", row["name"])


def test_each_stage_of_the_lifecycle_has_its_deployment() -> None:
    assert set(STAGE_KEYS) <= {row["name"] for row in DEPLOYMENTS}


def test_make_alone_tells_each_target_that_others_rely_on() -> None:
    told = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True).stdout
    targets = {line.split()[1] for line in told.splitlines() if line.startswith("make ")}
    assert {"install", "run", "demo", "test", "lint", "bench"} <= targets


@every_lock
def test_a_lock_has_hashes_and_names_no_index(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=)", text, re.MULTILINE)
    pinned = re.findall(r"^[a-z0-9][\w.\-\[\]]*==\S+.*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(pinned) > (20 if lock == OF_ITS_OWN else 50)
    assert [each.split()[0] for each in pinned if "--hash=sha256:" not in each] == []


@pytest.mark.parametrize("lock", [each for each in LOCKS if each != OF_ITS_OWN], ids=lambda lock: lock.name)
def test_the_locks_agree_with_the_one_that_runs(lock: Path) -> None:
    runs, other = _versions(ROOT / "requirements.lock"), _versions(lock)
    assert {name: other[name] for name in runs} == runs


def _versions(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][\w.\-\[\]]*)==([^\s;]+)", lock.read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_links_to_exists(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text("utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_each_decision_is_listed_and_is_one_page() -> None:
    listed = (DOCS / "decisions" / "README.md").read_text("utf-8")
    for record in DOCS.glob("decisions/0*.md"):
        text = record.read_text("utf-8")
        assert f"({record.name})" in listed
        assert len(text.splitlines()) <= 60
        headings = re.findall(r"^## (.*)", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences", "Alternatives"]


def test_the_public_description_is_that_of_the_package() -> None:
    described = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
    package = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert described["legal"]["license"] == package["license"]
    assert described["softwareVersion"] == package["version"]
    assert described["url"] == package["urls"]["Repository"]
    assert "Private :: Do Not Upload" in package["classifiers"]  # docs/decisions/0029
    for text in described["description"].values():  # the lengths of publiccode.yml 0.4
        assert len(text["shortDescription"]) <= 150 <= len(text["longDescription"]) <= 10_000
