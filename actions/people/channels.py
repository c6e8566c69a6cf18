"""The other ways to reach a person or a project's team: add one, list them, take one away."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.ledger.journal import record
from database.address_lock import AddressLock, LostKey
from database.engine import Database
from models.channel import Channel
from models.person import Actor, NotAllowed, Role
from models.refusal import Refusal
from models.shared_project import SharedProject
from models.stored_row import identity
from queries.access.rights import has_role, require_agency_agent
from queries.ledger.find import find_person, find_project


class UnknownChannel(Refusal):
    """No channel in use has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Le canal n° {number} n’existe pas, ou plus : « projet-partage channel list » donne les numéros."
        )


class ChannelKnown(Refusal):
    """The same address is there already for the same person or project."""

    def __init__(self, number: int) -> None:
        super().__init__(f"Cette adresse est déjà le canal n° {number} : il n’y a rien à ajouter.")


class ChannelLocked(Refusal):
    """The secret that locked the address is no more that of the system."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"L’adresse du canal n° {number} a été chiffrée avec un autre PROJET_PARTAGE_SECRET_KEY : "
            "retirez-le (« projet-partage channel remove ») et ajoutez-le de nouveau."
        )


@dataclass(frozen=True, slots=True)
class ChannelRequest:
    """An address already checked, and whose it is: the e-mail address of a person, or the slug of a project."""

    owner: str
    address: str
    label: str


def add_person_channel(
    db: Database, actor: Actor, request: ChannelRequest, lock: AddressLock, *, now: datetime
) -> int:
    """Tell a person by this address too; returns the id of the channel. Commits.

    The person asks for it, or an agent of the ANCT. Raises ``UnknownPerson``, ``NotAllowed``, ``ChannelKnown``.
    """
    with db.write() as session:
        person_id = identity(find_person(session, request.owner))
        _require_own_or_agent(session, actor, person_id, now, "ajouter un canal à une autre personne")
        return _add(session, actor, request, lock, now, person_id=person_id)


def add_project_channel(
    db: Database, actor: Actor, request: ChannelRequest, lock: AddressLock, *, now: datetime
) -> int:
    """Tell a project's team by this address; returns the id of the channel. Commits.

    Raises ``UnknownProject``, ``NotAllowed``, ``ChannelKnown``.
    """
    with db.write() as session:
        project = find_project(session, request.owner)
        require_agency_agent(session, actor, now, "ajouter un canal à un projet", project)
        return _add(session, actor, request, lock, now, project_id=project.id)


def remove_channel(db: Database, actor: Actor, number: int, *, now: datetime) -> None:
    """Tell nothing more by this channel, and forget its address. Commits.

    Raises ``UnknownChannel``, ``NotAllowed``.
    """
    with db.write() as session:
        channel = _find(session, number)
        act = "retirer ce canal"
        if channel.project_id is not None:
            project = session.get_one(SharedProject, channel.project_id)
            require_agency_agent(session, actor, now, act, project)
        else:
            _require_own_or_agent(session, actor, channel.person_id, now, act)
        channel.removed_at, channel.address = now, ""
        _record(session, "channel.removed", channel, actor, now)


def channel_address(session: Session, number: int, lock: AddressLock) -> str:
    """The address itself, to send to; never to be shown. Raises ``UnknownChannel``, ``ChannelLocked``."""
    try:
        return lock.unlock(_find(session, number).address)
    except LostKey:
        raise ChannelLocked(number) from None


def _add(
    session: Session,
    actor: Actor,
    request: ChannelRequest,
    lock: AddressLock,
    now: datetime,
    *,
    person_id: int | None = None,
    project_id: int | None = None,
) -> int:
    address = request.address.strip()
    same_service = select(Channel).where(
        Channel.person_id == person_id,
        Channel.project_id == project_id,
        Channel.label == request.label,
        col(Channel.removed_at).is_(None),
    )
    for other in session.exec(same_service):
        if _opens_to(lock, other, address):
            raise ChannelKnown(identity(other))
    channel = Channel(
        person_id=person_id,
        project_id=project_id,
        label=request.label,
        address=lock.lock(address),
        added_by=actor.person_id,
        added_at=now,
    )
    session.add(channel)
    session.flush()
    _record(session, "channel.added", channel, actor, now)
    return identity(channel)


def _opens_to(lock: AddressLock, channel: Channel, address: str) -> bool:
    try:
        return lock.unlock(channel.address) == address
    except LostKey:
        return False


def _find(session: Session, number: int) -> Channel:
    channel = session.get(Channel, number)
    if channel is None or channel.removed_at is not None:
        raise UnknownChannel(number)
    return channel


def _require_own_or_agent(
    session: Session, actor: Actor, person_id: int | None, now: datetime, act: str
) -> None:
    if actor.person_id != person_id and not has_role(
        session, actor.person_id, Role.agency_agent, now, any_project=True
    ):
        raise NotAllowed(actor, act, "l’intéressé, ou un agent de l’ANCT,")


def _record(session: Session, event: str, channel: Channel, actor: Actor, now: datetime) -> None:
    whose: dict[str, Any] = {} if channel.person_id is None else {"person": channel.person_id}
    record(session, event, project_id=channel.project_id, actor=actor, now=now, channel=channel.id, **whose)
