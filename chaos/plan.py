"""What the clients are to do: facts in chains, each chain done in order by one client."""

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PlannedAct:
    """One fact to record: a decision of a party on a content, or (``text`` set) a new version of the deliverable."""

    id: str
    slug: str
    stage: str
    key: str
    deliverable_id: int
    person: str
    sha256: str
    party: str = ""
    party_id: int = 0
    decision: str = "approved"
    reason: str | None = None
    text: str | None = None
    double: int = 0

    @property
    def is_version(self) -> bool:
        return self.text is not None


Chain = Sequence[PlannedAct]


@dataclass(frozen=True, slots=True)
class Way:
    """How some clients act, and whether they can submit a version."""

    name: str
    clients: int
    submits: bool = True


WAYS = (Way("api", 2), Way("pages", 1, submits=False), Way("actions", 2))


def deal(chains: Iterable[Chain], ways: Sequence[Way], draw: random.Random) -> dict[str, list[Chain]]:
    """The chains of each client, by its name (« api-1 »); one in ten single decisions is given by two clients."""
    names = [(f"{way.name}-{number}", way) for way in ways for number in range(1, way.clients + 1)]
    dealt: dict[str, list[Chain]] = {name: [] for name, _ in names}
    chains = list(chains)
    draw.shuffle(chains)
    for chain in chains:
        able = [name for name, way in names if way.submits or not any(act.is_version for act in chain)]
        first, *others = draw.sample(able, k=len(able))
        dealt[first].append(chain)
        if others and len(chain) == 1 and draw.random() < 0.1:
            dealt[others[0]].insert(draw.randint(0, len(dealt[others[0]])), [replace(chain[0], double=1)])
    return dealt


def write_plan(file: Path, chains: Iterable[Chain]) -> None:
    file.write_text(json.dumps([[asdict(act) for act in chain] for chain in chains]), encoding="utf-8")


def read_plan(file: Path) -> list[Chain]:
    return [[PlannedAct(**act) for act in chain] for chain in json.loads(file.read_text(encoding="utf-8"))]
