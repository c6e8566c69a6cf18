"""Who may import whom: one direction, from what people touch to what exists."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ARROWS: dict[str, set[str]] = {
    "models": set(),
    "notifications": {"logs"},  # a message carries plain values: every mail is written without a database
    "actions": {"models"},
    "flows": {"actions", "logs", "models", "notifications", "settings"},
    "commands": {"actions", "logs", "models", "notifications", "settings"},
    "web": {"actions", "logs", "models", "notifications", "settings"},
    "cli": {"commands", "models", "settings"},
    "settings": set(),  # a leaf
    "logs": set(),
}
"""Each room, and those it may use besides itself."""
REFUSAL = "models.refusal"
"""One sentence and no table: whoever checks what people typed may refuse it."""


def imported(file: Path) -> Iterator[str]:
    """All that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: from . import …"
            yield node.module or ""


def rooms(file: Path) -> set[str]:
    """The rooms, ours or others', that a file imports from."""
    return {name.partition(".")[0] for name in imported(file) if name != REFUSAL}


def files_of(room: str) -> list[Path]:
    alone = ROOT / f"{room}.py"
    return [alone] if alone.exists() else sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_imports_only_what_it_stands_on(room: str) -> None:
    wrong = {
        str(file.relative_to(ROOT)): found
        for file in files_of(room)
        if (found := rooms(file) & set(ARROWS) - ARROWS[room] - {room})
    }
    assert files_of(room)
    assert wrong == {}


@pytest.mark.parametrize("room", sorted(set(ARROWS) - {"flows"}))
def test_prefect_is_imported_by_the_flows_alone(room: str) -> None:
    assert [file for file in files_of(room) if "prefect" in rooms(file)] == []


def test_no_room_is_a_box_for_what_belongs_nowhere() -> None:
    for name in ("utils", "core", "common", "helpers", "services", "managers"):
        assert not list(ROOT.glob(f"{name}*"))
        assert not [file for room in ARROWS for file in files_of(room) if file.stem == name]
