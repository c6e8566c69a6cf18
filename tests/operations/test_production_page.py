"""docs/production.md is a contract: what can run here runs (`test_scaled_page.py`), a tool reads the rest."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from production_page import PAGE, ROOT, blocks, commands

from commands.run import ProcessName
from settings import Settings

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
INSTALLED = "/srv/projet-partage"
INSTRUCTIONS = {"FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "VOLUME", "ENTRYPOINT", "CMD"}


def instructions() -> list[tuple[str, str]]:
    """The Containerfile's, with what follows each."""
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


@pytest.mark.parametrize("block", blocks(), ids=lambda block: block.split("\n")[0][:40])
def test_each_block_is_shell(block: str) -> None:
    assert subprocess.run(["/bin/sh", "-n", "-c", block], check=False).returncode == 0


def test_every_file_of_ours_that_a_command_names_exists() -> None:
    named = {word for each in commands() for word in each.text.split() if word.startswith("deploy/")}
    assert {"deploy/Containerfile", "deploy/projet-partage.env"} <= named
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_the_addresses_given_to_haproxy_are_those_it_asks_for() -> None:
    asked = set(re.findall(r"\$\{(PROJET_PARTAGE_\w+)-", (DEPLOY / "haproxy.cfg").read_text("utf-8")))
    settings = {each.text.partition("=")[0] for each in commands() if each.is_setting}
    assert settings
    assert settings <= asked


def test_the_page_enables_every_process_that_has_no_other_start() -> None:
    enabled = " ".join(each.text for each in commands() if "systemctl enable" in each.text)
    started = set(re.findall(r"projet-partage@([\w-]+)", enabled))
    assert started == set(ProcessName) - {"mail", "mail-page", "prefect-database"}


@pytest.mark.parametrize(
    "page", [PAGE, *UNITS, *DEPLOY.glob("*.*"), DEPLOY / "Containerfile"], ids=lambda p: p.name
)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    names = {f"PROJET_PARTAGE_{name.upper()}" for name in Settings.model_fields}
    proxies = set(re.findall(r"\$\{(PROJET_PARTAGE_\w+)-", (DEPLOY / "haproxy.cfg").read_text("utf-8")))
    assert set(re.findall(r"\bPROJET_PARTAGE_[A-Z_0-9]+\b", page.read_text("utf-8"))) <= names | proxies


def test_systemd_takes_the_units(tmp_path: Path, have) -> None:  # type: ignore[no-untyped-def]
    """With our own command where the installed one would be."""
    for unit in UNITS:
        text = unit.read_text("utf-8")
        assert (INSTALLED in text) is (unit.suffix == ".service")
        (tmp_path / unit.name).write_text(text.replace(INSTALLED, str(ROOT)))
    done = subprocess.run(
        [
            have("systemd-analyze"),
            "verify",
            "--recursive-errors=no",
            *(tmp_path / unit.name for unit in UNITS),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_image_is_built_from_files_that_are_here_and_runs_as_nobody() -> None:
    lines = instructions()
    assert {name for name, _ in lines} <= INSTRUCTIONS
    for name, rest in lines:
        if name == "COPY":
            *sources, _target = rest.split()
            assert [each for each in sources if not (ROOT / each).exists()] == []
        if name == "RUN":
            assert subprocess.run(["/bin/sh", "-n", "-c", rest], check=False).returncode == 0
    installs = [rest for name, rest in lines if name == "RUN" and "pip install" in rest]
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)
    names = [name for name, _ in lines]
    assert names.index("USER") < names.index("ENTRYPOINT")


def test_what_the_image_copies_is_the_whole_package(tmp_path: Path) -> None:
    for name, rest in instructions():
        if name != "COPY":
            continue
        *sources, target = shlex.split(rest)
        for source in sources:
            into = tmp_path / target / (source if target == "./" else "")
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, into, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, into)

    def packed(folder: Path) -> set[str]:
        paths = {file.distribution_path for file in WheelBuilder(str(folder)).recurse_included_files()}
        return {name for name in paths if "__pycache__" not in name}

    assert packed(tmp_path) == packed(ROOT)
