"""Withdraw a comment: its author may, or the ANCT with a reason; the text is erased."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlmodel import Session

from actions.deliverables.comment_mails import CommentMails
from actions.ledger.journal import record
from actions.ledger.locks import lock_project
from database.engine import Database
from models.columns import LONGEST_REASON, REASON
from models.comment import Comment, WithdrawalUnexplained, can_withdraw, has_to_explain
from models.deliverable import Deliverable
from models.person import Actor, NotAllowed
from models.request import Request
from models.shared_project import SharedProject
from models.stage import Stage
from models.stored_row import identity
from queries.access.project_access import NotVisible
from queries.access.standing import standing_in


@dataclass(frozen=True, slots=True)
class CommentWithdrawal(Request):
    """Which comment is taken back, and why; its author need not say."""

    comment_id: int
    reason: Annotated[str | None, REASON] = None


def withdraw_comment(db: Database, actor: Actor, withdrawal: CommentWithdrawal, *, now: datetime) -> Comment:
    """Erase the text of a comment; the fact stays. Done before, it changes nothing. Commits.

    Its author needs no role in the project any more: the words are theirs. Raises ``NotVisible``, ``NotAllowed``,
    ``WithdrawalUnexplained`` (the ANCT says why).
    """
    with db.write() as session:
        comment, project, stage, deliverable = _locked(session, withdrawal.comment_id)
        _require_right(session, comment, actor, project, now)
        if comment.withdrawn_at is not None:
            return comment
        by_author = not has_to_explain(comment.author_id, actor.person_id)
        why = None if by_author else (withdrawal.reason or "").strip()[:LONGEST_REASON]
        if why == "":
            raise WithdrawalUnexplained
        comment.text, comment.withdrawn_at = "", now
        comment.withdrawn_by, comment.withdrawn_reason = actor.person_id, why
        mails = CommentMails(session, comment, now)
        mails.take_back()
        record(
            session,
            "comment.withdrawn",
            project_id=project.id,
            actor=actor,
            now=now,
            comment=comment.id,
            stage=stage.key,
            deliverable=deliverable.key,
            deliverable_id=deliverable.id,
            by_author=by_author,
        )
        if not by_author:
            mails.tell_withdrawn(actor.name)
        return comment


def _locked(session: Session, comment_id: int) -> tuple[Comment, SharedProject, Stage, Deliverable]:
    comment = session.get(Comment, comment_id)
    if comment is None:
        raise NotVisible
    deliverable = session.get_one(Deliverable, comment.deliverable_id)
    stage = session.get_one(Stage, deliverable.stage_id)
    project = lock_project(session, stage.project_id)
    session.refresh(comment)
    return comment, project, stage, deliverable


def _require_right(
    session: Session, comment: Comment, actor: Actor, project: SharedProject, now: datetime
) -> None:
    standing = standing_in(session.connection(), actor.person_id, identity(project), now)
    if not can_withdraw(comment.author_id, actor.person_id, is_agent=standing.is_agent):
        if standing.is_outsider:
            raise NotVisible
        raise NotAllowed(actor, "retirer ce commentaire", "son auteur, ou un agent de l’ANCT")
