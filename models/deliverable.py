"""What a stage must produce, and its successive versions; a version is its content, named by its SHA-256."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.act_kind import ActKind
from models.columns import DEADLINE, FILE_NAME, LONGEST_LINE, LONGEST_REASON, UtcDateTime, stored, within
from models.limits import BeyondLimits, Count, Text, words
from models.refusal import Refusal
from models.shared_project import ProjectWithStatus, project_refusal
from models.stage import ACCEPTS_VERSIONS, StageMovesOn, StageStatus

LONGEST_NOTE = 2000
"""Characters of « Ce qui a changé »: a summary; the comparison shows the rest."""

TITLE = Text("Livrable", LONGEST_LINE)
MINOR_REASON = words("Pourquoi elle est mineure", LONGEST_REASON)
NOTE = words("Ce qui a changé", LONGEST_NOTE, too_long=lambda length: NoteTooLong(length))
SIZE = Count("Taille", 0, 2**31 - 1)


class Deliverable(SQLModel, table=True):
    """A deliverable of a stage: shared by all (``party_id`` empty) or one city's own.

    ``round`` counts the reviews: each major version opens a new one, a minor revision stays in its own.
    ``number``, ``sha256`` and ``version_id`` are those of the current version (empty before the first).
    """

    __table_args__ = (
        sa.UniqueConstraint("stage_id", "key", "party_id", name="uq_deliverable_stage_key_party"),
        sa.Index(
            "uq_deliverable_shared",
            "stage_id",
            "key",
            unique=True,
            sqlite_where=sa.text("party_id IS NULL"),
            postgresql_where=sa.text("party_id IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    stage_id: int = Field(foreign_key="stage.id", index=True)
    key: str = Field(max_length=40)
    title: str = Field(sa_type=within(TITLE))
    party_id: int | None = Field(default=None, foreign_key="party.id")
    act_kind: ActKind = Field(sa_type=stored(ActKind))
    is_signed: bool = True
    round: int = 0
    number: int = 0
    version_id: int | None = None
    sha256: str | None = Field(default=None, max_length=64)


class DeliverableVersion(SQLModel, table=True):
    """One submitted content. ``round`` is the review it belongs to; a minor revision says why it is minor.

    ``change_note`` is what its author says that it changes. ``objections_until`` is the last day, in Paris, on which
    a signer of the text that a minor revision corrects may object to it (none: nobody had signed that text);
    ``objected_at``, ``objected_by`` and ``objected_for`` (a party), the objection that made it a version like any
    other; ``settled_at``, the end of the delay without any.
    """

    __tablename__ = "deliverable_version"
    __table_args__ = (sa.UniqueConstraint("deliverable_id", "number", name="uq_version_number"),)

    id: int | None = Field(default=None, primary_key=True)
    deliverable_id: int = Field(foreign_key="deliverable.id")
    number: int
    round: int
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=within(SIZE))
    file_name: str = Field(sa_type=within(FILE_NAME))
    is_minor: bool = False
    minor_reason: str | None = Field(default=None, sa_type=within(MINOR_REASON))
    change_note: str | None = Field(default=None, sa_type=within(NOTE))
    submitted_by: int = Field(foreign_key="person.id")
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    objections_until: date | None = Field(default=None, sa_type=within(DEADLINE))
    objected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    objected_by: int | None = Field(default=None, foreign_key="person.id")
    objected_for: int | None = Field(default=None, foreign_key="party.id")
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def submission_refusal(project: ProjectWithStatus, stage_title: str, status: StageStatus) -> Refusal | None:
    """Why nobody submits a version in this stage now; None while it takes some."""
    if refusal := project_refusal(project):
        return refusal
    if status in ACCEPTS_VERSIONS:
        return None
    advice = "un livrable se dépose entre l’ouverture de son étape et sa validation par toutes"
    return StageMovesOn(stage_title, status, "y déposer un livrable", advice)


class UnknownDeliverable(Refusal):
    """The stage has no such deliverable (for that party)."""

    def __init__(self, key: str, party: str | None, keys: list[str]) -> None:
        whose = f" de la partie {party}" if party else ""
        advice = f"on y trouve : {', '.join(keys)}" if keys else "elle n’est pas encore ouverte"
        super().__init__(f"Le livrable « {key} »{whose} n’existe pas dans cette étape ; {advice}.")


class SameContent(Refusal):
    """The submitted file is the current version, byte for byte."""

    def __init__(self, deliverable: Deliverable) -> None:
        super().__init__(
            f"Ce fichier est déjà la version {deliverable.number} de « {deliverable.title} », à l’octet près : "
            "rien de plus n’a été enregistré."
        )


class MinorNeedsReason(Refusal):
    """A minor revision keeps the sign-offs, so it says why it is minor (rule 2)."""

    sentence = (
        "Une révision mineure garde les validations : dites pourquoi elle est mineure (une coquille, une "
        "date…) avec un motif."
    )


class NoteTooLong(BeyondLimits):
    """What the version changes takes more words than a summary."""

    def __init__(self, length: int) -> None:
        super().__init__(
            f"« Ce qui a changé » compte {length} caractères, et {LONGEST_NOTE} au plus se gardent : ne dites que "
            "l’essentiel, le reste se lit en comparant les versions."
        )


class NothingToRevise(Refusal):
    """There is no version yet for a minor revision to revise."""

    def __init__(self, deliverable: Deliverable) -> None:
        super().__init__(
            f"« {deliverable.title} » n’a pas encore de version : déposez la première sans la dire mineure."
        )
