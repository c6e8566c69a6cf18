"""The whole verdict on one play: facts, mails, journal, stages."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from chaos.judge.facts import Account, look_at_facts, planned
from chaos.judge.journal import broken_lines
from chaos.judge.mails import Mailbag, look_at_mails, received
from chaos.judge.sql import open_sql
from chaos.judge.stages import closed_too_soon, count_closed, left_open
from chaos.ledger import notes

READY = "/readyz"


@dataclass
class Verdict:
    """What the judge found. ``broken`` must be empty; ``answers`` counts what who looked and who acted was told,
    ``unready`` how often `/readyz` said that something was wrong."""

    account: Account
    mails: Mailbag
    journal: list[str]
    left_open: list[str]
    closed_too_soon: list[str]
    closed: int
    answers: Counter[int]
    unready: int

    @property
    def broken(self) -> dict[str, list[str]]:
        """Each promise that was not kept, with what shows it."""
        errors = self.answers[500]
        faults = {
            "facts lost": self.account.lost,
            "facts doubled": self.account.doubled,
            "facts nobody asked for": self.account.uncalled,
            "told no, though recorded": self.account.told_no,
            "refused": self.account.refused,
            "not answered in time": ["…"] * self.account.unanswered,
            "mails lost": self.mails.lost,
            "journal broken": self.journal,
            "stages left open": self.left_open,
            "stages closed too soon": self.closed_too_soon,
            "HTTP 500": [f"{errors} times"] if errors else [],
        }
        return {name: rows for name, rows in faults.items() if rows}


def judge(database: str, folder: Path, maildirs: list[Path]) -> Verdict:
    """``folder`` holds the clients' plans and ledgers."""
    noted = list(notes(folder))
    with open_sql(database) as sql:
        return Verdict(
            look_at_facts(sql, planned(folder), noted),
            look_at_mails(sql, received(maildirs)),
            broken_lines(sql),
            left_open(sql),
            closed_too_soon(sql),
            count_closed(sql),
            Counter(note["status"] for note in noted if note.get("status") and note.get("path") != READY),
            sum(note.get("path") == READY and note["status"] == 503 for note in noted),
        )
