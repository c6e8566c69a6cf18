"""The mails of a comment: to the author of the deliverable, and to those who commented on it before."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.mail.message_values import about_deliverable
from actions.mail.notify import tell
from models.comment import Comment
from models.deliverable import Deliverable, DeliverableVersion
from models.party import Party
from models.shared_project import SharedProject
from models.stage import Stage
from models.stored_row import identity
from models.subject import Subject
from models.tables import NOTICE
from queries.access.standing import standing_in
from queries.people.recipients import agent_of, contacts_of

FOR_AUTHOR, FOR_COMMENTER = "comment_added_for_author", "comment_added_for_commenter"
WITHDRAWN = "le commentaire a été retiré"


def tell_comment(
    session: Session,
    project: SharedProject,
    stage: Stage,
    deliverable: Deliverable,
    comment: Comment,
    author: str,
    party: Party | None,
    now: datetime,
) -> None:
    """Owe the mails, as news, to each person once and never to who wrote it. Does not commit."""
    values = comment_values(session, project, stage, deliverable, comment) | {
        "commented_by": author,
        "commented_by_party": party.name if party else None,
        "commented_as": comment.role.label,
        "version": _version_number(session, comment),
        "text": comment.text,
        "is_answer": comment.answers is not None,
    }
    told = {comment.author_id}
    authors = _authors(session, project, deliverable, now)
    for message, people in (
        (FOR_AUTHOR, authors),
        (FOR_COMMENTER, _commenters(session, project, deliverable, now)),
    ):
        new = [person for person in people if person not in told]
        told.update(new)
        tell(session, new, message, Subject.of("comment", comment.id), now, project=project, **values)


def comment_values(
    session: Session, project: SharedProject, stage: Stage, deliverable: Deliverable, comment: Comment
) -> dict[str, Any]:
    """What a mail says of the deliverable, and the address of the comment."""
    path = f"/projets/{project.slug}/livrables/{deliverable.id}#commentaire-{comment.id}"
    return about_deliverable(session, project, stage, deliverable) | {"path": path}


def take_back_mails(session: Session, project: SharedProject, comment: Comment, now: datetime) -> None:
    """Empty the mails that carry a comment that is withdrawn; those that have not left never do. Does not commit."""
    told = sa.and_(
        NOTICE.c.project_id == project.id,
        NOTICE.c.message.in_((FOR_AUTHOR, FOR_COMMENTER)),
        NOTICE.c.key.like(f"%:comment-{comment.id}:%"),
    )
    connection = session.connection()
    connection.execute(sa.update(NOTICE).where(told).values(payload={}))
    waiting = NOTICE.c.sent_at.is_(None) & NOTICE.c.dropped_at.is_(None)
    connection.execute(sa.update(NOTICE).where(told, waiting).values(dropped_at=now, last_error=WITHDRAWN))


def _authors(session: Session, project: SharedProject, deliverable: Deliverable, now: datetime) -> list[int]:
    """The contacts of the city whose own it is, and who submitted the current version; before any, the agent."""
    owner = session.get(Party, deliverable.party_id) if deliverable.party_id else None
    people = contacts_of(session, owner, now) if owner else []
    if deliverable.version_id:
        people.append(session.get_one(DeliverableVersion, deliverable.version_id).submitted_by)
    return people or agent_of(project)


def _commenters(
    session: Session, project: SharedProject, deliverable: Deliverable, now: datetime
) -> list[int]:
    """Those who have said something of it that still stands, as long as they stand in the project themselves."""
    query = select(Comment.author_id).where(
        Comment.deliverable_id == deliverable.id, col(Comment.withdrawn_at).is_(None)
    )
    connection, project_id = session.connection(), identity(project)
    return [
        person
        for person in session.exec(query.distinct().order_by(col(Comment.author_id)))
        if not standing_in(connection, person, project_id, now).is_outsider
    ]


def _version_number(session: Session, comment: Comment) -> int | None:
    return session.get_one(DeliverableVersion, comment.version_id).number if comment.version_id else None
