"""What the product says no with: the base of every business refusal."""

import re
from typing import ClassVar

NBSP = "\u00a0"


class Refusal(Exception):
    """A request the rules do not allow.

    ``str(refusal)`` is one French sentence (or a short list of them) for the person who asked: what is
    refused, why and where, and what to do. Nothing has been written when it reaches the caller. Subclasses
    carry the objects concerned as attributes; how it is shown (exit code, HTTP status) is the edge's affair. One
    that always says the same has it as its ``sentence``.
    """

    sentence: ClassVar[str]

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(typeset(self.sentence if sentence is None else sentence))


def typeset(sentence: str) -> str:
    """``sentence`` with the non-breaking spaces French puts inside « » and before : ; ! ?"""
    sentence = re.sub(r"«\s?", f"«{NBSP}", sentence)
    return re.sub(r"\s?»", f"{NBSP}»", re.sub(r" ([:;!?])(?=\s|$)", rf"{NBSP}\1", sentence))
