"""Enums that people read: the text that is stored and written as JSON, and its French label."""

from enum import StrEnum
from typing import Self


class LabelledEnum(StrEnum):
    """A member is written ``refused = "refused", "refusé"``."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:  # by default: Role("observer") finds a member
        member = str.__new__(cls, value)
        member._value_, member.label = value, label
        return member
