"""Other ways than mail to reach a person or a project's team: any Apprise address (Tchap, Mattermost, SMS…)."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, within
from models.limits import Text

LABEL = Text("Libellé", 60)


class Channel(SQLModel, table=True):
    """An Apprise address of a person, or of a project. ``address`` holds secrets: it is kept encrypted.

    ``label`` is what may be shown of it (« matrix », « sms »).
    """

    __table_args__ = (
        sa.CheckConstraint("(person_id IS NULL) <> (project_id IS NULL)", name="ck_channel_whose"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    project_id: int | None = Field(default=None, foreign_key="shared_project.id", index=True)
    label: str = Field(sa_type=within(LABEL))
    address: str = Field(max_length=2000)
    added_by: int | None = Field(default=None, foreign_key="person.id")
    added_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
