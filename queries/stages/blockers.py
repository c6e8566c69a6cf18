"""What stands between some stages and their end: who, what, how late; for the board and the pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.engine import Connection

from models.awaited import AGENCY, CONTRACTOR
from models.lifecycle import load_lifecycle
from models.paris_time import paris_day
from models.person import Role
from models.shared_project import days_late
from models.stage import AT_WORK
from models.stage_needs import Missing, StageSnapshot, missing_of
from queries.stages.deadlines import deadlines_of
from queries.stages.snapshot import load_stages


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing a stage waits for. ``who`` names whose turn it is: a city, « ANCT », « Prestataire ».

    ``path`` is where it is done; ``due_on`` is the day that counts for that city, and ``days_late`` is 0 while it
    has not passed, or the project is paused.
    """

    missing: Missing
    who: str
    path: str
    due_on: date | None = None
    days_late: int = 0

    @property
    def what(self) -> str:
        """As ``Missing.what``."""
        return self.missing.what

    @property
    def text(self) -> str:
        """What is to be done, in French."""
        return self.missing.act


def blockers_of(
    connection: Connection, stage_ids: Collection[int], now: datetime
) -> dict[int, list[Blocker]]:
    """What each of these stages still waits for, the most urgent first; nothing for one that is not at work.

    A fixed number of queries, however many stages. Writes nothing.
    """
    stages, today = load_stages(connection, stage_ids, now), paris_day(now)
    deadlines = deadlines_of(connection, stages)
    return {
        stage_id: sorted(
            (
                _blocker(stage, each, deadlines.of(stage_id, each.party_id).due_on, today)
                for each in missing_of(stage)
            ),
            key=lambda each: each.due_on or date.max,
        )
        for stage_id, stage in stages.items()
        if stage.status in AT_WORK
    }


def _blocker(stage: StageSnapshot, missing: Missing, due_on: date | None, today: date) -> Blocker:
    if missing.until is not None:
        due_on = None  # it comes by itself: nobody is late
    anchor = f"#livrable-{missing.deliverable_id}" if missing.deliverable_id else ""
    return Blocker(
        missing,
        stage.parties[missing.party_id].name if missing.party_id else _in_charge(stage, missing),
        f"/projets/{stage.slug}/etapes/{stage.key}{anchor}",
        due_on,
        days_late(due_on, today, stage.project_status),
    )


def _in_charge(stage: StageSnapshot, missing: Missing) -> str:
    """Who owes what no city owes: whose turn it is to submit the deliverable, else the ANCT; nobody for a delay."""
    if missing.until is not None and missing.who is not None:
        return missing.who
    if missing.deliverable_id is None or missing.deliverable is None:
        return AGENCY
    lifecycle = load_lifecycle(stage.lifecycle_key, stage.lifecycle_version)
    definition = lifecycle.stage(stage.key).deliverable(missing.deliverable)
    role = definition.in_charge(lambda role: (None, role) in stage.people) or definition.submitted_by[0]
    return CONTRACTOR if role == Role.contractor else AGENCY
