"""The comments of a deliverable: read, published, taken back."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from pydantic import Field
from sqlmodel import select

from actions.deliverables.add_comment import CommentRequest, add_comment
from actions.deliverables.withdraw_comment import CommentWithdrawal, withdraw_comment
from models.comment import COMMENT, Comment
from models.shape import Instant, Shape
from queries.access.project_access import NotVisible
from queries.deliverables.comments import CommentShown, read_comments
from web.api.caller import Caller
from web.api.places import OwnedPlace, PlaceOfOwner, find_deliverable_id
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import LARGEST, Asked, Number, Reason, now

router = ApiRouter(prefix="/projects/{slug}/stages/{stage}/deliverables/{key}/comments", tags=[Tag.comments])


@dataclass(frozen=True, kw_only=True)
class CommentPlace(OwnedPlace):
    """The parameters of the address of a comment."""

    number: Number


class NewComment(Asked):
    """What is said of the deliverable."""

    text: Annotated[str, COMMENT.needed] = Field(examples=["Le chiffre de la page 4 est celui de 2024."])
    version: Annotated[int, Field(ge=1, le=LARGEST)] | None = Field(
        default=None, description="La version lue ; sans elle, la version courante."
    )
    answers: Annotated[int, Field(ge=1, le=LARGEST)] | None = Field(
        default=None, description="Le commentaire auquel celui-ci répond."
    )


class CommentAdded(Shape):
    """The comment as it is published."""

    id: int
    text: str
    at: Instant


class CommentTaken(Asked):
    """Why a comment is withdrawn; its author need not say."""

    reason: Reason | None = None


class CommentWithdrawn(Shape):
    """A comment whose words are erased."""

    id: int
    withdrawn_at: Instant | None


@router.reads("", "list_comments", "Les commentaires")
def list_(caller: Caller, place: PlaceOfOwner) -> list[CommentShown]:
    """Tous, du plus ancien au plus récent, chacun avec ses réponses."""
    deliverable_id = find_deliverable_id(caller, place)
    with caller.db.read() as session:
        return list(read_comments(session, place.slug, deliverable_id, caller.person_id, now()).lines)


@router.writes("", "add_comment", "Commenter", status=201)
def add(caller: Caller, place: PlaceOfOwner, comment: NewComment) -> CommentAdded:
    """Par quiconque a un rôle dans le projet, tant qu’il n’est pas annulé. Chacun lit, rien n’y est décidé."""
    deliverable_id = find_deliverable_id(caller, place)
    request = CommentRequest(place.slug, deliverable_id, comment.text, comment.version, comment.answers)
    return CommentAdded.model_validate(caller.act(add_comment, request))


@router.writes("/{number}/withdraw", "withdraw_comment", "Retirer un commentaire")
def withdraw(
    caller: Caller, place: Annotated[CommentPlace, Depends()], taken: CommentTaken
) -> CommentWithdrawn:
    """Par son auteur, ou par l’ANCT qui dit pourquoi : ses mots sont effacés, le fait reste."""
    deliverable_id = find_deliverable_id(caller, place)
    with caller.db.read() as session:
        query = select(Comment.id).where(Comment.id == place.number, Comment.deliverable_id == deliverable_id)
        if session.exec(query).first() is None:
            raise NotVisible
    withdrawn = caller.act(withdraw_comment, CommentWithdrawal(place.number, taken.reason))
    return CommentWithdrawn.model_validate(withdrawn)
