"""May this person sign for this party, on this deliverable, now? (rule 3)"""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.act_kind import ActKind
from models.paris_time import paris_day
from models.person import NEVER_SIGN, Role
from models.sign_off_rules import Authority, SeatSnapshot
from models.signature_delegation import is_covered
from models.tables import DELEGATION, MANDATE


def in_office(authority_code: sa.ColumnElement[str]) -> tuple[sa.ColumnElement[bool], ...]:
    """The mandate of the mayor or president of this local authority at the parameter ``now``."""
    now = sa.bindparam("now", type_=MANDATE.c.since.type)
    return (
        MANDATE.c.role == sa.literal_column(f"'{Role.signatory}'"),
        MANDATE.c.authority_code == authority_code,
        MANDATE.c.since <= now,
        MANDATE.c.until.is_(None) | (MANDATE.c.until > now),
    )


_SIGNS_NEVER = sa.exists().where(
    MANDATE.c.person_id == sa.bindparam("person"),
    MANDATE.c.role.in_(NEVER_SIGN),
    MANDATE.c.since <= sa.bindparam("now", type_=MANDATE.c.since.type),
    MANDATE.c.until.is_(None) | (MANDATE.c.until > sa.bindparam("now", type_=MANDATE.c.since.type)),
)
_OFFICE = sa.select(MANDATE.c.person_id).where(*in_office(sa.bindparam("authority")))
_RUNNING = (
    sa.select(DELEGATION.c.id, DELEGATION.c.scope, DELEGATION.c.to_elected, DELEGATION.c.delegate_id)
    .where(
        DELEGATION.c.authority_code == sa.bindparam("authority"),
        DELEGATION.c.revoked_at.is_(None),
        DELEGATION.c.valid_from <= sa.bindparam("day", type_=sa.Date()),
        DELEGATION.c.valid_until >= sa.bindparam("day", type_=sa.Date()),
        DELEGATION.c.delegator_id == _OFFICE.limit(1).scalar_subquery(),
    )
    .order_by(DELEGATION.c.to_elected.desc(), DELEGATION.c.id)
)
"""The delegations that run: given by who holds the office now (they end with the delegator's own), not
revoked, between their days. The strongest come first."""

_DELEGATIONS = _RUNNING.where(DELEGATION.c.delegate_id == sa.bindparam("person"), ~_SIGNS_NEVER)


def office_holder(connection: Connection, authority_code: str, now: datetime) -> int | None:
    """The mayor or president of this local authority at ``now``, if one is registered."""
    return connection.execute(_OFFICE, {"authority": authority_code, "now": now}).scalar()


def signing_authority(
    connection: Connection, person_id: int, seat: SeatSnapshot, now: datetime
) -> Authority | None:
    """In what quality this person may sign from this seat at ``now``, its instant, or None."""
    if person_id == seat.office_holder:
        return of_the_office(person_id)
    return by_delegation(connection, person_id, seat.party_code, seat.stage_key, seat.key, now)


def of_the_office(person_id: int) -> Authority:
    """The mayor or president signs: a click of theirs is an elected person's signature."""
    return Authority(person_id, None, ActKind.elected_signature)


def by_delegation(
    connection: Connection,
    person_id: int,
    authority_code: str,
    stage_key: str,
    deliverable_key: str,
    now: datetime,
) -> Authority | None:
    """The quality a running delegation gives, if it covers this deliverable.

    It runs by days of Paris, both ends included (CGCT L2122-18, L2122-19).
    """
    given = {"authority": authority_code, "person": person_id, "day": _paris_day(now), "now": now}
    for delegation_id, scope, to_elected, _person in connection.execute(_DELEGATIONS, given):
        if is_covered(scope, stage_key, deliverable_key):
            kind = ActKind.elected_signature if to_elected else ActKind.technical_validation
            return Authority(person_id, delegation_id, kind)
    return None


def signers(
    connection: Connection, authority_code: str, stage_key: str, deliverable_key: str, now: datetime
) -> list[int]:
    """Everybody who may sign this deliverable for this local authority now: the office, then its delegates."""
    holder = office_holder(connection, authority_code, now)
    given = {"authority": authority_code, "day": _paris_day(now), "now": now}
    delegates = [
        person_id
        for _id, scope, _elected, person_id in connection.execute(_RUNNING, given)
        if is_covered(scope, stage_key, deliverable_key)
    ]
    return list(dict.fromkeys([*([holder] if holder else []), *delegates]))


def _paris_day(now: datetime) -> date:
    return paris_day(now)
