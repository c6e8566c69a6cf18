"""What became of one try to record a fact."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from chaos.plan import PlannedAct

LATE = 3
"""The exit code of a client whose time was up before every fact of its plan was answered."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Acknowledged; ``number`` is the fact's number, when the answer gives one."""

    number: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule stands against it, or so it is said."""

    why: str


@dataclass(frozen=True, slots=True)
class TryAgain:
    """No answer that settles it: ``status`` is 0 without an HTTP answer. It may have been recorded all the same."""

    why: str
    status: int = 0
    seconds: float = 1.0


Outcome = Recorded | Refused | TryAgain
People = dict[str, dict[str, Any]]


class Client(Protocol):
    """One way of recording facts."""

    def act(self, act: PlannedAct) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where the system is: its pages, its domain database, its files."""

    web: str
    database: str
    files: Path

    @property
    def cookie(self) -> str:
        """The name of the cookie of a session: over TLS, one that the name itself keeps to this host."""
        return "__Host-session" if self.web.startswith("https") else "session"

    @property
    def http(self) -> dict[str, Any]:
        """The options of every client; the certificate of `make scale` is of its own making."""
        return {"timeout": 60, "trust_env": False, "verify": False}
