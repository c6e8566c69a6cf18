"""The processes of one system, found in /proc (Linux) by the data directory that stands in their environment."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NAMES = {
    "flows.prefect_server": "prefect",
    "flows": "flows",
    "commands.relay": "relay",
    "web": "web",
    "notifications.mail_catcher": "mail",
    "web.mail_catcher.page": "mail_page",
    "chaos.quick_up": "up",
}


PROGRAMS = {"haproxy": "haproxy", "redis-server": "redis"}


@dataclass(frozen=True, slots=True)
class Process:
    """One process; ``name`` is that of `projet-partage up`, or empty for what these start themselves."""

    pid: int
    name: str
    parent: int

    def kill(self) -> None:
        """SIGKILL; nothing when it is gone."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    @property
    def memory(self) -> int:
        """Bytes: its proportional share (PSS), shared pages counted once over all who share them."""
        try:
            text = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        except OSError:
            return 0
        for line in text.splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return 0


def processes_of(*data_dirs: Path) -> list[Process]:
    """All that run now on these data directories."""
    marks = {f"PROJET_PARTAGE_DATA_DIR={data_dir}".encode() for data_dir in data_dirs}
    return [process for process, words in _every() if marks & words]


def descendants_of(pid: int) -> list[Process]:
    """All that this process has started, and they in turn."""
    every = [process for process, _ in _every()]
    return with_descendants([each for each in every if each.parent == pid], every)


def environment_of(process: Process) -> dict[str, str]:
    """The environment it was started with; empty when it is gone."""
    try:
        words = Path(f"/proc/{process.pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return {}
    return dict(word.split("=", 1) for word in words if "=" in word)


def with_descendants(victims: list[Process], every: list[Process]) -> list[Process]:
    """These and all that they have started, before they are gone."""
    found = list(victims)
    for process in found:  # which grows meanwhile
        found += [each for each in every if each.parent == process.pid and each not in found]
    return found


def _every() -> Iterator[tuple[Process, set[bytes]]]:
    """Each process that may be looked at, and its environment."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            environment = set((folder / "environ").read_bytes().split(b"\0"))
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if words != [""]:  # a process that has ended, and is not buried yet, has none
            yield Process(int(folder.name), _name(words), parent), environment


def _name(words: list[str]) -> str:
    if "-m" in words[1:2] and "services" in words:
        return "prefect_services"
    program = Path(words[0].partition(" ")[0]).name  # Redis writes its address behind its name
    if program in PROGRAMS:
        return PROGRAMS[program]
    if "-m" in words[1:2]:
        return _NAMES.get(words[2], "")
    return "up" if "up" in words[2:3] else ""
