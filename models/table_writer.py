"""Tables in text (CSV): the one writer of all the tables we give, of which no cell is a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from models.table_cells import guarded_cell


def written_table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """A header and its rows: commas, LF, quotes where they are needed. A column that a row lacks is empty there."""
    written = io.StringIO()
    writer = csv.DictWriter(written, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: guarded_cell(cell) for column, cell in row.items()} for row in rows)
    return written.getvalue()
