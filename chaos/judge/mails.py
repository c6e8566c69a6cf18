"""The mails: each that the database owes has come once, and each fact that owes one has written it down."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from email.parser import BytesHeaderParser
from pathlib import Path

from chaos.judge.sql import Sql, decoded, instant

RECEIPT = "sign_off_given_for_signatory"


@dataclass
class Mailbag:
    """What was owed, and what came."""

    owed: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    uncalled: list[str] = field(default_factory=list)


def received(maildirs: list[Path]) -> Counter[str]:
    """How often each mail came, by the part of its Message-ID before the domain."""
    parser = BytesHeaderParser()
    arrivals: Counter[str] = Counter()
    for folder in maildirs:
        for file in (folder / "new").iterdir():
            identity = str(parser.parsebytes(file.read_bytes())["Message-ID"])
            arrivals[identity.strip("<>").rpartition("@")[0]] += 1
    return arrivals


def identity_of(key: str) -> str:
    """The part before the domain of the Message-ID of the mail of this key."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def look_at_mails(sql: Sql, came: Counter[str]) -> Mailbag:
    """Compare the rows with the mailboxes. Doubled mails bear one Message-ID, which mail readers fold."""
    bag = Mailbag()
    rows = sql.rows(
        "SELECT key, message, sent_at, failed_at, dropped_at, is_held, last_error FROM notice "
        "WHERE channel_id IS NULL"
    )
    for row in rows:
        if row["is_held"] or (row["dropped_at"] and row["message"].endswith("_digest")):
            continue
        bag.owed += 1
        times = came[identity_of(row["key"])]
        if times == 0:
            state = "said to be sent" if row["sent_at"] else row["last_error"] or "waits"
            bag.lost.append(f"{row['key']}: {state}")
        if times > 1:
            bag.doubled.append(f"{row['key']}: {times} times")
    owed_identities = {identity_of(row["key"]) for row in rows}
    bag.uncalled = sorted(set(came) - owed_identities)
    bag.lost += [*_receipts_not_owed(sql), *_closings_not_owed(sql)]
    return bag


def _receipts_not_owed(sql: Sql) -> list[str]:
    """Each sign-off owes its signer a receipt, written in its transaction."""
    query = f"SELECT recipient_id, payload FROM notice WHERE message = '{RECEIPT}'"
    owed: Counter[tuple[int, int, int, datetime]] = Counter()
    for row in sql.rows(query):
        told = decoded(row["payload"])
        owed[row["recipient_id"], told["deliverable"], told["party"], instant(told["at"])] += 1
    faults = []
    for row in sql.rows("SELECT id, signed_by, deliverable_id, party_id, at FROM sign_off"):
        times = owed[row["signed_by"], row["deliverable_id"], row["party_id"], instant(row["at"])]
        if times != 1:
            faults.append(f"receipt of sign-off {row['id']}: owed {times} times")
    return faults


def _closings_not_owed(sql: Sql) -> list[str]:
    """The end of a stage is told once to each contact and signatory of its cities, and to the agent."""
    query = (
        "SELECT stage.id, COUNT(DISTINCT roster_seat.party_id) AS cities FROM stage "
        "JOIN roster_seat ON roster_seat.stage_id = stage.id WHERE stage.status = 'closed' GROUP BY stage.id"
    )
    told: Counter[str] = Counter()
    for row in sql.rows("SELECT key FROM notice WHERE message IN ('stage_closed', 'stage_closed_for_agent')"):
        told[row["key"].split(":")[1]] += 1
    faults = []
    for row in sql.rows(query):
        times = told[f"stage-{row['id']}"]
        if times != 2 * row["cities"] + 1:
            faults.append(f"closing of stage {row['id']}: {times} mails for {row['cities']} cities")
    return faults
