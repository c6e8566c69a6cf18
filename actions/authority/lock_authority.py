"""The lock of what a city's authority touches: its living projects' journals, then the register."""

from collections.abc import Collection

from sqlmodel import Session

from actions.ledger.journal import lock_register
from actions.ledger.locks import lock_projects
from queries.authority.keys import living_projects


def lock_authority(session: Session, *authority_codes: str, also: Collection[int] = ()) -> None:
    """Lock the journals of these cities' projects (and of some others), in one order, then the register: two who do it
    never wait for each other, and whoever holds a project already takes the register after it too."""
    lock_projects(
        session, {*also, *(each for code in authority_codes for each in living_projects(session, code))}
    )
    lock_register(session)
