"""The judges of pages: axe-core in the browser, html-validate on Node."""

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from node_tools import NODE_FOLDER, node, node_package
from playwright.sync_api import Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_SCREEN = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block"]
"""The rules whose answer may change with the width and the light alone."""
_RUN = """([tags, rules]) => axe.run(document, {
  runOnly: rules.length ? {type: "rule", values: rules} : {type: "tag", values: tags},
  rules: rules.length ? {} : {"target-size": {enabled: true}},
  resultTypes: ["violations"],
}).then(found => found.violations.map(wrong => [
  wrong.id, wrong.nodes.slice(0, 3).map(node => `${node.html.slice(0, 160)} ${node.failureSummary}`),
]))"""


@cache
def _axe() -> str:
    return node_package("axe-core", "axe.min.js").read_text("utf-8")


def barriers(page: Page, rules: list[str] | None = None) -> list[Any]:
    """What axe finds wrong on the page as it stands: all that it knows, or these rules only."""
    # Evaluated by the debugger of the browser: the policy of the page stays what it is.
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_axe())
    found: list[Any] = page.evaluate(_RUN, [STANDARDS, rules or []])
    return found


def faults_of_html(pages: Mapping[str, str], folder: Path) -> list[str]:
    """What is not valid in the HTML of these pages, each named by its address."""
    command = [node(), str(node_package("html-validate", "bin/html-validate.mjs"))]
    command += ["--config", str(NODE_FOLDER / "html-validate.json"), "--formatter", "json"]
    names: dict[str, str] = {}
    for number, (address, html) in enumerate(pages.items()):
        file = folder / f"{number}.html"
        file.write_text(html, "utf-8")
        names[str(file)] = address
    told = folder / "told.json"
    with told.open("w") as out:  # into a file: Node ends before a pipe has taken all
        done = subprocess.run(
            [*command, *names], stdout=out, stderr=subprocess.PIPE, text=True, check=False, cwd=folder
        )
    assert done.returncode in (0, 1), done.stderr
    return [
        f"{names[each['filePath']]}: {wrong['line']}: {wrong['ruleId']}: {wrong['message']}"
        for each in json.loads(told.read_text("utf-8"))
        for wrong in each["messages"]
    ]
