"""Comment on a deliverable, or answer a comment: anybody with a role in the project, until it is cancelled."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from sqlmodel import Session, col, func, select

from actions.deliverables.comment_mails import CommentMails
from actions.ledger.journal import record
from actions.ledger.locks import lock_project
from database.engine import Database
from models.comment import (
    AN_HOUR,
    COMMENT,
    MOST_AN_HOUR,
    Comment,
    EmptyComment,
    TooManyComments,
    UnknownComment,
)
from models.deliverable import Deliverable, DeliverableVersion
from models.party import Party
from models.person import Actor, Role
from models.request import Request
from models.shared_project import SharedProject, UnknownProject, refusal_if_cancelled
from models.stage import Stage
from models.stored_row import identity
from queries.access.project_access import NotVisible, require_standing
from queries.ledger.find import find_party, find_project

TWICE = timedelta(minutes=1)
"""The same words within a minute: a double click, not somebody who insists."""


@dataclass(frozen=True, slots=True)
class CommentRequest(Request):
    """What to say, and of which deliverable. ``version`` is the number of the version that was read: the current one
    by default. ``answers`` is the id of the comment that is answered; the answer to an answer stands beside it.
    """

    slug: str
    deliverable_id: int
    text: Annotated[str, COMMENT]
    version: int | None = None
    answers: int | None = None


def add_comment(db: Database, actor: Actor, request: CommentRequest, *, now: datetime) -> Comment:
    """Publish the comment; the same words again within a minute are the same comment. Commits.

    Raises ``EmptyComment``, ``CommentTooLong``, ``NotVisible``, ``ProjectNotActive`` (a cancelled one),
    ``UnknownComment``, ``TooManyComments``.
    """
    if not request.text:
        raise EmptyComment
    with db.write() as session:
        project, stage, deliverable = _locked(session, request)
        role, party = _voice(session, project, deliverable, actor, now)
        comment = Comment(
            deliverable_id=request.deliverable_id,
            version_id=_version_read(session, deliverable, request.version),
            author_id=actor.person_id,
            role=role,
            party_id=party.id if party else None,
            text=request.text,
            answers=_answered(session, deliverable, request.answers),
            at=now,
        )
        if published := _published_before(session, comment):
            return published
        if refusal := refusal_if_cancelled(project):
            raise refusal
        _check_pace(session, actor, now)
        session.add(comment)
        session.flush()
        _record(session, project, stage, deliverable, comment, party, actor, now)
        CommentMails(session, comment, now).tell_added(actor.name)
        return comment


def _locked(session: Session, request: CommentRequest) -> tuple[SharedProject, Stage, Deliverable]:
    try:
        project = lock_project(session, identity(find_project(session, request.slug)))
    except UnknownProject:
        raise NotVisible from None
    query = select(Deliverable, Stage).join(Stage, col(Stage.id) == col(Deliverable.stage_id))
    mine = query.where(Deliverable.id == request.deliverable_id, Stage.project_id == project.id)
    row = session.exec(mine.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotVisible
    deliverable, stage = row
    return project, stage, deliverable


def _voice(
    session: Session, project: SharedProject, deliverable: Deliverable, actor: Actor, now: datetime
) -> tuple[Role, Party | None]:
    """The role in which the author comments, and for which party."""
    standing = require_standing(session.connection(), actor.person_id, identity(project), now)
    owner = session.get_one(Party, deliverable.party_id).code if deliverable.party_id else None
    role, code = standing.voice(owner)
    return role, find_party(session, project, code) if code else None


def _published_before(session: Session, comment: Comment) -> Comment | None:
    query = select(Comment).where(
        Comment.author_id == comment.author_id,
        Comment.deliverable_id == comment.deliverable_id,
        Comment.text == comment.text,
        Comment.answers == comment.answers,
        Comment.at > comment.at - TWICE,
        col(Comment.withdrawn_at).is_(None),
    )
    return session.exec(query.limit(1)).first()


def _check_pace(session: Session, actor: Actor, now: datetime) -> None:
    query = select(func.count()).where(Comment.author_id == actor.person_id, Comment.at > now - AN_HOUR)
    if session.exec(query).one() >= MOST_AN_HOUR:
        raise TooManyComments


def _version_read(session: Session, deliverable: Deliverable, number: int | None) -> int | None:
    """The version of this number; the current one when there is no such version."""
    if number is None or number == deliverable.number:
        return deliverable.version_id
    query = select(DeliverableVersion.id).where(
        DeliverableVersion.deliverable_id == deliverable.id, DeliverableVersion.number == number
    )
    return session.exec(query).one_or_none() or deliverable.version_id


def _answered(session: Session, deliverable: Deliverable, number: int | None) -> int | None:
    """The comment at the head of the thread: answers have one level."""
    if number is None:
        return None
    comment = session.get(Comment, number)
    if comment is None or comment.deliverable_id != deliverable.id or comment.withdrawn_at is not None:
        raise UnknownComment
    return comment.answers or comment.id


def _record(
    session: Session,
    project: SharedProject,
    stage: Stage,
    deliverable: Deliverable,
    comment: Comment,
    party: Party | None,
    actor: Actor,
    now: datetime,
) -> None:
    record(
        session,
        "comment.added",
        project_id=project.id,
        actor=actor,
        now=now,
        party_code=party.code if party else None,
        comment=comment.id,
        answers=comment.answers,
        stage=stage.key,
        deliverable=deliverable.key,
        deliverable_id=deliverable.id,
    )
