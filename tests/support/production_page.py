"""The commands of docs/production.md, read from the page itself."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "production.md"
OF_A_MACHINE = ("sudo", "podman", "ssh")
"""A command with one of these needs a machine of its own."""
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEREDOC = re.compile(r"<<'(\w+)'")


@dataclass(frozen=True)
class Command:
    """One command, here-document included, and the number of its block."""

    block: int
    text: str

    @property
    def is_setting(self) -> bool:
        return re.fullmatch(r"[A-Z0-9_]+=\S*", self.text) is not None

    @property
    def needs_a_machine(self) -> bool:
        return not set(self.text.split()).isdisjoint(OF_A_MACHINE)


def blocks() -> list[str]:
    """The shell blocks of the page. Any other language is one that nobody would run."""
    found = _BLOCK.findall(PAGE.read_text("utf-8"))
    return [text for language, text in found if language == "sh"]


def commands() -> list[Command]:
    return [Command(number, text) for number, block in enumerate(blocks()) for text in _split(block)]


def _split(block: str) -> list[str]:
    lines, found = iter(block.splitlines()), []
    for line in lines:
        parts = [line]
        if heredoc := _HEREDOC.search(line):
            for more in lines:
                parts.append(more)
                if more == heredoc[1]:
                    break
        found.append("\n".join(parts))
    return [text for text in found if text.strip()]
