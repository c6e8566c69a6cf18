"""Everything that is kept about somebody, given to them as a file that programs read (GDPR, articles 15 and 20).

Which tables speak of people is read from the schema: each column that names a person. A table that comes later is
exported by itself.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session, SQLModel

from models.tables import PERSON

SECRET = frozenset({"token_hash", "id_token", "address", "claimed_until"})
"""Columns never given, even to their person: what opens a door (hashes, tokens, addresses under lock), and the
machinery of the mail."""
NAMED = {"shared_project": "slug", "party": "name", "deliverable": "title", "stage": "key"}
"""For a number that leads to one of these, the word that people know it by."""


def export_person(session: Session, person_id: int, now: datetime) -> str:
    """JSON (UTF-8): who they are, then, table by table, every row that names them. Writes nothing."""
    connection = session.connection()
    person = connection.execute(sa.select(PERSON).where(PERSON.c.id == person_id)).mappings().one()
    data = {"exported_at": now, "person": dict(person)} | {
        table.name: rows for table in _naming_people() if (rows := _rows(connection, table, person_id))
    }
    return json.dumps(data, ensure_ascii=False, indent=1, default=_written)


def _naming_people() -> Iterator[sa.Table]:
    for table in SQLModel.metadata.sorted_tables:
        if _naming_columns(table):
            yield table


def _naming_columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [
        key.parent
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
        if key.target_fullname == "person.id"
    ]


def _rows(connection: Connection, table: sa.Table, person_id: int) -> list[dict[str, Any]]:
    shown = [column for column in table.c if column.name not in SECRET]
    query, labels = sa.select(*shown), {}
    for key in table.foreign_keys:
        if key.column.table.name in NAMED:
            there = key.column.table.alias()
            labels[key.parent.name] = key.parent.name.removesuffix("_id")
            word = there.c[NAMED[key.column.table.name]].label(f"named_{key.parent.name}")
            query = query.add_columns(word).outerjoin(there, there.c.id == key.parent)
    query = query.select_from(table)
    is_theirs = sa.or_(*(column == person_id for column in _naming_columns(table)))
    rows = connection.execute(query.where(is_theirs).order_by(*table.primary_key)).mappings()
    return [_row(row, labels) for row in rows]


def _row(row: sa.RowMapping, labels: dict[str, str]) -> dict[str, Any]:
    """With the word beside the number, and nothing that is empty."""
    values = {
        name: value for name, value in row.items() if not name.startswith("named_") and value is not None
    }
    words = {
        label: row[f"named_{name}"] for name, label in labels.items() if row[f"named_{name}"] is not None
    }
    return values | words


def _written(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
