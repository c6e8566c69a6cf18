"""Ours: the real use case ``actions.signing.sign_off.sign_off``, whole, on projects of four cities and six stages.

Each sign-off checks the authority and the hash, reads the gate, writes the sign-off, the stage, the audit
entry, the receipt that is owed and the outbox rows, all on disk before it returns. The mails of a gate that has
turned are owed by the flow, so they are not counted here.
"""

from collections.abc import Iterator, Sequence
from functools import partial

from sqlmodel import col, func, select

from actions.signing.sign_off import SignOffRequest, sign_off
from benchmarks.databases import temporary_database
from benchmarks.play import ACTS, STAGES, Figures, play, timed
from benchmarks.seed import HASH, NOW, Seat, seed
from database.engine import Database
from database.upgrade import upgrade_database
from models.audit_entry import AuditEntry
from models.outbox import Nudge, NudgeKind
from models.sign_off import Decision, SignOff
from models.stage import Stage, StageStatus


def measure(kind: str, clients: int, projects: int) -> Figures:
    """Figures of ``projects`` whole projects by each client, each client its own."""
    with temporary_database(kind) as url:
        db = Database(url)
        try:
            upgrade_database(db)
            warm_up, *seats = seed(db, 1 + clients * projects)
            for _ in _sign_all(db, [warm_up]):
                pass
            figures = play([partial(_sign_all, db, seats[number::clients]) for number in range(clients)])
            _check_done(db, 1 + len(seats))
            return figures
        finally:
            db.close()


def give(db: Database, seat: Seat) -> int:
    """One city approves what it has read."""
    request = SignOffRequest(seat.deliverable_id, seat.party_id, HASH, Decision.approved)
    return sign_off(db, seat.actor, request, now=NOW)


def _sign_all(db: Database, projects: Sequence[Sequence[Seat]]) -> Iterator[float]:
    for project in projects:
        for seat in project:
            yield timed(give, db, seat)


def _check_done(db: Database, projects: int) -> None:
    """A figure counts only if the work is there: each sign-off, gate turned, fact in the journal, wake-up."""
    with db.read() as session:
        stages = session.exec(select(func.count()).where(col(Stage.status) == StageStatus.signed_off)).one()
        facts = session.exec(select(func.count()).select_from(AuditEntry)).one()
        wakes = session.exec(select(func.count()).where(Nudge.kind == NudgeKind.wake_stage)).one()
        given = session.exec(select(func.count()).select_from(SignOff)).one()
    assert (stages, facts, wakes, given) == (projects * STAGES, *[projects * ACTS] * 3), (
        stages,
        facts,
        wakes,
    )
