"""The audit journal, recomputed from its definition: SHA-256 of each line in JSON, chained to the line before."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from chaos.judge.sql import Row, Sql, decoded, instant

HASHED = ("journal_id", "seq", "event", "actor_id", "auth_method", "party_code", "payload", "previous_hash")


def broken_lines(sql: Sql) -> list[str]:
    """Each place where a chain does not hold; empty when all do."""
    ends = {row["id"]: row for row in sql.rows("SELECT id, seq, head FROM journal")}
    last = dict.fromkeys(ends, (0, ""))
    faults = []
    for entry in sql.rows("SELECT * FROM audit_entry ORDER BY journal_id, seq"):
        journal = entry["journal_id"]
        faults += list(_wrong(entry, *last.get(journal, (0, ""))))
        last[journal] = (entry["seq"], entry["hash"])
    for number, end in ends.items():
        if last[number] != (end["seq"], end["head"]):
            faults.append(f"journal {number}: it ends at {last[number][0]}, and says {end['seq']}")
    return faults


def _wrong(entry: Row, seq: int, head: str) -> Iterator[str]:
    name = f"journal {entry['journal_id']}, line {entry['seq']}"
    if entry["seq"] != seq + 1 or entry["previous_hash"] != head:
        yield f"{name}: does not follow line {seq}"
    if line_hash(entry) != entry["hash"]:
        yield f"{name}: its content has changed"


def line_hash(entry: Row) -> str:
    """The hash that the line must bear."""
    content: dict[str, Any] = {name: entry[name] for name in HASHED}
    content["payload"] = decoded(entry["payload"])
    content["at"] = instant(entry["at"]).isoformat(timespec="microseconds")
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
