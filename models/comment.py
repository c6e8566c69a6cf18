"""What people say of a document: read by everybody in the project, decided by nobody."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.database import UtcDateTime
from models.refusal import Refusal

LONGEST_COMMENT = 5000


class Comment(SQLModel, table=True):
    """A remark on one version of a deliverable, in the name of a party, of the contractor, or of the ANCT (no code)."""

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id", index=True)
    deliverable_id: int = Field(foreign_key="deliverable.id", index=True)
    version_number: int
    author_id: int = Field(foreign_key="person.id")
    party_code: str | None = Field(default=None, max_length=9)
    text: str = Field(max_length=LONGEST_COMMENT)
    at: datetime = Field(sa_type=UtcDateTime)


class NothingToSay(Refusal):
    """An empty comment, or one too long to be read."""

    def __init__(self, length: int) -> None:
        self.length = length
        said = "est vide" if not length else f"compte {length} caractères, pour {LONGEST_COMMENT} au plus"
        super().__init__(f"Ce commentaire {said} : écrivez ce que vous voulez dire, ou joignez un document.")
