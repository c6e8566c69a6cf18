"""The seats from which one person may answer on a deliverable: what is asked, what has changed, what stops them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from models.act_kind import ActKind
from models.gate import Cell
from models.person import Actor
from models.project_shapes import DeliverableShown, SignOffShown, VersionLine
from models.proposal import ProposalKind
from models.refusal import Refusal
from models.sign_off_rules import (
    Authority,
    SeatSnapshot,
    check_sign_off,
    decided_refusal,
    recording_refusal,
    seat_refusal,
    signer_authority,
    withdrawal_refusal,
)
from models.tables import DELEGATION
from queries.access.project_access import ProjectAccess
from queries.signing.authority import signing_authority
from queries.stages.deadlines import deadlines_of
from queries.stages.steps import StageStep


@dataclass(frozen=True, slots=True)
class MySeat:
    """A party for which the person may sign this deliverable now (rule 3), by their office or by ``delegation``.

    ``answered_version`` is the last one that the party answered on (none: it never did); ``changes`` are those that
    came after it, oldest first. ``live`` is the answer that counts now. ``refusal`` says why no answer can be given
    now: what ``sign_off`` would answer to any.
    """

    seat: SeatSnapshot
    cell: Cell | None
    authority: Authority
    delegation: str | None
    live: SignOffShown | None
    answered_version: int | None
    changes: tuple[VersionLine, ...]
    due_on: date | None
    days_left: int | None
    refusal: str | None

    @property
    def party_code(self) -> str:
        """The code of the party."""
        return self.seat.party_code

    @property
    def party_name(self) -> str:
        """The name of the party."""
        return self.seat.party_name

    @property
    def act_expected(self) -> ActKind:
        """The act that the party gives here."""
        return self.seat.act_expected

    @property
    def click_gives(self) -> ActKind:
        """The act that the person gives by a click."""
        return self.authority.act_kind

    @property
    def is_click_enough(self) -> bool:
        """The party expects no more than a click to approve; an act on paper stays possible."""
        return self.click_gives.satisfies(self.act_expected)

    def may_withdraw(self, sign_off: SignOffShown, actor: Actor) -> bool:
        """Would ``withdraw_sign_off`` withdraw this sign-off, asked by the person as they are signed in?"""
        live = (self.live.id, self.live.act_kind) if self.live else None
        return not withdrawal_refusal(self.seat, actor, self.authority, live, sign_off.id)


LoadedSeat = tuple[SeatSnapshot, Cell | None]
"""A seat, with its cell in the matrix."""


@dataclass(frozen=True, slots=True)
class PaperSeat:
    """A party whose act on paper the person may record (rule 7), for it or, an agent, for the ANCT."""

    seat: SeatSnapshot
    cell: Cell | None
    is_agent: bool

    @property
    def code(self) -> str:
        """The code of the party."""
        return self.seat.party_code

    @property
    def name(self) -> str:
        """The name of the party."""
        return self.seat.party_name

    @property
    def is_open(self) -> bool:
        """An act can be recorded there now: the party has not decided yet."""
        return not (seat_refusal(self.seat, self.cell) or decided_refusal(self.seat, self.cell))

    def refusal(self, actor: Actor) -> Refusal | None:
        """What ``sign_off`` would answer to any act that the person records, as they are signed in."""
        by_actor = recording_refusal(
            actor, ProposalKind.paper_act, self.code, self.name, acts_for_party=True, is_agent=self.is_agent
        )
        return seat_refusal(self.seat, self.cell) or by_actor


def my_seats(
    session: Session,
    access: ProjectAccess,
    step: StageStep,
    deliverable: DeliverableShown,
    seats: Mapping[str, LoadedSeat],
) -> Iterator[MySeat]:
    """Those of the matrix where this person may sign now. Writes nothing."""
    connection = session.connection()
    deadlines = deadlines_of(connection, [step.id])
    for shown in deliverable.seats:
        if shown.party_code not in access.standing.signs_for:
            continue
        seat, cell = seats[shown.party_code]
        authority = signing_authority(connection, access.person_id, seat, access.now)
        if authority is None:
            continue
        answers = (*([shown.live] if shown.live else []), *shown.history)
        answered_version = max((each.version for each in answers), default=None)
        due_on = deadlines.of(step.id, seat.party_id).due_on
        yield MySeat(
            seat,
            cell,
            authority,
            _order(connection, authority),
            shown.live,
            answered_version,
            tuple(each for each in reversed(deliverable.versions) if each.number > (answered_version or 0)),
            due_on,
            (due_on - access.today).days if due_on else None,
            _sentence(seat, cell, authority),
        )


def signed_in_as(seats: Sequence[MySeat], actor: Actor) -> tuple[MySeat, ...]:
    """The same, as the person is signed in: ProConnect may name another organisation."""
    return tuple(
        replace(
            each, refusal=_sentence(each.seat, each.cell, signer_authority(each.seat, actor, each.authority))
        )
        for each in seats
    )


def _sentence(seat: SeatSnapshot, cell: Cell | None, authority: Authority | Refusal) -> str | None:
    outcome = check_sign_off(seat, cell, authority)
    return str(outcome) if isinstance(outcome, Refusal) else None


def _order(connection: Connection, authority: Authority) -> str | None:
    """The order that delegates the signature."""
    if authority.delegation_id is None:
        return None
    query = sa.select(DELEGATION.c.order_reference).where(DELEGATION.c.id == authority.delegation_id)
    order: str = connection.execute(query).scalar_one()
    return order
