"""Where the name or the address of somebody stands as words, in rows that are not theirs: erased with them."""

import json
import re
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from models.former_name import FormerName
from models.person import Person
from models.proposal import ProposalKind
from models.tables import COMMITMENT, MANDATE, NOTICE, PARTY, PROPOSAL

NOBODY = "Une personne effacée"
NO_ADDRESS = "adresse effacée"


def forget_words(session: Session, person: Person, *, keeps_name: bool) -> None:
    """Take a person's name out of the commitments, and what they are called out of others' mails. Does not commit.

    A commitment proves no act: it loses the name even of who ``keeps_name`` for having signed. The mails of others
    lose the address, and the name unless it is kept; the names that were corrected go, or stay, with it.
    """
    query = select(FormerName.name).where(FormerName.person_id == person.id)
    names = [person.name, *session.exec(query).all()]
    _forget_in_commitments(session, person, names)
    _forget_in_proposals(session, person)
    _forget_in_mails(
        session, {person.email: NO_ADDRESS} | ({} if keeps_name else dict.fromkeys(names, NOBODY))
    )
    if not keeps_name:
        session.connection().execute(sa.delete(FormerName).where(col(FormerName.person_id) == person.id))


def _forget_in_commitments(session: Session, person: Person, names: list[str]) -> None:
    """Those that bear the name of the person, and the actions of a plan of their city that name them in words."""
    theirs = sa.select(PARTY.c.id).join(MANDATE, MANDATE.c.authority_code == PARTY.c.code)
    of_city = COMMITMENT.c.party_id.in_(theirs.where(MANDATE.c.person_id == person.id))
    named = (COMMITMENT.c.holder_id == person.id) | (of_city & COMMITMENT.c.holder.in_(names))
    session.connection().execute(sa.update(COMMITMENT).where(named).values(holder=NOBODY, holder_id=None))


def _forget_in_proposals(session: Session, person: Person) -> None:
    """The address that somebody proposed for them."""
    theirs = (PROPOSAL.c.subject_id == person.id) & (PROPOSAL.c.kind == ProposalKind.address)
    session.connection().execute(sa.update(PROPOSAL).where(theirs).values(request={"email": NO_ADDRESS}))


def _forget_in_mails(session: Session, words: dict[str, str]) -> None:
    """What others were sent, or are to be: their texts are values in JSON, kept for a year."""
    connection = session.connection()
    text = sa.cast(NOTICE.c.payload, sa.Text)
    holds = sa.or_(*(text.contains(json.dumps(each)[1:-1], autoescape=True) for each in words))
    for number, payload in connection.execute(sa.select(NOTICE.c.id, NOTICE.c.payload).where(holds)).all():
        changed = sa.update(NOTICE).where(NOTICE.c.id == number).values(payload=_without(payload, words))
        connection.execute(changed)


def _without(value: Any, words: dict[str, str]) -> Any:
    """The value with each of these words replaced where it stands whole."""
    if isinstance(value, dict):
        return {key: _without(each, words) for key, each in value.items()}
    if isinstance(value, list):
        return [_without(each, words) for each in value]
    if not isinstance(value, str):
        return value
    for word, instead in words.items():
        value = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", instead, value)
    return value
