"""The other ways to reach people and the teams of projects."""

from sqlmodel import Session, col, select

from models.channel import Channel
from models.person import Person
from models.shape import Instant, Shape
from models.shared_project import SharedProject
from models.stored_row import identity


class ListedChannel(Shape):
    """A channel and whose it is; never its address."""

    id: int
    label: str
    person: str | None
    project: str | None
    added_at: Instant


def list_channels(session: Session) -> list[ListedChannel]:
    """The channels in use, oldest first."""
    query = (
        select(Channel, Person.email, SharedProject.slug)
        .outerjoin(Person, col(Person.id) == Channel.person_id)
        .outerjoin(SharedProject, col(SharedProject.id) == Channel.project_id)
        .where(col(Channel.removed_at).is_(None))
        .order_by(col(Channel.id))
    )
    return [
        ListedChannel(
            id=identity(channel), label=channel.label, person=email, project=slug, added_at=channel.added_at
        )
        for channel, email, slug in session.exec(query)
    ]
