"""What is answered to the ANCT when it asks for a stage to open: pure, asked by the act and by the page before."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol

from models.refusal import Refusal
from models.shared_project import ProjectWithStatus, project_refusal
from models.stage import IS_OVER, StageStatus


class StageInOrder(NamedTuple):
    """A stage of the project, in its place."""

    title: str
    status: StageStatus


class AwaitedThing(Protocol):
    """Something that a stage still waits for, said in French by ``text``; ``until`` a day, if it comes by itself."""

    @property
    def text(self) -> str: ...

    @property
    def until(self) -> date | None: ...


class _SignOffs(NamedTuple):
    text: str = "que ses signataires la valident"
    until: date | None = None


class StageOutOfOrder(Refusal):
    """The stages open one after the other."""

    def __init__(self, title: str, first: str) -> None:
        super().__init__(
            f"L’étape « {title} » ne peut pas encore s’ouvrir : ouvrez d’abord « {first} », "
            "les étapes se suivent dans l’ordre."
        )


class GateNotReached(Refusal):
    """The stage before still waits for something; there is no override."""

    def __init__(self, title: str, previous: str, awaited: Sequence[AwaitedThing]) -> None:
        self.awaited = awaited
        only_time = all(each.until is not None for each in awaited)
        advice = "Elle se clôt d’elle-même ensuite" if only_time else "Relancez les personnes concernées"
        super().__init__(
            f"L’étape « {title} » ne peut pas encore s’ouvrir : « {previous} » attend encore "
            f"{' ; '.join(each.text for each in awaited)}. {advice}."
        )


def transition_refusal(
    project: ProjectWithStatus,
    stages: Sequence[StageInOrder],
    position: int,
    awaited: Sequence[AwaitedThing],
) -> Refusal | None:
    """Why the stage of ``position`` cannot be asked for now (rule 6).

    ``stages`` are those of the project in their order; ``awaited``, what the one before still waits for.
    """
    if refusal := project_refusal(project):
        return refusal
    if position == 0:
        return None
    stage, before = stages[position], stages[position - 1]
    if before.status is StageStatus.planned:
        first = next(each for each in stages if each.status is StageStatus.planned)
        return StageOutOfOrder(stage.title, first.title)
    if not awaited and before.status not in IS_OVER:
        awaited = [_SignOffs()]
    return GateNotReached(stage.title, before.title, awaited) if awaited else None
