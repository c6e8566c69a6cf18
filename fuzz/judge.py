"""What a reader promises of any bytes: an answer or a refusal in a sentence, within two seconds of processor."""

import resource
from collections.abc import Callable

from models.refusal import Refusal

Reader = Callable[[bytes], object]
LONGEST = 2.0
"""Seconds of processor, of this process and of its children: a busy machine does not lengthen them."""
LONGEST_SENTENCE = 20_000


class Fault(AssertionError):
    """A promise that was not kept."""


def judge(reader: Reader, content: bytes) -> None:
    """Have ``reader`` read ``content``. Raises ``Fault``, or whatever the reader raises but a ``Refusal``."""
    before = _seconds_of_processor()
    try:
        reader(content)
    except Refusal as refusal:
        if not 0 < len(str(refusal)) <= LONGEST_SENTENCE:
            raise Fault(f"refused in {len(str(refusal))} characters") from refusal
    spent = _seconds_of_processor() - before
    if spent > LONGEST:
        raise Fault(f"{spent:.1f} seconds of processor for {len(content)} bytes")


def _seconds_of_processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
