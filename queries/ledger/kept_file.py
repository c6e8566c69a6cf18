"""A kept content under the name it is downloaded by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A content of the file store, and the name under which it is downloaded."""

    sha256: str
    name: str
