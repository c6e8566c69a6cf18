"""Nothing slow is done while others wait: each action's write transaction is short, whatever it is given."""

import csv
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import thread_time

import pytest
import yaml
from cast import NIORT, Cast
from short_holds import SlowUnderLock

from database.engine import Database
from models.action_plan import MAX_ACTIONS
from models.invalid_file import InvalidFile
from models.yaml_tree import parse_yaml

At = Callable[[str], Cast]
Holds = dict[str, float]
ACTIONS = ("submit_deliverable", "close_stage")
LONGEST = 2.0
"""Seconds of work: a hundred times what an action takes, a third of what the largest plan took to read."""


def large_plan() -> str:
    """As many actions as are taken, in as many bytes."""
    action = {
        "title": "Une action" + " de plus" * 12,
        "owner": "Le service de la culture",
        "indicator": "Nombre d’habitants" + " qui viennent" * 4,
        "starts_on": "2028-01-01",
        "due_on": "2028-12-31",
    }
    text = yaml.safe_dump({"actions": [dict(action) for _ in range(MAX_ACTIONS)]}, allow_unicode=True)
    assert 140_000 < len(text.encode()) < 200_000
    return text


def test_the_watch_sees_what_is_slow(db: Database, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a: b")
    slow_ones = (
        lambda: parse_yaml("a: b"),
        lambda: csv.reader([]),
        lambda: (tmp_path / "file").read_bytes(),
        lambda: subprocess.run([sys.executable, "--version"], check=True, capture_output=True),
    )
    for slow in slow_ones:
        slow()
        with pytest.raises(SlowUnderLock), db.write():
            slow()


def test_each_action_of_a_whole_project_holds_nobody_up(at: At, holds: Holds) -> None:
    at("action plan in review")
    assert len(holds) > 15
    assert {who: longest for who, longest in holds.items() if longest > LONGEST} == {}


def test_large_plans_are_read_before_anything_is_locked(at: At, holds: Holds, tmp_path: Path) -> None:
    cast = at("action plan in review")
    plan, broken = tmp_path / "plan.yaml", tmp_path / "casse.yaml"
    plan.write_text(large_plan(), encoding="utf-8")
    broken.write_text("actions: [" * 15_000, encoding="utf-8")
    with pytest.raises(InvalidFile):
        cast.submit("plan_d_action", NIORT, path=broken)
    cast.submit("plan_d_action", NIORT, path=plan)
    cast.finish("action_plan")
    submitting, closing = (max(holds[who] for who in holds if who.endswith(name)) for name in ACTIONS)
    assert submitting < LONGEST
    assert closing < LONGEST


HOSTILE = {
    "items": "- un\n",
    "keys": "a: b\n",
    "flow": "[a, b], ",
    "anchors": "- &a x\n",
    "aliases": "*a ",
    "tags": "!!python/object:os ",
    "quotes": '"',
    "deep": "[",
    "deeper": "{a: ",
    "dashes": "- ",
    "blank": " \n",
    "digits": "1_1",
    "documents": "---\n",
    "block": "- |\n  x\n",
}


@pytest.mark.trials
@pytest.mark.parametrize("begin", ["", "a: ", "[", "- "])
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_text_takes_long_to_read_or_refuse(kind: str, begin: str) -> None:
    text = begin + HOSTILE[kind] * (198_000 // len(HOSTILE[kind]))
    began = thread_time()
    with suppress(yaml.YAMLError, RecursionError):
        parse_yaml(text)
    assert thread_time() - began < 3
