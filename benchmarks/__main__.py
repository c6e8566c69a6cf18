"""``python -m benchmarks``: everything in one run, round after round, and one table to read.

Each measure runs in a process of its own, so that no contestant's threads or caches weigh on another's; the
rounds are interleaved, so that a slow moment of the machine falls on all of them.
"""

import json
import subprocess
import sys
from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from benchmarks.databases import POSTGRESQL, SQLITE, why_absent
from benchmarks.play import Figures, middle
from benchmarks.report import CONTESTANTS, Key, as_markdown, as_table

RESULTS = Path(__file__).parent / "results"
PROJECTS = {
    ("floor", 1): 100, ("floor", 16): 12,
    ("sign_offs", 1): 40, ("sign_offs", 16): 4,
    ("spiff_peer", 1): 12, ("spiff_peer", 16): 1,
    ("dbos_peer", 1): 4, ("dbos_peer", 16): 1,
}  # fmt: skip
"""Projects each client plays in one measure: enough for two or three seconds of work."""

console = Console(width=None if sys.stdout.isatty() else 110)


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Nombre de tours, dont on prend les médianes.")] = 3,
    quick: Annotated[bool, typer.Option(help="Un tour, un projet par client : un essai.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Ne mesurer que ceux-là (répétable).")] = None,
) -> None:
    """Mesure nos validations, le plancher et les autres moteurs, côte à côte."""
    kinds = [kind for kind in (SQLITE, POSTGRESQL) if not _said_to_be_absent(kind)]
    contestants = [name for name in CONTESTANTS if not only or name in only]
    keys = list(product(contestants, kinds, (1, 16)))
    taken: dict[Key, list[Figures]] = defaultdict(list)
    for _, key in track(list(product(range(1 if quick else rounds), keys)), "Mesures…", console=console):
        taken[key].append(_measure_apart(key, 1 if quick else PROJECTS[key[0], key[2]]))
    medians = {key: middle(figures) for key, figures in taken.items()}
    console.print(as_table(medians))
    if not quick:
        _keep(medians)


def _said_to_be_absent(kind: str) -> bool:
    reason = why_absent(kind)
    if reason:
        console.print(f"[yellow]{reason}[/]")
    return reason is not None


def _measure_apart(key: Key, projects: int) -> Figures:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.measure", *map(str, key), str(projects)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode != 0:
        console.print(f"[red]{' '.join(map(str, key))} a échoué :[/]\n{done.stderr[-2000:]}")
        raise typer.Exit(1)
    return Figures(**json.loads(done.stdout.splitlines()[-1]))


def _keep(medians: dict[Key, Figures]) -> None:
    RESULTS.mkdir(exist_ok=True)
    rows = [{"who": who, "database": kind, "clients": clients, **figures.as_dict()}
            for (who, kind, clients), figures in medians.items()]  # fmt: skip
    (RESULTS / "latest.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    (RESULTS / "latest.md").write_text(as_markdown(medians), encoding="utf-8")
    console.print(f"Gardé dans {RESULTS.name}/latest.json et {RESULTS.name}/latest.md.")


if __name__ == "__main__":
    typer.run(main)
