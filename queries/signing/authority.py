"""Who may sign for a party, on a deliverable, now (rule 3)."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from database.bound import DAY, NOW
from models.act_kind import ActKind
from models.contractor import is_contact
from models.evidence import Evidence
from models.paris_time import paris_day
from models.person import NEVER_SIGN, Role, has_not_ended, is_in_office
from models.sign_off_rules import Authority, SeatSnapshot
from models.signature_delegation import is_covered, is_running
from models.tables import CONTRACTOR, DELEGATION, MANDATE

_OFFICE = sa.select(MANDATE.c.person_id).where(is_in_office(sa.bindparam("authority"), NOW))
_DELEGATIONS = (
    sa.select(
        DELEGATION.c.id,
        DELEGATION.c.scope,
        DELEGATION.c.to_elected,
        DELEGATION.c.delegate_id,
        DELEGATION.c.evidence,
    )
    .where(
        DELEGATION.c.authority_code == sa.bindparam("authority"),
        is_running(DAY, NOW),
    )
    .order_by(DELEGATION.c.to_elected.desc(), DELEGATION.c.id)
)
"""The strongest first: an elected delegate's signature is an elected person's."""
_ROLE_WITHOUT_SIGNATURE = (
    sa.select(MANDATE.c.role)
    .where(MANDATE.c.person_id == sa.bindparam("person"), MANDATE.c.role.in_(NEVER_SIGN), has_not_ended(NOW))
    .order_by(MANDATE.c.id)
    .limit(1)
)
_FIRM = (
    sa.select(CONTRACTOR.c.id)
    .where(CONTRACTOR.c.contact_id == sa.bindparam("person"), is_contact(NOW))
    .limit(1)
)


def office_holder(connection: Connection, authority_code: str, now: datetime) -> int | None:
    """The mayor or president of this local authority at ``now``, if one is registered."""
    return connection.execute(_OFFICE, {"authority": authority_code, "now": now}).scalar()


def signing_authority(
    connection: Connection, person_id: int, seat: SeatSnapshot, now: datetime
) -> Authority | None:
    """In what quality this person may sign from this seat at ``now``, its instant, or None."""
    if person_id == seat.office_holder:
        evidence = seat.office_evidence or Evidence.declared
        return Authority(person_id, None, ActKind.elected_signature, evidence)
    for delegation in _delegations(connection, seat.party_code, seat.stage_key, seat.key, now):
        if delegation.delegate_id == person_id:
            kind = ActKind.elected_signature if delegation.to_elected else ActKind.technical_validation
            return Authority(person_id, delegation.id, kind, delegation.evidence)
    return None


def signers(
    connection: Connection, authority_code: str, stage_key: str, deliverable_key: str, now: datetime
) -> list[int]:
    """Everybody who may sign this deliverable for this local authority now: the office, then its delegates."""
    holder = office_holder(connection, authority_code, now)
    delegations = _delegations(connection, authority_code, stage_key, deliverable_key, now)
    people = [holder, *(each.delegate_id for each in delegations)]
    return list(dict.fromkeys(each for each in people if each is not None))


def _delegations(
    connection: Connection, authority_code: str, stage_key: str, deliverable_key: str, now: datetime
) -> Iterator[sa.Row[*tuple[Any, ...]]]:
    """The delegations of a local authority that run and cover the deliverable."""
    values = {"authority": authority_code, "day": paris_day(now), "now": now}
    for row in connection.execute(_DELEGATIONS, values):
        if is_covered(row.scope, stage_key, deliverable_key):
            yield row


def role_without_signature(connection: Connection, person_id: int, now: datetime) -> Role | None:
    """The role, held or to come, that keeps somebody from ever signing (rule 3), if they have one."""
    values = {"person": person_id, "now": now}
    if role := connection.execute(_ROLE_WITHOUT_SIGNATURE, values).scalar():
        return Role(role)
    return Role.contractor if connection.execute(_FIRM, values).first() else None
