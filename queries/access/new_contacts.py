"""A contact whom the ANCT names beside people already known for a city turns no key before five days (rule 3).

Otherwise an agent could name somebody of theirs, and have them confirm: those who are known are told at once, and have
that time to say so. Who was known until a moment ago counts too: an agent can end roles.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.person import Role
from models.proposal import KNOWN_AFTER
from models.tables import MANDATE

SPEAK_FOR_IT = (Role.local_contact, Role.signatory)
_HELD = sa.select(MANDATE.c.person_id, MANDATE.c.role, MANDATE.c.since, MANDATE.c.until).where(
    MANDATE.c.authority_code == sa.bindparam("authority"), MANDATE.c.role.in_(SPEAK_FOR_IT)
)


def key_from(connection: Connection, person_id: int, authority_code: str, now: datetime) -> datetime | None:
    """The instant from which the contact may turn a key for the city; None when they may already.

    Who is its contact elsewhere is known. The first whom a city has may at once: nobody is there to say otherwise.
    """
    held = connection.execute(_HELD, {"authority": authority_code}).all()
    others = [(each.since, each.until) for each in held if each.person_id != person_id]
    theirs = [
        each.since
        for each in held
        if each.person_id == person_id
        and each.role is Role.local_contact
        and each.since <= now
        and (each.until is None or each.until > now)
    ]
    begun = [since + KNOWN_AFTER if _was_known(others, since) else since for since in theirs]
    first = min(begun, default=now)
    return first if first > now else None


def _was_known(others: list[tuple[datetime, datetime | None]], at: datetime) -> bool:
    """Had the city somebody at this instant, or within the five days before?"""
    return any(
        since < at and (until is None or (until > since and until > at - KNOWN_AFTER))
        for since, until in others
    )


def was_somebody_known(connection: Connection, authority_code: str, project_id: int, now: datetime) -> bool:
    """Has the city, or had it within five days, a contact in this project, or a mayor?"""
    held = connection.execute(
        sa.select(MANDATE.c.since, MANDATE.c.until).where(
            MANDATE.c.authority_code == authority_code,
            MANDATE.c.role.in_(SPEAK_FOR_IT),
            MANDATE.c.project_id.is_(None) | (MANDATE.c.project_id == project_id),
        )
    )
    return _was_known([(row.since, row.until) for row in held], now)
