"""Change the address of a person: asked for by who has the old mailbox, confirmed from the new one (rule 11).

The address is the key of a person: who receives its mail signs in. So both mailboxes take part, the old one is told at
once, and so are those who work with the person.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from actions.authority.pass_duties import tell_all_duties
from actions.ledger.journal import lock_register, record
from actions.ledger.locks import lock_projects
from actions.mail.notify import tell
from actions.people.add_person import check_email
from database.engine import Database
from models.address_change import (
    CONFIRMED_WITHIN,
    MOST_CHANGES,
    AddressChange,
    AddressLinkGone,
    AddressTaken,
    SameAddress,
    TooManyAddressChanges,
    address_change_refusal,
    is_usable,
)
from models.notice import FORMER_ADDRESS
from models.person import Actor, Person
from models.stored_row import identity
from models.subject import Subject
from models.web_session import SignInLink, WebSession, hash_of, new_secret
from queries.people.reach import projects_of_concern, watchers_of_person


@dataclass(frozen=True, slots=True)
class AddressToConfirm:
    """A change that was asked for: its link is mailed at once to ``email``, and kept nowhere."""

    token: str
    name: str
    email: str
    former_email: str


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """The name of the person, and their two addresses."""

    name: str
    email: str
    former_email: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the link holds, and the browser session that stays open; the others end."""

    token: str
    session_id: int | None = None


def ask_for_address(db: Database, actor: Actor, email: str, *, now: datetime) -> AddressToConfirm:
    """Ask to have another address. Nothing changes yet; the present mailbox is told. Commits.

    The link of an earlier request serves no more. Raises ``InvalidEmail``, ``SameAddress``, ``AddressTaken``,
    ``TooManyAddressChanges``.
    """
    address = check_email(email)
    with db.write() as session:
        lock_register(session)
        person = session.get_one(Person, actor.person_id)
        if address == person.email:
            raise SameAddress(address)
        require_free(session, address)
        _retire_links(session, person, now)
        token = new_secret()
        change = AddressChange(
            person_id=identity(person),
            email=address,
            token_hash=hash_of(token),
            asked_at=now,
            expires_at=now + CONFIRMED_WITHIN,
        )
        session.add(change)
        session.flush()
        record(session, "address.asked", project_id=None, actor=actor, now=now, person=person.id)
        about = Subject.of("address", change.id, now.isoformat())
        tell(session, [identity(person)], "address_asked_for_person", about, now, project=None,
             path="/mon-compte", new_address=address)  # fmt: skip
        return AddressToConfirm(token, person.name, address, person.email)


def _retire_links(session: Session, person: Person, now: datetime) -> None:
    """The former requests of the day are counted, and their links serve no more; those of before are forgotten."""
    connection, theirs = session.connection(), col(AddressChange.person_id) == person.id
    connection.execute(sa.delete(AddressChange).where(theirs, col(AddressChange.expires_at) <= now))
    count = select(func.count()).select_from(AddressChange).where(theirs)
    if session.exec(count).one() >= MOST_CHANGES:
        raise TooManyAddressChanges
    connection.execute(sa.update(AddressChange).where(theirs).values(token_hash=None))


def require_free(session: Session, address: str) -> None:
    """Raises ``AddressTaken`` when somebody has this address."""
    if session.exec(select(Person.id).where(Person.email == address)).first() is not None:
        raise AddressTaken(address)


def address_to_confirm(session: Session, person_id: int, token: str, now: datetime) -> str:
    """The address that this link of this person confirms; does not use it up. Raises ``AddressLinkGone``."""
    query = select(AddressChange.email).where(is_usable(hash_of(token), person_id, now))
    email = session.exec(query).first()
    if email is None:
        raise AddressLinkGone
    return email


def confirm_address(
    db: Database, actor: Actor, confirmation: Confirmation, *, now: datetime
) -> AddressChanged:
    """The person, signed in with the old address, opens the link sent to the new one: it is theirs. Commits.

    Raises ``AddressLinkGone``, ``AddressTaken``.
    """
    with db.write() as session:
        touched = projects_of_concern(session, actor.person_id, now)
        lock_projects(session, touched)
        lock_register(session)
        email = address_to_confirm(session, actor.person_id, confirmation.token, now)
        person = session.get_one(Person, actor.person_id, populate_existing=True)
        if refusal := address_change_refusal(actor, identity(person), person.name):
            raise refusal
        session.connection().execute(
            sa.update(AddressChange).where(col(AddressChange.person_id) == person.id).values(token_hash=None)
        )
        kept = confirmation.session_id
        changed = set_address(session, actor, person, email, touched, now, kept_session=kept)
        tell_all_duties(session, identity(person), touched, now)
        return changed


def set_address(
    session: Session,
    actor: Actor,
    person: Person,
    email: str,
    touched: list[int],
    now: datetime,
    *,
    kept_session: int | None = None,
) -> AddressChanged:
    """Write the address that was confirmed, close what the old one opens, tell all. Does not commit.

    The caller has locked ``touched`` and the register, and knows that two keys were turned
    (``address_change_refusal``). Raises ``AddressTaken``.
    """
    require_free(session, email)
    former, person.email = person.email, email
    person.links_version += 1
    _close_what_opens(session, person, kept_session, now)
    session.flush()
    for project_id in (*touched, None):
        record(session, "address.changed", project_id=project_id, actor=actor, now=now, person=person.id)
    values = {"former_address": former, "new_address": email}
    about = Subject.of("person", person.id, now.isoformat())
    tell(session, [identity(person)], "address_changed_for_person", about, now, project=None,
         path="/mon-compte", **values)  # fmt: skip
    changed_by = actor.name if actor.person_id != person.id else None
    tell(session, [identity(person)], FORMER_ADDRESS, about, now, project=None,
         path="/", changed_by=changed_by, **values)  # fmt: skip
    watchers = watchers_of_person(session, identity(person), touched, now)
    others = [each for each in watchers if each != person.id]
    tell(session, others, "address_changed_for_others", about, now, project=None, path="/projets",
         person_name=person.name, **values)  # fmt: skip
    return AddressChanged(person.name, email, former)


def _close_what_opens(session: Session, person: Person, kept_session: int | None, now: datetime) -> None:
    """The sign-in links that the old mailbox holds, and the other browsers."""
    connection = session.connection()
    connection.execute(sa.delete(SignInLink).where(col(SignInLink.person_id) == person.id))
    others = sa.update(WebSession).where(
        col(WebSession.person_id) == person.id, col(WebSession.ended_at).is_(None)
    )
    if kept_session is not None:
        others = others.where(col(WebSession.id) != kept_session)
    connection.execute(others.values(ended_at=now, id_token=None))


def forget_old_changes(db: Database, *, now: datetime) -> None:
    """Remove the requests whose link has expired: they hold an address that may be nobody's. Commits."""
    with db.write() as session:
        session.connection().execute(sa.delete(AddressChange).where(col(AddressChange.expires_at) <= now))
