"""``python -m benchmarks.sweep``: the daily sweep, from the query to the digests in the outbox.

A million commitments of which 2 % have a rung that day, for 5,000 people. Beside it, the same number due among ten
times fewer (the cost must be the same), and ten times more due (how the memory grows). Each sweep has a fresh copy
of the database and a process of its own.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.commitments import Country, seed
from benchmarks.databases import POSTGRESQL, SQLITE, copy_of, temporary_database, why_absent
from benchmarks.sweep_once import Sweep

COUNTRIES = (Country(1_000_000, 20_000), Country(100_000, 20_000), Country(1_000_000, 200_000))
TRIAL = (Country(10_000, 200, projects=25),)
HEADINGS = (
    "Base", "Engagements", "Dus", "Balayage (s)", "dont Python (s)", "Requête nue (s)", "executemany (s)",
    "Mémoire avant (Mo)", "au plus haut (Mo)",
)  # fmt: skip
Line = tuple[str, Country, Sweep]

console = Console(width=None if sys.stdout.isatty() else 150)


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Nombre de tours, dont on prend les médianes.")] = 3,
    quick: Annotated[bool, typer.Option(help="Un tour, dix mille engagements : un essai.")] = False,
) -> None:
    """Mesure le balayage quotidien des échéances."""
    kinds = [kind for kind in (SQLITE, POSTGRESQL) if why_absent(kind) is None]
    measures = [
        (kind, country, _middle(list(_sweeps(kind, country, 1 if quick else rounds))))
        for kind in kinds
        for country in (TRIAL if quick else COUNTRIES)
    ]
    console.print(as_table(measures))


def as_table(lines: list[Line]) -> Table:
    """The figures of each country, one section for each database."""
    table = Table(title="Le balayage quotidien, de la requête aux récapitulatifs écrits")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "Base" else "right")
    for kind, country, one in lines:
        table.add_row(
            kind,
            _thousands(country.commitments),
            _thousands(country.due),
            *(f"{seconds:.2f}" for seconds in (one.seconds, one.processor, one.query, one.floor)),
            f"{one.before_mb:.0f}",
            f"{one.peak_mb:.0f}",
            end_section=country is lines[-1][1],
        )
    return table


def _sweeps(kind: str, country: Country, rounds: int) -> Iterator[Sweep]:
    with temporary_database(kind) as url:
        seed(url, country)
        for _ in range(rounds):
            with copy_of(url) as copy:
                sweep = _measure_apart(copy)
            assert (sweep.lines, sweep.digests) == (country.due, min(country.due, country.contacts)), sweep
            yield sweep


def _measure_apart(url: str) -> Sweep:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.sweep_once", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode != 0:
        console.print(f"[red]Le balayage a échoué :[/]\n{done.stderr[-2000:]}")
        raise typer.Exit(1)
    return Sweep(**json.loads(done.stdout.splitlines()[-1]))


def _middle(sweeps: list[Sweep]) -> Sweep:
    return Sweep(*(median(getattr(one, name) for one in sweeps) for name in Sweep.__slots__))


def _thousands(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")


if __name__ == "__main__":
    typer.run(main)
