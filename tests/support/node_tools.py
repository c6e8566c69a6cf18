"""What the tests run on Node: its command, and the packages of ``tests/node`` (`make test` installs them).

Those of ``tests/node/judges`` are heavier and belong to the trials (`make trials` installs them).
"""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

NODE_FOLDER = Path(__file__).parents[1] / "node"
JUDGES_FOLDER = NODE_FOLDER / "judges"


def node() -> str:
    """The command of Node; without one the test is skipped, and fails on CI, where nothing may be left out."""
    return shutil.which("node") or _absent("Node n’est pas installé (apt-get install nodejs npm)")


def node_package(name: str, inside: str = "") -> Path:
    """A package of ``tests/node/package.json``, or a file ``inside`` it; skips, or fails on CI, as ``node``."""
    return _package(NODE_FOLDER, name, inside)


def judge(name: str, inside: str = "") -> Path:
    """The same of ``tests/node/judges``."""
    return _package(JUDGES_FOLDER, name, inside)


def java() -> str:
    """The command of Java, which some judges run on; skips, or fails on CI, as ``node``."""
    return shutil.which("java") or _absent("Java n’est pas installé (apt-get install default-jre-headless)")


def _package(folder: Path, name: str, inside: str) -> Path:
    node()
    path = folder / "node_modules" / name / inside
    if not path.exists():
        _absent(
            f"{name} n’est pas installé (npm ci --prefix {folder.relative_to(Path(__file__).parents[2])})"
        )
    return path


def _absent(why: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"cet essai doit passer ici : {why}")
    pytest.skip(f"essai laissé de côté : {why}")
