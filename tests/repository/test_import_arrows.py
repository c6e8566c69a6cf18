"""What import-linter cannot see: the modules that are no package, and names that say nothing (see `make lint`)."""

import pytest
from source_files import ROOT, imported

PACKAGES = (
    "actions", "commands", "database", "flows", "models", "notifications", "queries", "web",
)  # fmt: skip
NAMES = {*PACKAGES, "cli", "logs", "settings"}


@pytest.mark.parametrize(
    ("module", "allowed"),
    [("cli", {"commands", "database", "models", "settings"}), ("settings", set()), ("logs", set())],
)
def test_a_module_beside_the_packages_imports_only_what_it_stands_on(module: str, allowed: set[str]) -> None:
    tops = {name.partition(".")[0] for name in imported(ROOT / f"{module}.py")}
    assert tops & NAMES - {module} <= allowed
    assert "prefect" not in tops


def test_no_room_is_a_box_for_what_belongs_nowhere() -> None:
    for name in ("utils", "core", "common", "helpers", "services", "managers"):
        assert not list(ROOT.glob(f"{name}*"))
        assert not [file for package in PACKAGES for file in (ROOT / package).rglob(f"{name}*")]
