"""CSV is read in one place, which takes what spreadsheets write, and written in one, which makes formulas harmless."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = {"reader": "models/table_file.py", "DictWriter": "models/table_writer.py"}
FORMATS = {"reader", "writer", "DictReader", "DictWriter"}
OTHER_WRITERS = {"to_csv", "write_csv"}


def uses_of_csv(source: str) -> Iterator[str]:
    """What code reads or writes CSV with, however it is imported."""
    tree = ast.parse(source)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    names = {alias.asname or alias.name for node in imports for alias in node.names if alias.name == "csv"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in {"csv", "_csv"}:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute):
            is_of_csv = isinstance(node.value, ast.Name) and node.value.id in names
            if node.attr in OTHER_WRITERS or (is_of_csv and node.attr in FORMATS):
                yield node.attr


def product_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split() if not name.startswith(("tests/", "fuzz/"))]


def test_tables_are_read_and_written_where_cells_are_freed_and_guarded() -> None:
    found = {(use, name) for name in product_files() for use in uses_of_csv((ROOT / name).read_text("utf-8"))}
    assert found == set(PLACES.items())
    assert "guarded_cell(" in (ROOT / PLACES["DictWriter"]).read_text("utf-8")


def test_the_search_sees_each_way_to_write_a_table() -> None:
    for way in (
        "import csv\ncsv.writer(f)",
        "import csv as c\nc.DictWriter(f, [])",
        "from csv import writer",
        "frame.to_csv(f)",
    ):
        assert len(list(uses_of_csv(way))) == 1
