"""The seats from which one person may answer on a deliverable: what is asked, what has changed, what stops them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.deadlines import deadlines_of
from actions.find import active
from actions.in_sight import Sight
from actions.organisation import check_organisation
from actions.sign_offs_shown import SignOffShown
from actions.signing_authority import Authority, signing_authority
from actions.stage_details import DeliverableShown, SeatShown, VersionShown
from actions.stage_steps import StageStep
from models.act_kind import ActKind
from models.person import Actor
from models.refusal import Refusal
from models.sign_off import AlreadyDecided, NotSubmittedYet, OtherOrganisation
from models.stage import UNDER_REVIEW, StageMovesOn
from models.tables import DELEGATION, PARTY


@dataclass(frozen=True, slots=True)
class MySeat:
    """A party for which the person may sign this deliverable now (rule 3), by their office or by ``delegation``.

    ``click_gives`` is the act their click is, and ``is_click_enough`` whether the party expects no more; an act
    on paper stays possible. ``known_version`` is the last one that the party answered on (none: it never did);
    ``changes`` are those that came after it, oldest first. ``live`` is the answer that counts now. ``refusal``
    says why no answer can be given now; the sentence is that of ``sign_off``.
    """

    party_code: str
    party_name: str
    act_expected: ActKind
    click_gives: ActKind
    is_click_enough: bool
    delegation: str | None
    live: SignOffShown | None
    known_version: int | None
    changes: tuple[VersionShown, ...]
    due_on: date | None
    days_left: int | None
    refusal: str | None


def my_seats(session: Session, sight: Sight, step: StageStep, deliverable: DeliverableShown) -> list[MySeat]:
    """Those of the matrix where this person may sign now. Writes nothing."""
    connection = session.connection()
    mine = [seat for seat in deliverable.seats if seat.party_code in sight.standing.signs_for]
    deadlines = deadlines_of(connection, [step.id])
    numbers = _numbers(connection, sight)
    found = []
    for seat in mine:
        authority = signing_authority(
            connection, sight.person_id, seat.party_code, step.key, deliverable.key, sight.now
        )
        if authority is not None:
            due_on = deadlines.of(step.id, numbers.get(seat.party_code)).due_on
            order = _order(connection, authority)
            found.append(_seat(sight, step, deliverable, seat, authority, due_on, order))
    return found


def for_organisation(seats: Sequence[MySeat], actor: Actor, title: str) -> tuple[MySeat, ...]:
    """The same, each that could be answered from refused where ProConnect names another organisation."""
    found = []
    for seat in seats:
        try:
            check_organisation(actor, seat.party_code, seat.party_name, f"valider « {title} »")
        except OtherOrganisation as refusal:
            found.append(replace(seat, refusal=seat.refusal or str(refusal)))
        else:
            found.append(seat)
    return tuple(found)


def _seat(
    sight: Sight,
    step: StageStep,
    deliverable: DeliverableShown,
    seat: SeatShown,
    authority: Authority,
    due_on: date | None,
    order: str | None,
) -> MySeat:
    given = (*([seat.live] if seat.live else []), *seat.history)
    known = max((each.version for each in given), default=None)
    newer = [each for each in reversed(deliverable.versions) if each.number > (known or 0)]
    refusal = _refusal(sight, step, deliverable, seat)
    return MySeat(
        seat.party_code,
        seat.party_name,
        seat.act_expected,
        authority.act_kind,
        authority.act_kind.satisfies(seat.act_expected),
        order,
        seat.live,
        known,
        tuple(newer),
        due_on,
        (due_on - sight.today).days if due_on else None,
        str(refusal) if refusal else None,
    )


def _refusal(sight: Sight, step: StageStep, deliverable: DeliverableShown, seat: SeatShown) -> Refusal | None:
    """What ``sign_off`` would answer to any decision by this seat."""
    try:
        active(sight.project)
    except Refusal as refusal:
        return refusal
    if not deliverable.number:
        return NotSubmittedYet(deliverable.title)
    if seat.live is not None:
        return AlreadyDecided(seat.party_name, deliverable.title, deliverable.number, seat.live.decision)
    if step.status not in UNDER_REVIEW:
        advice = "les validations se donnent quand tous ses livrables sont déposés, et avant sa clôture"
        return StageMovesOn(step.title, step.status, f"valider « {deliverable.title} »", advice)
    return None


def _numbers(connection: Connection, sight: Sight) -> dict[str, int]:
    query = sa.select(PARTY.c.code, PARTY.c.id).where(PARTY.c.project_id == sight.project_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def _order(connection: Connection, authority: Authority) -> str | None:
    """The order that delegates the signature."""
    if authority.delegation_id is None:
        return None
    query = sa.select(DELEGATION.c.order_reference).where(DELEGATION.c.id == authority.delegation_id)
    order: str = connection.execute(query).scalar_one()
    return order
