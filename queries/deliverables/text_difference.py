"""What changed between two texts, as people read it: the words that came and went, with the lines around them.

difflib finds what is common; ours is what it lacks: words within lines, what surrounds a change, bounds on time and
size. diff-match-patch compares letters, which cuts words in two.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from time import monotonic

KEPT, ADDED, REMOVED, CHANGED, SKIPPED = "kept", "added", "removed", "changed", "skipped"
CONTEXT = 2
"""Lines that are shown around a change."""
MOST_SHOWN = 200_000
"""Characters of one difference: sixty pages of changes, which nobody reads on a screen."""
MOST_WORDS = 40_000
"""Beyond, a passage is shown whole, before and after, without looking for the words in common."""
LONGEST_KEPT = 600
"""Characters in a row that changed nothing, within a passage that did: beyond, only their ends are shown."""
SHOWN_OF_KEPT = 200
LINE_LENGTH = 80
"""Characters of a line of text that flows."""
LEAST_ALIKE = 0.4
"""Two passages with fewer words in common are two passages, not one that changed."""
SECONDS_ON_WORDS = 2.0
_TOKEN = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Run:
    """Some words in a row: kept, added or removed."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """A passage of one or more lines: kept, added, removed, changed (its ``runs`` say where), or skipped.

    What is skipped has changed nothing and is not shown: ``lines`` says about how long it is.
    """

    kind: str
    runs: tuple[Run, ...]
    lines: int

    @property
    def text(self) -> str:
        """All its words."""
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Difference:
    """The passages in order; none when both texts say the same. ``is_cut``: there is more than is shown."""

    hunks: tuple[Hunk, ...]
    is_cut: bool = False


def difference(old: str, new: str, *, flows: bool = False) -> Difference:
    """What leads from ``old`` to ``new``. ``flows``: where a line ends means nothing (the text of a PDF)."""
    before, after = _lines(old, flows), _lines(new, flows)
    if before == after:
        return Difference(())
    stop_at = monotonic() + SECONDS_ON_WORDS
    hunks = tuple(_hunks(before, after, flows, stop_at))
    if flows and all(hunk.kind in (KEPT, SKIPPED) for hunk in hunks):
        return Difference(())
    return _cut(hunks)


def _lines(text: str, flows: bool) -> list[str]:
    if flows:
        return [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    return [line.rstrip() for line in text.split("\n")]


def _hunks(before: Sequence[str], after: Sequence[str], flows: bool, stop_at: float) -> Iterator[Hunk]:
    for tag, i, j, k, end in SequenceMatcher(None, before, after).get_opcodes():
        gone, come = before[i:j], after[k:end]
        if tag == "equal":
            yield from _kept(gone, at_start=i == 0, at_end=j == len(before))
        elif tag == "replace":
            yield from _replaced(gone, come, flows, stop_at)
        else:
            yield _whole(REMOVED if gone else ADDED, gone or come)


def _kept(lines: Sequence[str], *, at_start: bool, at_end: bool) -> Iterator[Hunk]:
    """The lines next to a change; those further away are skipped, unless that would hide a single one."""
    first, last = (0 if at_start else CONTEXT), (0 if at_end else CONTEXT)
    if len(lines) <= first + last + 1:
        yield _whole(KEPT, lines)
        return
    if first:
        yield _whole(KEPT, lines[:first])
    yield Hunk(SKIPPED, (), len(lines) - first - last)
    if last:
        yield _whole(KEPT, lines[-last:])


def _replaced(gone: Sequence[str], come: Sequence[str], flows: bool, stop_at: float) -> Iterator[Hunk]:
    joint = " " if flows else "\n"
    old, new = _TOKEN.findall(joint.join(gone)), _TOKEN.findall(joint.join(come))
    if max(len(old), len(new)) <= MOST_WORDS and monotonic() < stop_at:
        words = SequenceMatcher(_is_space, old, new)
        if words.ratio() >= LEAST_ALIKE:
            yield from _unfolded(list(_runs(words, old, new)))
            return
    yield _whole(REMOVED, gone)
    yield _whole(ADDED, come)


def _is_space(token: str) -> bool:
    return token.isspace()


def _runs(words: SequenceMatcher[str], old: Sequence[str], new: Sequence[str]) -> Iterator[Run]:
    for tag, i, j, k, end in words.get_opcodes():
        if tag == "equal":
            yield Run(KEPT, "".join(new[k:end]))
            continue
        if j > i:
            yield Run(REMOVED, "".join(old[i:j]))
        if end > k:
            yield Run(ADDED, "".join(new[k:end]))


def _unfolded(runs: Sequence[Run]) -> Iterator[Hunk]:
    """The passage, cut where many words in a row have not changed."""
    passage: list[Run] = []
    for run in runs:
        if run.kind != KEPT or len(run.text) <= LONGEST_KEPT:
            passage.append(run)
            continue
        head, tail = run.text[:SHOWN_OF_KEPT], run.text[-SHOWN_OF_KEPT:]
        head, tail = head.rsplit(" ", 1)[0], tail.split(" ", 1)[-1]
        if passage:
            yield _passage([*passage, Run(KEPT, head)])
        hidden = run.text[len(head) : len(run.text) - len(tail)]
        yield Hunk(SKIPPED, (), max(hidden.count("\n"), len(hidden) // LINE_LENGTH, 1))
        passage = [Run(KEPT, tail)]
    if any(run.kind != KEPT for run in passage):
        yield _passage(passage)


def _passage(runs: Sequence[Run]) -> Hunk:
    kind = CHANGED if any(run.kind != KEPT for run in runs) else KEPT
    return Hunk(kind, tuple(runs), 1 + sum(run.text.count("\n") for run in runs))


def _whole(kind: str, lines: Sequence[str]) -> Hunk:
    return Hunk(kind, (Run(kind, "\n".join(lines)),), len(lines))


def _cut(hunks: Sequence[Hunk]) -> Difference:
    """The first ``MOST_SHOWN`` characters; a passage that is longer alone is cut in its middle."""
    shown: list[Hunk] = []
    left = MOST_SHOWN
    for hunk in hunks:
        if len(hunk.text) > left:
            runs = tuple(_first(hunk.runs, left))
            return Difference((*shown, Hunk(hunk.kind, runs, hunk.lines)) if runs else tuple(shown), True)
        left -= len(hunk.text)
        shown.append(hunk)
    return Difference(tuple(shown))


def _first(runs: Sequence[Run], left: int) -> Iterator[Run]:
    for run in runs:
        if left <= 0:
            return
        yield Run(run.kind, run.text[:left])
        left -= len(run.text)
