"""What the tests run on Node: its command, and the packages of ``tests/node`` (`make test` installs them)."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

NODE_FOLDER = Path(__file__).parents[1] / "node"


def node() -> str:
    """The command of Node; without one the test is skipped, and fails on CI, where nothing may be left out."""
    return shutil.which("node") or _absent("Node n’est pas installé (apt-get install nodejs npm)")


def node_package(name: str, inside: str = "") -> Path:
    """A package of ``tests/node/package.json``, or a file ``inside`` it; skips, or fails on CI, as ``node``."""
    node()
    path = NODE_FOLDER / "node_modules" / name / inside
    if not path.exists():
        _absent(f"{name} n’est pas installé (npm ci --prefix tests/node)")
    return path


def _absent(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"cet essai doit passer ici : {why}")
    pytest.skip(f"essai laissé de côté : {why}")
