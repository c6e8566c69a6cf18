"""The mails of a comment: to the author of the deliverable, and to those who commented on it before."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.mail.message_values import about_deliverable
from actions.mail.notify import is_notice_about, tell
from models.comment import Comment
from models.deliverable import Deliverable, DeliverableVersion
from models.notice import is_owed
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


class CommentMails:
    """The mails about ``comment``, which is written. None of its methods commits."""

    def __init__(self, session: Session, comment: Comment, now: datetime) -> None:
        self.session, self.comment, self.now = session, comment, now
        self.deliverable = session.get_one(Deliverable, comment.deliverable_id)
        self.stage = session.get_one(Stage, self.deliverable.stage_id)
        self.project = session.get_one(SharedProject, self.stage.project_id)

    def tell_added(self, author: str) -> None:
        """Owe the mails, as news, to each person once and never to the one who wrote it."""
        comment, session = self.comment, self.session
        party = session.get_one(Party, comment.party_id) if comment.party_id else None
        version = session.get_one(DeliverableVersion, comment.version_id) if comment.version_id else None
        values = {
            "commented_by": author,
            "commented_by_party": party.name if party else None,
            "commented_as": comment.role.label,
            "version": version.number if version else None,
            "text": comment.text,
            "is_answer": comment.answers is not None,
        }
        authors = [person for person in self._authors() if person != comment.author_id]
        self._tell(authors, FOR_AUTHOR, values)
        written_to = {comment.author_id, *authors}
        self._tell(
            [person for person in self._commenters() if person not in written_to], FOR_COMMENTER, values
        )

    def tell_withdrawn(self, agent: str) -> None:
        """Owe its author the mail that says that the ANCT withdrew it, and why."""
        values = {"withdrawn_by": agent, "reason": self.comment.withdrawn_reason}
        self._tell([self.comment.author_id], "comment_withdrawn_for_author", values)

    def take_back(self) -> None:
        """Empty the mails that carry it, now that it is withdrawn; those that have not left never do."""
        mails = sa.and_(
            NOTICE.c.project_id == self.project.id,
            is_notice_about(Subject.of("comment", self.comment.id), FOR_AUTHOR, FOR_COMMENTER),
        )
        dropped = {"dropped_at": self.now, "last_error": WITHDRAWN}
        connection = self.session.connection()
        connection.execute(sa.update(NOTICE).where(mails).values(payload={}))
        connection.execute(sa.update(NOTICE).where(mails, is_owed()).values(dropped))

    def _tell(self, people: list[int], message: str, values: dict[str, Any]) -> None:
        path = f"/projets/{self.project.slug}/livrables/{self.deliverable.id}#commentaire-{self.comment.id}"
        values = about_deliverable(self.session, self.project, self.stage, self.deliverable) | values
        about = Subject.of("comment", self.comment.id)
        tell(self.session, people, message, about, self.now, project=self.project, **values | {"path": path})

    def _authors(self) -> list[int]:
        """The contacts of the city that owns it and the author of the current version; before any, the agent."""
        owner_id, version_id = self.deliverable.party_id, self.deliverable.version_id
        owner = self.session.get_one(Party, owner_id) if owner_id else None
        people = contacts_of(self.session, owner, self.now) if owner else []
        if version_id:
            people.append(self.session.get_one(DeliverableVersion, version_id).submitted_by)
        return people or agent_of(self.project)

    def _commenters(self) -> list[int]:
        """The authors of comments that are not withdrawn, as long as they have a role in the project."""
        query = select(Comment.author_id).where(
            Comment.deliverable_id == self.deliverable.id, col(Comment.withdrawn_at).is_(None)
        )
        connection, project_id = self.session.connection(), identity(self.project)
        return [
            person
            for person in self.session.exec(query.distinct().order_by(col(Comment.author_id)))
            if not standing_in(connection, person, project_id, self.now).is_outsider
        ]
