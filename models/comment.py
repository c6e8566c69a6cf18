"""What people say of a deliverable: read by everybody in its project, and never part of a decision."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import LONGEST_TEXT, REASON, UtcDateTime, stored, within
from models.limits import BeyondLimits, words
from models.person import Role
from models.refusal import Refusal

AN_HOUR = timedelta(hours=1)
MOST_AN_HOUR = 60
"""Comments of one person in one hour: nobody writes more, a machine does."""
COMMENT = words("Commentaire", LONGEST_TEXT, too_long=lambda length: CommentTooLong(length))


class Comment(SQLModel, table=True):
    """One comment, on the version that was read (none before the first), in the quality its author had then.

    ``answers`` is the comment it answers, which answers none itself. Once withdrawn, by its author or by the
    ANCT with a reason, its ``text`` is erased: that somebody said something, and when, stays (GDPR, article 17).
    """

    __table_args__ = (
        sa.Index("ix_comment_deliverable", "deliverable_id", "id"),
        sa.Index("ix_comment_author", "author_id", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    deliverable_id: int = Field(foreign_key="deliverable.id")
    version_id: int | None = Field(default=None, foreign_key="deliverable_version.id")
    author_id: int = Field(foreign_key="person.id")
    role: Role = Field(sa_type=stored(Role))
    party_id: int | None = Field(default=None, foreign_key="party.id")
    text: str = Field(sa_type=within(COMMENT))
    answers: int | None = Field(default=None, foreign_key="comment.id")
    at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_by: int | None = Field(default=None, foreign_key="person.id")
    withdrawn_reason: str | None = Field(default=None, sa_type=within(REASON))


def can_withdraw(author_id: int, person_id: int, *, is_agent: bool) -> bool:
    """May this person withdraw a comment of this author? Each their own, and the ANCT all of them."""
    return author_id == person_id or is_agent


def has_to_explain(author_id: int, person_id: int) -> bool:
    """Must this person say why they withdraw a comment of this author? Not when it is their own."""
    return author_id != person_id


class EmptyComment(Refusal):
    """There is nothing to read in it."""

    sentence = "Ce commentaire est vide : écrivez-le, puis publiez-le."


class CommentTooLong(BeyondLimits):
    """It is longer than people read."""

    def __init__(self, length: int) -> None:
        super().__init__(
            f"Ce commentaire compte {length} caractères, et {LONGEST_TEXT} au plus se publient : raccourcissez-le, ou "
            "publiez-le en plusieurs fois."
        )


class TooManyComments(Refusal):
    """One person wrote as many as one hour takes."""

    sentence = (
        f"Vous avez publié {MOST_AN_HOUR} commentaires en une heure, et c’est le plus qu’on puisse : gardez "
        "votre texte, et publiez-le un peu plus tard."
    )


class UnknownComment(Refusal):
    """No comment of this number on this deliverable, or it was withdrawn."""

    sentence = (
        "Le commentaire auquel vous répondez n’existe pas ou a été retiré : rouvrez la page du livrable."
    )


class WithdrawalUnexplained(Refusal):
    """The ANCT withdraws somebody's comment, and does not say why."""

    sentence = (
        "Pour retirer le commentaire de quelqu’un d’autre, donnez un motif : il est dit à son auteur, et "
        "montré à la place du commentaire."
    )
