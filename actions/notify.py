"""Owe somebody a mail: written with the fact, sent afterwards; the same thing is never told twice."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from actions.find import identity, parties_of
from actions.signing_authority import signers
from actions.wake import nudge
from models.contractor import ContractAward, Contractor
from models.notice import Notice
from models.outbox import NudgeKind
from models.party import Party
from models.person import Mandate, Role
from models.shared_project import SharedProject

NOTICE = Notice.__table__  # type: ignore[attr-defined]

ONE_ROUND = timedelta(seconds=1)
"""A fact often owes several mails: they leave together, and let the stage's own flow go first."""


def tell(
    session: Session,
    recipients: Iterable[int],
    message: str,
    about: str,
    now: datetime,
    *,
    project: SharedProject | None,
    **payload: Any,
) -> None:
    """Write a ``Notice`` to each person (once each), and ask for the mail to leave. Does not commit.

    ``about`` identifies what is told, from numbers and ISO dates (« stage-12 », « version-40 »): with the
    message and the person it makes the unique key. ``payload`` holds the plain values of the message.
    """
    written = 0
    for person_id in dict.fromkeys(recipients):
        row = {
            "key": f"{message}:{about}:{person_id}",
            "project_id": project.id if project else None,
            "recipient_id": person_id,
            "message": message,
            "payload": payload,
            "created_at": now,
            "next_try_at": now,
            "attempts": 0,
        }
        written += session.connection().execute(_insert_once(session), row).rowcount
    if written:
        nudge(session.connection(), NudgeKind.send_notices, None, now, pause=ONE_ROUND)


def _insert_once(session: Session) -> sa.Insert:
    if session.connection().dialect.name == "postgresql":
        return postgresql.insert(NOTICE).on_conflict_do_nothing(index_elements=["key"])
    return sqlite.insert(NOTICE).on_conflict_do_nothing(index_elements=["key"])


def contacts_of(session: Session, party: Party) -> list[int]:
    """The local contacts of a party (the people written to first)."""
    return _holders(session, Role.local_contact, party)


def office_of(session: Session, party: Party) -> list[int]:
    """The mayor or president of a party, if one is registered."""
    return _holders(session, Role.signatory, party)


def signatories_of(
    session: Session, party: Party, stage_key: str, deliverable_key: str, now: datetime
) -> list[int]:
    """Who may sign this deliverable for a party: its mayor or president, and whom a delegation covers."""
    return signers(session.connection(), party.code, stage_key, deliverable_key, now)


def people_of(session: Session, party: Party) -> list[int]:
    """The local contacts and the office holder of a party; for an observer, its people."""
    roles = (Role.local_contact, Role.signatory, Role.observer)
    return [person for role in roles for person in _holders(session, role, party)]


def contractor_people(session: Session, project: SharedProject) -> list[int]:
    """The contacts of the project's contractor, or of each firm of the consortium."""
    query = (
        select(Contractor.contact_id)
        .join(ContractAward)
        .where(ContractAward.project_id == project.id, col(Contractor.contact_id).is_not(None))
    )
    return [person_id for person_id in session.exec(query) if person_id is not None]


def agent_of(project: SharedProject) -> list[int]:
    """The ANCT agent in charge (empty while an imported project has none)."""
    return [project.agency_agent_id] if project.agency_agent_id else []


def _holders(session: Session, role: Role, party: Party) -> list[int]:
    query = select(Mandate.person_id).where(
        Mandate.role == role,
        Mandate.authority_code == party.code,
        col(Mandate.until).is_(None),
        sa.or_(col(Mandate.project_id).is_(None), col(Mandate.project_id) == party.project_id),
    )
    return list(session.exec(query.order_by(col(Mandate.id))))


def everybody(session: Session, project: SharedProject) -> list[int]:
    """The ANCT agent in charge, the people of every party, the contractor's contacts."""
    people = agent_of(project)
    for party in parties_of(session, identity(project)):
        people += people_of(session, party)
    return list(dict.fromkeys([*people, *contractor_people(session, project)]))
