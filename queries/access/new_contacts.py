"""A contact whom the ANCT names beside people already known for a city turns no key before five days (rule 3).

Otherwise an agent could name somebody of theirs, and have them confirm: those who are known are told at once, and have
that time to say so.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.person import Role, has_not_ended, is_in_force
from models.proposal import KNOWN_AFTER
from models.tables import MANDATE

EARLIER = MANDATE.alias("earlier")


def key_from(connection: Connection, person_id: int, authority_code: str, now: datetime) -> datetime | None:
    """The instant from which the contact may turn a key for the city; None when they may already.

    Who is its contact elsewhere is known. The first whom a city has may at once: nobody is there to say otherwise.
    """
    was_known = sa.exists().where(
        EARLIER.c.authority_code == MANDATE.c.authority_code,
        EARLIER.c.role.in_((Role.local_contact, Role.signatory)),
        EARLIER.c.person_id != MANDATE.c.person_id,
        EARLIER.c.since < MANDATE.c.since,
        has_not_ended(MANDATE.c.since, EARLIER.c),
    )
    query = sa.select(MANDATE.c.since, was_known.correlate(MANDATE)).where(
        MANDATE.c.person_id == person_id,
        MANDATE.c.role == Role.local_contact,
        MANDATE.c.authority_code == authority_code,
        is_in_force(now),
    )
    begun = [since + KNOWN_AFTER if known else since for since, known in connection.execute(query)]
    first = min(begun, default=now)
    return first if first > now else None
