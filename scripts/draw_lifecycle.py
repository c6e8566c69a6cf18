"""Draw the state diagrams of ``docs/lifecycle.md`` from the tables the code obeys (``make docs``).

Only what stands between ``<!-- drawn: NAME -->`` and ``<!-- end -->`` is written; the rest is by hand.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from models.labelled_enum import LabelledEnum
from models.shared_project import PROJECT_TRANSITIONS, ProjectStatus
from models.stage import STAGE_TRANSITIONS, StageStatus

PAGE = Path(__file__).parent.parent / "docs" / "lifecycle.md"

State = TypeVar("State", bound=LabelledEnum)


def diagram(transitions: Sequence[tuple[str, State, State]], first: State) -> str:
    """A Mermaid state diagram; a state that nothing leaves is an end."""
    states = list(type(first))
    events: dict[tuple[State, State], list[str]] = {}
    for event, origin, target in transitions:
        events.setdefault((origin, target), []).append(event)
    ends = [state for state in states if all(origin != state for _, origin, _ in transitions)]
    lines = [
        "stateDiagram-v2",
        *(f'    state "{state}<br/>{state.label}" as {state}' for state in states),
        f"    [*] --> {first}",
        *(f"    {origin} --> {target} : {', '.join(names)}" for (origin, target), names in events.items()),
        *(f"    {state} --> [*]" for state in ends),
    ]
    return "\n".join(lines)


def drawings() -> dict[str, str]:
    """Each drawing of the page by its name."""
    return {
        "stage": diagram(STAGE_TRANSITIONS, StageStatus.planned),
        "project": diagram(PROJECT_TRANSITIONS, ProjectStatus.active),
    }


def drawn(page: str) -> str:
    """The text of the page with its drawings made again. Raises ``ValueError`` when one has no place in it."""
    for name, drawing in drawings().items():
        begin, end = f"<!-- drawn: {name} -->", "<!-- end -->"
        before, place, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not place or not closed:
            raise ValueError(f"{PAGE.name} has no place for the drawing “{name}”: {begin} … {end}")
        page = f"{before}{begin}\n```mermaid\n{drawing}\n```\n{end}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
