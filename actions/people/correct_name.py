"""Correct the name of a person, by themselves or by the ANCT; what was signed keeps the name it was signed under."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from sqlmodel import Session

from actions.ledger.journal import lock_register, record
from actions.ledger.locks import lock_projects
from actions.mail.notify import tell
from database.engine import Database
from models.commitment import STILL_OPEN
from models.former_name import FormerName, name_refusal
from models.person import NAME, Actor, NotAllowed, Person
from models.request import Request
from models.stored_row import identity
from models.subject import Subject
from models.tables import COMMITMENT
from queries.ledger.find import find_person, people_at
from queries.people.reach import is_reached_by_agent, projects_of_concern, watchers_of_person


@dataclass(frozen=True, slots=True)
class NameCorrection(Request):
    """Whose name is corrected, by their address, and what it is."""

    email: str
    name: Annotated[str, NAME]


def correct_name(db: Database, actor: Actor, correction: NameCorrection, *, now: datetime) -> Person:
    """Write the name as it is from now on; it is told at once to its person, their city and the ANCT. Commits.

    A name opens nothing: the address is what signs in. Receipts and attestations keep the name of the instant of the
    decision; open commitments bear the new one. Raises ``UnknownPerson``, ``NotAllowed``, ``InvalidName``.
    """
    name = " ".join(correction.name.split())
    with db.write() as session:
        touched = projects_of_concern(session, identity(find_person(session, correction.email)), now)
        lock_projects(session, touched)
        lock_register(session)
        person = find_person(session, correction.email)
        session.refresh(person)
        if not _may(session, actor, person, now):
            who = "un agent de l’ANCT, ou la personne elle-même,"
            raise NotAllowed(actor, f"corriger le nom de {person.name}", who)
        sharers = [each.name for each in people_at(session, person.email) if each is not person]
        if refusal := name_refusal(name, person.name, sharers):
            raise refusal
        former = person.name
        _write(session, person, name, now)
        for project_id in (*touched, None):
            record(session, "person.renamed", project_id=project_id, actor=actor, now=now, person=person.id)
        _tell(session, actor, person, former, touched, now)
        return person


def _may(session: Session, actor: Actor, person: Person, now: datetime) -> bool:
    return actor.person_id == person.id or is_reached_by_agent(session, actor, identity(person), now)


def _write(session: Session, person: Person, name: str, now: datetime) -> None:
    session.add(FormerName(person_id=identity(person), name=person.name, until=now))
    person.name = name
    theirs = (COMMITMENT.c.holder_id == person.id) & COMMITMENT.c.status.in_(STILL_OPEN)
    session.connection().execute(sa.update(COMMITMENT).where(theirs).values(holder=name))
    session.flush()


def _tell(
    session: Session, actor: Actor, person: Person, former: str, touched: list[int], now: datetime
) -> None:
    about = Subject.of("person", person.id, now.isoformat())
    by = None if actor.person_id == person.id else actor.name
    values = {"former_name": former, "new_name": person.name, "corrected_by": by}
    tell(session, [identity(person)], "name_corrected_for_person", about, now, project=None,
         path="/mon-compte", **values)  # fmt: skip
    watchers = watchers_of_person(session, identity(person), touched, now)
    others = [each for each in watchers if each not in (person.id, actor.person_id)]
    tell(session, others, "name_corrected_for_others", about, now, project=None, path="/projets", **values)
