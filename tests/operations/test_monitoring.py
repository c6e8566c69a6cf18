"""The dashboard and the alerts speak of metrics that exist, with labels that they have."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from site_of_tests import Site

from actions.system.periodic_rounds import beat

FOLDER = Path(__file__).parents[2] / "docs" / "monitoring"
ALERTS = yaml.safe_load((FOLDER / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
DASHBOARD = json.loads((FOLDER / "dashboard.json").read_text("utf-8"))
NAMES = re.compile(r"projet_partage_\w+")
LABELS = re.compile(r"(projet_partage_\w+){([^}]*)}")
FUNCTIONS = {
    "absent", "min", "max", "sum", "by", "rate", "delta", "increase", "histogram_quantile", "min_over_time", "topk",
}  # fmt: skip


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in ALERTS)
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel.get("targets", []))


@pytest.fixture(scope="module")
def labels(sqlite_shelf: Any) -> dict[str, set[str]]:
    """The labels of each sample that ``/metrics`` gives."""
    from site_of_tests import site_of

    cast = sqlite_shelf.take("constitution in review")
    beat(cast.db, now=cast.now)
    with site_of(cast) as site:
        httpx.get(site.address, trust_env=False)
        text = read(site)
        while "http_requests_total" not in text:
            text = read(site)
    sqlite_shelf.give_back(cast)
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


def read(site: Site) -> str:
    return httpx.get(f"{site.address}/metrics", trust_env=False, timeout=60).text


def test_every_metric_that_is_named_exists(labels: dict[str, set[str]]) -> None:
    named = {name for expression in expressions() for name in NAMES.findall(expression)}
    assert len(named) > 10
    assert named - labels.keys() == set()


def test_every_label_that_is_asked_for_is_one_of_its_metric(labels: dict[str, set[str]]) -> None:
    for expression in expressions():
        for name, asked in LABELS.findall(expression):
            assert set(re.findall(r"(\w+)\s*[=!]~?=?", asked)) <= labels[name], expression
        for grouped in re.findall(r"by \(([^)]*)\)", expression):
            known_labels = set().union(*(labels[name] for name in NAMES.findall(expression)))
            assert set(re.findall(r"\w+", grouped)) <= known_labels, expression


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_an_expression_is_well_formed(expression: str) -> None:
    bare = re.sub(r'"[^"]*"', "", expression)
    for opening, closing in ("()", "[]", "{}"):
        assert bare.count(opening) == bare.count(closing)
    assert set(re.findall(r"\b([a-z_]+)\s*\(", bare)) <= FUNCTIONS
    assert all(re.fullmatch(r"[0-9]+[smhd]", window) for window in re.findall(r"\[([^\]]*)\]", bare))


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert rule["annotations"].keys() == {"summary", "action"}
    assert all(text.endswith((".", "?")) for text in rule["annotations"].values())


def test_prometheus_itself_takes_the_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip(
            "promtool n’est pas sur cette machine : les expressions ne sont vérifiées que par leurs noms"
        )
    done = subprocess.run(
        [promtool, "check", "rules", FOLDER / "alerts.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_dashboard_is_one_that_grafana_imports() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    places = [tuple(panel["gridPos"].values()) for panel in DASHBOARD["panels"]]
    assert all(x + width <= 24 for _, width, x, _ in places)
    assert all(target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", []))


def test_every_metric_is_told_in_the_page(labels: dict[str, set[str]]) -> None:
    page = (FOLDER / "README.md").read_text("utf-8")
    ours = {re.sub(r"_(bucket|sum|count)$", "", name) for name in labels}
    assert [name for name in ours if name.removeprefix("projet_partage_") not in page] == []
