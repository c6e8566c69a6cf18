"""The figures side by side: a table for the terminal, and the same in Markdown for the docs."""

from collections.abc import Iterator, Mapping

from rich.table import Table

from benchmarks.play import Figures

CONTESTANTS = {
    "floor": "plancher (SQL nu)",
    "sign_offs": "projet-partage",
    "spiff_peer": "SpiffWorkflow",
    "dbos_peer": "DBOS",
}
HEADINGS = ("Base", "Clients", "Qui", "Validations/s", "p50 (ms)", "p99 (ms)", "Part du plancher")
Key = tuple[str, str, int]
"""Who, on which database, with how many clients."""


def as_table(figures: Mapping[Key, Figures]) -> Table:
    """A rich table, one section for each database and number of clients."""
    table = Table(title="Validations sur disque avant d’être confirmées : 6 étapes × 4 villes")
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if number in (0, 2) else "right", no_wrap=True)
    previous = None
    for key, row in _rows(figures):
        if previous not in (None, key[1:]):
            table.add_section()
        table.add_row(*row, style="bold" if key[0] == "sign_offs" else None)
        previous = key[1:]
    return table


def as_markdown(figures: Mapping[Key, Figures]) -> str:
    """The same table, in Markdown."""
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *(row for _, row in _rows(figures))]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rows(figures: Mapping[Key, Figures]) -> Iterator[tuple[Key, tuple[str, ...]]]:
    order = list(CONTESTANTS)
    for key in sorted(figures, key=lambda key: (key[1] != "sqlite", key[2], order.index(key[0]))):
        who, database, clients = key
        mine, floor = figures[key], figures.get(("floor", database, clients))
        share = f"{mine.rate / floor.rate:.0%}" if floor else "–"
        row = (database, str(clients), CONTESTANTS[who], _thousands(mine.rate))
        yield key, (*row, f"{mine.p50_ms:.2f}", f"{mine.p99_ms:.1f}", share)


def _thousands(rate: float) -> str:
    return f"{rate:,.0f}".replace(",", "\u202f")
