"""Why a file is not taken, as the process that reads it answers: words that cross from one process to another."""

from enum import StrEnum


class Why(StrEnum):
    """``refused``: of a sort that is not taken. ``locked``: it asks for a password. ``damaged``: nobody can read it."""

    refused = "refused"
    locked = "locked"
    damaged = "damaged"


class NotTaken(Exception):
    """``what`` is what the file is, in French with its article; for ``locked``, a key of ``HOW_TO_UNLOCK``."""

    def __init__(self, why: Why, what: str) -> None:
        super().__init__(what)
        self.why, self.what = why, what
