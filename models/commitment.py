"""What somebody promised: the charter's commitments, the actions of the plans, the answers to reservations."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import DEADLINE, LONGEST_TEXT, UtcDateTime, stored, within
from models.labelled_enum import LabelledEnum
from models.limits import BeyondLimits, Text, words
from models.person import Role
from models.refusal import Refusal

AGENCY = "ANCT"
CONTRACTOR = "prestataire"

COMMITMENT = words("Engagement", LONGEST_TEXT, is_cut=True)
HOLDER = Text("Porteur", 500)
EVIDENCE = words("Preuve", LONGEST_TEXT, too_long=lambda length: WordsTooLong(length))


class CommitmentStatus(LabelledEnum):
    """Where a commitment stands."""

    to_do = "to_do", "à faire"
    in_progress = "in_progress", "en cours"
    kept = "kept", "tenu"
    waived = "waived", "levé"


STILL_OPEN = (CommitmentStatus.to_do, CommitmentStatus.in_progress)


class CommitmentOrigin(LabelledEnum):
    """Where a commitment comes from."""

    charter = "charter", "charte"
    action = "action", "plan d’action"
    reservation = "reservation", "réponse à une réserve"


class Commitment(SQLModel, table=True):
    """One promise with its owner: a party, the ANCT, or the contractor (both have no ``party_id``).

    ``reference`` names, within its origin, what it comes from (a key of the lifecycle, an action of a plan,
    a sign-off): with the origin it is unique in a project, so nothing is promised twice. ``holder`` is who keeps it,
    in words; ``holder_id``, the person whose name that is, when it is somebody known.
    """

    __table_args__ = (
        sa.UniqueConstraint("project_id", "origin", "reference", name="uq_commitment_reference"),
        sa.Index("ix_commitment_due", "status", "due_on", "project_id"),
        sa.Index("ix_commitment_of_project", "project_id", "status", "due_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id")
    owner: str = Field(max_length=20)
    party_id: int | None = Field(default=None, foreign_key="party.id", index=True)
    origin: CommitmentOrigin = Field(sa_type=stored(CommitmentOrigin))
    reference: str = Field(max_length=120)
    text: str = Field(sa_type=within(COMMITMENT))
    holder: str | None = Field(default=None, sa_type=within(HOLDER))
    holder_id: int | None = Field(default=None, foreign_key="person.id")
    due_on: date | None = Field(default=None, sa_type=within(DEADLINE))
    due_set_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    status: CommitmentStatus = Field(default=CommitmentStatus.to_do, sa_type=stored(CommitmentStatus))
    evidence: str | None = Field(default=None, sa_type=within(EVIDENCE))
    evidence_sha256: str | None = Field(default=None, max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def is_owner(owner: str, roles: Collection[Role], acts_for: Collection[str]) -> bool:
    """Does somebody with these roles in the project, who acts for the parties of these codes, keep what ``owner``
    promised?"""
    if owner == AGENCY:
        return Role.agency_agent in roles
    return Role.contractor in roles if owner == CONTRACTOR else owner in acts_for


_RESERVATION = "sign_off-"


def reservation_reference(sign_off_id: int) -> str:
    """The ``reference`` of the commitment that answers the reservation of a sign-off."""
    return f"{_RESERVATION}{sign_off_id}"


def answered_sign_off(commitment: Commitment) -> int:
    """The id of the sign-off whose reservation a commitment answers; its origin is ``reservation``."""
    return int(commitment.reference.removeprefix(_RESERVATION))


class UnknownCommitment(Refusal):
    """No commitment has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"L’engagement n° {number} n’existe pas : reprenez son numéro dans la liste des engagements du projet."
        )


class CommitmentSettled(Refusal):
    """A kept or waived commitment does not change any more."""

    def __init__(self, commitment: Commitment) -> None:
        super().__init__(
            f"L’engagement n° {commitment.id} est déjà {commitment.status.label} : il ne change plus."
        )


def settled_refusal(commitment: Commitment) -> CommitmentSettled | None:
    """Why this commitment is neither begun, kept nor waived any more; None while it is open."""
    return None if commitment.status in STILL_OPEN else CommitmentSettled(commitment)


class WordsTooLong(BeyondLimits):
    """The evidence or the reason is longer than what is kept of it."""

    def __init__(self, length: int) -> None:
        super().__init__(
            f"Ce texte compte {length} caractères, et {LONGEST_TEXT} au plus sont gardés : raccourcissez-le, ou "
            "joignez un fichier."
        )
