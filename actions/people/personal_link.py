"""Whose a personal link is, and how a person gets new ones: the old ones then answer no more."""

from datetime import datetime

from sqlmodel import Session

from actions.ledger.journal import lock_register, record
from database.engine import Database
from models.person import ActorOrSystem, Person
from models.refusal import Refusal
from queries.ledger.find import find_person


class DeadLink(Refusal):
    """The link is nobody's, or its person has had new ones made since."""

    sentence = (
        "Cette adresse ne répond pas, ou ne répond plus : reprenez le lien du dernier message que vous avez "
        "reçu."
    )


def holder_of(session: Session, person_id: int, links_version: int) -> Person:
    """The person a link was given to; raises ``DeadLink`` alike for nobody and for an old link."""
    person = session.get(Person, person_id)
    if person is None or person.links_version != links_version:
        raise DeadLink
    return person


def renew_links(db: Database, actor: ActorOrSystem, email: str, *, now: datetime) -> Person:
    """Close every link this person was given, as they or the operator ask. Commits. Raises ``UnknownPerson``."""
    with db.write() as session:
        lock_register(session)
        person = find_person(session, email)
        person.links_version += 1
        session.flush()
        record(session, "links.renewed", project_id=None, actor=actor, now=now, person=person.id)
        return person
