"""The judges of pages: axe-core and IBM's in the browser, html-validate on Node, the W3C's (Nu) on Java."""

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from node_tools import NODE_FOLDER, java, judge, node, node_package
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

_UNFOLD = "document.querySelectorAll('details').forEach(each => each.open = true)"
_NO_BARRIER = {
    # What scrolls inside the page does so by the keyboard too: axe asks for it.
    "element_tabbable_role_valid": r"<section (?=[^>]*aria-label)",
    # A form without a name is no landmark (HTML-AAM); IBM takes each for one, its name empty.
    "aria_form_label_unique": r"<form (?![^>]*aria-label)",
    "aria_landmark_name_unique": r"<form (?![^>]*aria-label)",
}
"""What we do not follow IBM in: its rule, and the element."""
_RUN_IBM = """async () => {
  const checker = new ace.Checker(), rules = checker.rulesetRules, asks = /^(0|group|pass|potential|manual)/i;
  const finds = name => Object.keys(checker.engine.getRule(name).messages["en-US"]).some(code => !asks.test(code));
  rules.IBM_Accessibility = rules.IBM_Accessibility.filter(finds);  // the others take half of the time
  const {results} = await checker.check(document, ["IBM_Accessibility"]);
  return results.filter(each => each.value[0] === "VIOLATION" && each.value[1] === "FAIL")
    .map(each => [each.ruleId, each.snippet, each.message]);
}"""


@cache
def _axe() -> str:
    return node_package("axe-core", "axe.min.js").read_text("utf-8")


@cache
def _ibm() -> str:
    return judge("accessibility-checker-engine", "ace.js").read_text("utf-8")


def unfold(page: Page) -> None:
    """Open each part of the page that is folded: what is hidden is not judged."""
    page.evaluate(_UNFOLD)


def barriers(page: Page, rules: list[str] | None = None) -> list[Any]:
    """What axe finds wrong on the page as it stands: all that it knows, or these rules only."""
    # Evaluated by the debugger of the browser: the policy of the page stays what it is.
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_axe())
    found: list[Any] = page.evaluate(_RUN, [STANDARDS, rules or []])
    return found


def barriers_by_ibm(page: Page) -> list[Any]:
    """The violations that IBM's Equal Access finds on the page as it stands; not what it asks a person to look at."""
    if not page.evaluate("Boolean(window.ace)"):
        page.evaluate(_ibm())
    found: list[Any] = page.evaluate(_RUN_IBM)
    return [each for each in found if not re.search(_NO_BARRIER.get(each[0], r"$^"), each[1])]


def faults_by_nu(files: Iterable[Path]) -> list[tuple[str, str]]:
    """The name of the file and the fault, for each error or warning of the W3C's checker (HTML, CSS and SVG)."""
    command = [java(), "-jar", str(judge("vnu-jar", "build/dist/vnu.jar")), "--format", "json", "--stdout"]
    command += ["--also-check-css", "--also-check-svg", "--exit-zero-always", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [
        (Path(each["url"]).name, f"{each.get('lastLine')}: {each['message']}")
        for each in json.loads(done.stdout)["messages"]
    ]


def write_pages(pages: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Write the HTML of each address into a file; returns the address of each file."""
    names: dict[str, str] = {}
    for number, (address, html) in enumerate(pages.items()):
        file = folder / f"{number}.html"
        file.write_text(html, "utf-8")
        names[str(file)] = address
    return names


def faults_of_html(pages: Mapping[str, str], folder: Path) -> list[str]:
    """What is not valid in the HTML of these pages, each named by its address."""
    command = [node(), str(node_package("html-validate", "bin/html-validate.mjs"))]
    command += ["--config", str(NODE_FOLDER / "html-validate.json"), "--formatter", "json"]
    names = write_pages(pages, folder)
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
