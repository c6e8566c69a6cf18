"""The comments of a deliverable: read, published, taken back."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints
from sqlmodel import select

from actions.deliverables.add_comment import CommentRequest, add_comment
from actions.deliverables.withdraw_comment import CommentWithdrawal, withdraw_comment
from models.columns import LONGEST_TEXT
from models.comment import Comment
from models.shape import Instant, Shape
from queries.access.project_access import NotVisible
from queries.deliverables.comments import CommentShown, read_comments
from web.api.bearer import Caller
from web.api.declared import (
    LARGEST,
    WRITES,
    Asked,
    Clean,
    DeliverableName,
    Number,
    OwnerCode,
    Reason,
    Slug,
    StageName,
    now,
    problems,
)
from web.api.seats import find_deliverable_id
from web.dependencies import db_of

router = APIRouter(
    prefix="/projects/{slug}/stages/{stage}/deliverables/{key}/comments", tags=["Commentaires"]
)


class NewComment(Asked):
    """What is said of the deliverable."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT), Clean] = Field(
        examples=["Le chiffre de la page 4 est celui de 2024."]
    )
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


@router.get("", operation_id="list_comments", summary="Les commentaires", responses=problems(404, 422))
def list_(
    request: Request,
    caller: Caller,
    slug: Slug,
    stage: StageName,
    key: DeliverableName,
    party: OwnerCode = None,
) -> list[CommentShown]:
    """Tous, du plus ancien au plus récent, chacun avec ses réponses."""
    wanted = find_deliverable_id(request, caller, slug, stage, key, party)
    with db_of(request).read() as session:
        return list(read_comments(session, slug, wanted, caller.person_id, now()).lines)


@router.post(
    "",
    operation_id="add_comment",
    summary="Commenter",
    status_code=201,
    responses=problems(*WRITES),
)
def add(
    request: Request,
    caller: Caller,
    slug: Slug,
    stage: StageName,
    key: DeliverableName,
    comment: NewComment,
    party: OwnerCode = None,
) -> CommentAdded:
    """Par quiconque a un rôle dans le projet, tant qu’il n’est pas annulé. Chacun lit, rien n’y est décidé."""
    wanted = find_deliverable_id(request, caller, slug, stage, key, party)
    asked = CommentRequest(slug, wanted, comment.text, comment.version, comment.answers)
    return CommentAdded.model_validate(add_comment(db_of(request), caller.actor, asked, now=now()))


@router.post(
    "/{number}/withdraw",
    operation_id="withdraw_comment",
    summary="Retirer un commentaire",
    responses=problems(*WRITES),
)
def withdraw(
    request: Request,
    caller: Caller,
    slug: Slug,
    stage: StageName,
    key: DeliverableName,
    number: Number,
    taken: CommentTaken,
    party: OwnerCode = None,
) -> CommentWithdrawn:
    """Par son auteur, ou par l’ANCT qui dit pourquoi : ses mots sont effacés, le fait reste."""
    wanted = find_deliverable_id(request, caller, slug, stage, key, party)
    with db_of(request).read() as session:
        query = select(Comment.id).where(Comment.id == number, Comment.deliverable_id == wanted)
        if session.exec(query).first() is None:
            raise NotVisible
    withdrawal = CommentWithdrawal(number, taken.reason)
    withdrawn = withdraw_comment(db_of(request), caller.actor, withdrawal, now=now())
    return CommentWithdrawn.model_validate(withdrawn)
