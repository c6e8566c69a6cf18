"""What was found in a kept file when it was looked at: once, for good, as its content never changes."""

from dataclasses import dataclass

from sqlmodel import Field, SQLModel

from models.file_kind import FileKind


@dataclass(frozen=True, slots=True)
class Inspection:
    """The sort of a file, and how many pages it has where that is known."""

    kind: FileKind
    pages: int | None = None


class FileInspection(SQLModel, table=True):
    """The same, stored. ``kind`` is the key of a ``FileKind``; ``sha256`` names a content without keeping it."""

    __tablename__ = "file_inspection"

    sha256: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=40)
    pages: int | None = None
