"""Projects by their title, however it is written; for whoever holds the register's lock and is about to add one."""

from collections.abc import Collection, Sequence
from itertools import count

from sqlmodel import Session, col, select

from models.folded import folded
from models.project_title import numbered
from models.shared_project import SharedProject


def projects_titled(session: Session, title: str) -> Sequence[SharedProject]:
    """Those whose title says the same (``models.folded``), the oldest first."""
    wanted = folded(title)
    titles = session.exec(select(SharedProject.id, SharedProject.title))
    alike = [number for number, each in titles if folded(each) == wanted]
    query = select(SharedProject).where(col(SharedProject.id).in_(alike)).order_by(col(SharedProject.id))
    return session.exec(query).all() if alike else []


def free_slug(session: Session, slug: str, promised: Collection[str] = ()) -> str:
    """``slug``, or the same with the first number that makes it neither another project's nor a ``promised`` one."""
    slugs = (slug if number == 1 else numbered(slug, number) for number in count(1))
    return next(each for each in slugs if each not in promised and not _is_used(session, each))


def _is_used(session: Session, slug: str) -> bool:
    return session.exec(select(SharedProject.id).where(SharedProject.slug == slug)).first() is not None
