"""A planned handover, after an election: the new holders of many cities, each from a day to come (rule 3)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from sqlmodel import Session

from actions.authority.lock_authority import lock_authority
from actions.people.add_person import InvalidEmail
from actions.people.propose_holder import HoldsAlready, NewHolder, first_instant, name_holder
from database.engine import Database
from models.handover_file import FILE, HandoverLine, InvalidHandover
from models.invalid_file import Problem, told_once
from models.limits import OutOfLimits
from models.local_authority import LocalAuthority, find_authority
from models.person import FIRST_DAY, NAME, QUALITY, Actor
from models.person_name import OtherName
from models.proposal import waits_for
from models.refusal import Refusal
from models.request import Request
from models.stored_row import identity
from queries.authority.handover_effects import HandoverEffects, handover_effects

COLUMN_OF_REFUSAL = {InvalidEmail: "adresse", OtherName: "nom", HoldsAlready: "nom"}
"""The column that a refusal is about; any other is about the city, by its code."""


@dataclass(frozen=True, slots=True)
class Handover(Request):
    """The new holders, line by line, and their first day (none: from their confirmation).

    A ``dry_run`` says what would move, and writes nothing.
    """

    lines: tuple[HandoverLine, ...]
    on: Annotated[date | None, FIRST_DAY] = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class HandoverOutcome:
    """What a line proposes: the ``proposal`` (none in a dry run), whom it waits for, and what moves with the office."""

    line: HandoverLine
    city: str
    proposal: int | None
    waits_for: str
    effects: HandoverEffects


class _Undone(Exception):
    """A dry run throws away what it has written."""


def hand_over(db: Database, actor: Actor, asked: Handover, *, now: datetime) -> list[HandoverOutcome]:
    """Propose each new holder, all of them or none: each city's side confirms its own. Commits, unless ``dry_run``.

    Raises ``WrongFirstDay`` and ``InvalidHandover``, which names each line that is refused, with its reason.
    """
    first_instant(asked.on, now)
    authorities = _authorities(asked.lines)
    outcomes: list[HandoverOutcome] = []
    try:
        with db.write() as session:
            lock_authority(session, *(each.code for each in authorities))
            outcomes += _propose_all(session, actor, asked, authorities, now)
            if asked.dry_run:
                raise _Undone
    except _Undone:
        pass
    return outcomes


def _authorities(lines: tuple[HandoverLine, ...]) -> list[LocalAuthority]:
    authorities, problems = [], []
    for line in lines:
        try:
            authorities.append(find_authority(line.code))
        except Refusal as refusal:
            problems.append(_problem(line, refusal))
    if problems:
        raise InvalidHandover(told_once(problems))
    return authorities


def _propose_all(
    session: Session, actor: Actor, asked: Handover, authorities: list[LocalAuthority], now: datetime
) -> list[HandoverOutcome]:
    outcomes, problems = [], []
    for line, authority in zip(asked.lines, authorities, strict=True):
        effects = handover_effects(session, authority.code, now)
        try:
            person = (line.email, line.name, line.quality)
            holder = NewHolder(authority.code, *person, asked.on, shares_mailbox=line.shares_mailbox)
            proposal = name_holder(session, actor, authority, holder, now)
        except Refusal as refusal:
            problems.append(_problem(line, refusal))
            continue
        number = None if asked.dry_run else identity(proposal)
        outcomes.append(
            HandoverOutcome(line, authority.name, number, waits_for(proposal.confirmers), effects)
        )
    if problems:
        raise InvalidHandover(told_once(problems))
    return outcomes


def _problem(line: HandoverLine, refusal: Refusal) -> Problem:
    """The refusal of a line, at the column that it is about."""
    column = next((name for kind, name in COLUMN_OF_REFUSAL.items() if isinstance(refusal, kind)), "code")
    if isinstance(refusal, OutOfLimits):
        column = {NAME.label: "nom", QUALITY.label: "qualite"}.get(refusal.label, column)
    return Problem(FILE, line.number, column, str(refusal))
