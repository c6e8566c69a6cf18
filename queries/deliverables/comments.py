"""The comments of a deliverable, as one person may read them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import Field
from sqlmodel import Session

from models.comment import can_withdraw, has_to_explain
from models.person import Role
from models.shape import Instant, NotInJson, Shape
from models.shared_project import refusal_if_cancelled
from models.tables import COMMENT, DELIVERABLE, PARTY, PERSON, STAGE, VERSION
from queries.access.project_access import NotVisible, ProjectAccess, access_to_project

_CURRENT = (
    sa.select(DELIVERABLE.c.number)
    .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
    .where(DELIVERABLE.c.id == sa.bindparam("deliverable"), STAGE.c.project_id == sa.bindparam("project"))
)
_COMMENTS = (
    sa.select(
        COMMENT, PERSON.c.name.label("author"), PARTY.c.code.label("party"),
        PARTY.c.name.label("party_name"), VERSION.c.number.label("version"),
    )
    .join(PERSON, PERSON.c.id == COMMENT.c.author_id)
    .outerjoin(PARTY, PARTY.c.id == COMMENT.c.party_id)
    .outerjoin(VERSION, VERSION.c.id == COMMENT.c.version_id)
    .where(COMMENT.c.deliverable_id == sa.bindparam("deliverable"))
    .order_by(COMMENT.c.id)
)  # fmt: skip


class AnswerShown(Shape):
    """A comment. ``version`` is None when it was written before any; ``party`` is the code of the one it speaks for.

    Once withdrawn its ``text`` is empty; ``withdrawn_reason`` is there when the ANCT withdrew it.
    """

    id: int
    author: str
    quality: str = Field(description="En quelle qualité.", examples=["interlocuteur privilégié"])
    party: str | None = Field(description="Pour quelle collectivité.")
    version: int | None = Field(description="La version qui était lue.")
    text: str
    at: Instant
    withdrawn_at: Instant | None
    withdrawn_reason: str | None
    party_name: NotInJson[str | None]
    may_withdraw: NotInJson[bool]
    must_say_why: NotInJson[bool]
    path: NotInJson[str]

    @property
    def anchor(self) -> str:
        """Its place in the page of the deliverable."""
        return f"commentaire-{self.id}"


class CommentShown(AnswerShown):
    """A comment and its answers, oldest first."""

    answers: list[AnswerShown]


@dataclass(frozen=True, slots=True)
class CommentsShown:
    """The comments of a deliverable; ``count`` is how many there are, answers included.

    ``version`` is the number of the current one, which a form sends back as what was read.
    """

    version: int
    lines: tuple[CommentShown, ...]
    count: int
    may_comment: bool


def read_comments(
    session: Session, slug: str, deliverable_id: int, person_id: int, now: datetime
) -> CommentsShown:
    """All of them, for anyone with a role in the project; raises ``NotVisible``. Writes nothing."""
    access = access_to_project(session, slug, person_id, now)
    connection = session.connection()
    values = {"deliverable": deliverable_id, "project": access.project_id}
    version = connection.execute(_CURRENT, values).scalar_one_or_none()
    if version is None:
        raise NotVisible
    rows = connection.execute(_COMMENTS, {"deliverable": deliverable_id}).all()
    lines = _threads(rows, access, f"{access.header.path}/livrables/{deliverable_id}")
    return CommentsShown(version, lines, len(rows), not refusal_if_cancelled(access.project))


def _threads(rows: Any, access: ProjectAccess, path: str) -> tuple[CommentShown, ...]:
    answers: defaultdict[int, list[AnswerShown]] = defaultdict(list)
    for row in rows:
        if row.answers is not None:
            answers[row.answers].append(AnswerShown(**_values(row, access, path)))
    return tuple(
        CommentShown(**_values(row, access, path) | {"answers": answers[row.id]})
        for row in rows
        if row.answers is None
    )


def _values(row: Any, access: ProjectAccess, path: str) -> dict[str, Any]:
    may_withdraw = row.withdrawn_at is None and can_withdraw(
        row.author_id, access.person_id, is_agent=access.standing.is_agent
    )
    return {
        **row._mapping,
        "quality": Role(row.role).label,
        "may_withdraw": may_withdraw,
        "must_say_why": may_withdraw and has_to_explain(row.author_id, access.person_id),
        "path": f"{path}#commentaire-{row.id}",
    }
