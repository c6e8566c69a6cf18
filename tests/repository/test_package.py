"""The package that is installed elsewhere holds all that the code reads beside itself."""

import subprocess
import sys
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from commands.seed import EXAMPLES
from database.upgrade import MIGRATIONS
from models.lifecycle import LIFECYCLES_DIR
from notifications.attestation import FONTS
from web.pages.guide import DOCS, GUIDES, IMAGES
from web.server.static_files import STATIC

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "notifications" / "templates"
PAGES = ROOT / "web" / "templates"
READ = [
    *(DOCS / name for name in GUIDES.values()),
    *(
        file
        for folder in (IMAGES, STATIC, PAGES, WORDS, FONTS, LIFECYCLES_DIR, EXAMPLES, MIGRATIONS)
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    ),
]


@pytest.fixture(scope="module")
def packed() -> set[str]:
    builder = WheelBuilder(str(ROOT))
    return {file.distribution_path for file in builder.recurse_included_files()}


def test_the_package_holds_the_pages_guides_pictures_words_and_migrations(packed: set[str]) -> None:
    assert len(READ) > 100
    assert {str(file.relative_to(ROOT)) for file in READ} - packed == set()


def test_it_holds_neither_tests_nor_what_is_only_for_developers(packed: set[str]) -> None:
    outside = ("tests/", "benchmarks/", "chaos/", "fuzz/", "scripts/", "docs/decisions/", ".")
    assert [name for name in packed if name.startswith(outside)] == []


@pytest.mark.trials
def test_pyroma_misses_nothing_but_an_address_of_the_authors() -> None:
    """We have none to give: the package is for whoever hosts it, and names nobody (docs/decisions/0029)."""
    done = subprocess.run(
        [Path(sys.executable).with_name("pyroma"), "--directory", ROOT],
        capture_output=True,
        text=True,
        check=True,
    )
    _, _, missing, rating, *_ = done.stdout.split(f"{'-' * 30}\n")
    assert missing == "Your package does not have author-email data.\n"
    assert rating.startswith("Final rating: 8/10\n")
