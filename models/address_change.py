"""A person's new address, before the link that was sent to it is confirmed; and who may change an address."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from models.columns import UtcDateTime, within
from models.person import EMAIL, Actor
from models.refusal import Refusal

CONFIRMED_WITHIN = timedelta(hours=24)
"""The link that was sent to the new address serves once, and this long."""
MOST_CHANGES = 5
"""New addresses that a person may ask for within that time: each is a mail to somebody who may know nothing of it."""


class AddressChange(SQLModel, table=True):
    """An address that a person asked to have; only the last one asked for has a link that serves.

    ``token_hash`` is the SHA-256 of what the link holds; without it, the link has served, or another replaced it. The
    row goes once the link would have expired.
    """

    __tablename__ = "address_change"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    email: str = Field(sa_type=within(EMAIL))
    token_hash: str | None = Field(default=None, unique=True, max_length=64)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


def is_usable(token_hash: str, person_id: int, at: datetime) -> sa.ColumnElement[bool]:
    """The condition of the change that this link of this person confirms."""
    return sa.and_(
        col(AddressChange.token_hash) == token_hash,
        col(AddressChange.person_id) == person_id,
        col(AddressChange.expires_at) > at,
    )


class AddressTaken(Refusal):
    """The new address is somebody's already."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"« {email} » est déjà l’adresse d’une personne enregistrée : donnez-en une autre, ou écrivez à "
            "l’agent de l’ANCT qui conduit votre projet si les deux comptes sont les vôtres."
        )


class SameAddress(Refusal):
    """The new address is the present one."""

    def __init__(self, email: str) -> None:
        super().__init__(f"« {email} » est déjà votre adresse : il n’y a rien à changer.")


class TooManyAddressChanges(Refusal):
    """Too many new addresses were asked for in a day."""

    sentence = (
        f"Vous avez demandé {MOST_CHANGES} changements d’adresse en une journée : ouvrez le dernier lien reçu, "
        "ou recommencez demain."
    )


class AddressLinkGone(Refusal):
    """The link is not that of the last change this person asked for, or is too old."""

    sentence = (
        "Ce lien ne confirme plus rien : il a déjà servi, il a plus de 24 heures, il a été remplacé par un autre, "
        "ou il n’est pas le vôtre. Recommencez depuis « Mon compte »."
    )


class AddressIsTheirs(Refusal):
    """Nobody changes the address of somebody else alone: who has the address signs in."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"L’adresse de {name} est sa clé : qui la change prend sa place. Seule la personne en change, depuis "
            "« Mon compte », connectée avec l’ancienne adresse et en ouvrant le lien envoyé à la nouvelle."
        )


def address_change_refusal(
    actor: Actor, person_id: int, name: str, *, confirmed_by: int | None = None
) -> AddressIsTheirs | None:
    """Why the actor may not change the address of this person (docs/rules.md, rule 11).

    The person may, by both mailboxes. Somebody else holds one key of two: ``confirmed_by`` is who turned the other
    one, another person than the actor, whom the caller knows to be entitled to.
    """
    if actor.person_id == person_id or confirmed_by not in (None, actor.person_id):
        return None
    return AddressIsTheirs(name)
