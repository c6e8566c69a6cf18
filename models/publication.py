"""What has been made public, and under which licence."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, within
from models.limits import Text

TITLE = Text("Titre", 300, is_cut=True)

OPEN_LICENCE = "Licence Ouverte 2.0"


class Publication(SQLModel, table=True):
    """A version of a deliverable that anybody may read and use again."""

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id", index=True)
    version_id: int = Field(foreign_key="deliverable_version.id", unique=True)
    title: str = Field(sa_type=within(TITLE))
    licence: str = Field(default=OPEN_LICENCE, max_length=40)
    published_at: datetime = Field(sa_type=UtcDateTime)
