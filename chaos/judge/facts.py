"""The facts: each that was acknowledged is there once, with its line of the journal, and nothing else is there."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos.judge.sql import Row, Sql, decoded
from chaos.ledger import Note

Planned = dict[str, Any]
Seat = tuple[int, str, str]
"""A deliverable, the content, and the code of the party (empty for a version)."""


@dataclass
class Account:
    """What became of the facts. ``told_no`` were refused to their client, and are recorded all the same."""

    acknowledged: int = 0
    unanswered: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    uncalled: list[str] = field(default_factory=list)
    told_no: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def planned(folder: Path) -> dict[str, Planned]:
    """Each fact of the clients' plans, by its name."""
    chains = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.plan"))]
    return {act["id"]: act for client in chains for chain in client for act in chain}


def look_at_facts(sql: Sql, plan: dict[str, Planned], noted: Iterable[Note]) -> Account:
    """Compare what the clients noted with the rows."""
    rows, noted = _recorded(sql), list(noted)
    intents = {(note["act"], note["double"]) for note in noted if note["what"] == "intent"}
    answers = {
        (note["act"], note["double"]): note for note in noted if note["what"] in ("acknowledged", "refused")
    }
    account = Account(unanswered=len(intents - answers.keys()))
    for (name, _), note in answers.items():
        _account_for(account, note, plan[name], rows.get(_seat(plan[name]), []))
    _look_for_too_many(account, rows, {_seat(plan[name]) for name, _ in intents})
    account.lost += _lines_missing(sql)
    account.doubled += _lines_doubled(sql)
    return account


def _account_for(account: Account, note: Note, act: Planned, seat_rows: list[Row]) -> None:
    if note["what"] == "refused":
        (account.told_no if seat_rows else account.refused).append(f"{note['act']}: {note['why']}")
        return
    account.acknowledged += 1
    if (
        note["number"] is None and seat_rows
    ):  # the answer gives no number: the content says which version it is
        return
    if not any(note["number"] in (None, row["id"]) and _says(row, act) for row in seat_rows):
        account.lost.append(f"{note['act']}: acknowledged as {note['number']}")


def _look_for_too_many(account: Account, rows: dict[Seat, list[Row]], asked: set[Seat]) -> None:
    for seat, seat_rows in rows.items():
        is_first_version = seat[2] == "" and seat_rows[0]["number"] == 1  # submitted before the play
        if len(seat_rows) > 1:
            account.doubled.append(f"{seat}: rows {[row['id'] for row in seat_rows]}")
        if seat not in asked and not is_first_version:
            account.uncalled.append(f"{seat}: row {seat_rows[0]['id']}")


def _seat(act: Planned) -> Seat:
    return act["deliverable_id"], act["sha256"], act["party"]


def _says(row: Row, act: Planned) -> bool:
    wanted = (act["decision"], act["reason"], act["person"])
    return act["text"] is not None or (row["decision"], row["reason"], row["email"]) == wanted


def _recorded(sql: Sql) -> dict[Seat, list[Row]]:
    """Every decision and every version that is recorded, by its seat."""
    by_seat: dict[Seat, list[Row]] = {}
    decisions = (
        "SELECT sign_off.id, deliverable_id, sha256, party.code AS code, decision, reason, person.email "
        "FROM sign_off JOIN party ON party.id = party_id JOIN person ON person.id = signed_by"
    )
    versions = "SELECT id, deliverable_id, sha256, '' AS code, number FROM deliverable_version"
    for query in (decisions, versions):
        for row in sql.rows(query):
            by_seat.setdefault((row["deliverable_id"], row["sha256"], row["code"]), []).append(row)
    return by_seat


def _lines(sql: Sql, event: str) -> Counter[tuple[Any, ...]]:
    """How many lines of the journal say this, by project, deliverable, version, party."""
    query = (
        "SELECT project_id, party_code, payload FROM audit_entry JOIN journal ON journal.id = journal_id "
        f"WHERE event = '{event}'"
    )
    counts: Counter[tuple[Any, ...]] = Counter()
    for row in sql.rows(query):
        said = decoded(row["payload"])
        counts[row["project_id"], said["deliverable"], said["version"], row["party_code"]] += 1
    return counts


def _of_rows(sql: Sql) -> Counter[tuple[Any, ...]]:
    query = (
        "SELECT stage.project_id, deliverable.key, version.number, party.code FROM sign_off "
        "JOIN deliverable ON deliverable.id = sign_off.deliverable_id "
        "JOIN deliverable_version AS version ON version.id = sign_off.version_id "
        "JOIN stage ON stage.id = deliverable.stage_id JOIN party ON party.id = sign_off.party_id"
    )
    return Counter(tuple(row.values()) for row in sql.rows(query))


def _lines_missing(sql: Sql) -> list[str]:
    missing = _of_rows(sql) - _lines(sql, "sign_off.recorded")
    return [f"no line of the journal for sign-off {seat}" for seat in missing]


def _lines_doubled(sql: Sql) -> list[str]:
    too_many = _lines(sql, "sign_off.recorded") - _of_rows(sql)
    return [f"one line of the journal too many for sign-off {seat}" for seat in too_many]
