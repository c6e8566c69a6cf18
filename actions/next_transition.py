"""« Ouvrir l’étape suivante » : which one, and what would be answered, told before it is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actions.find import active
from actions.in_sight import Sight
from actions.request_transition import GateNotReached
from actions.stage_steps import StageStep
from actions.still_missing import Missing
from actions.what_blocks import Blocking
from models.refusal import Refusal
from models.stage import StageStatus

OVER = (StageStatus.signed_off, StageStatus.closed)


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next stage to open. ``refusal`` is the sentence that ``request_transition`` would refuse with now, and
    ``missing`` what it is about; ``may_ask`` tells an agent of the ANCT, who alone opens a stage (rule 6)."""

    stage_key: str
    stage_title: str
    purpose: str
    may_ask: bool
    refusal: str | None
    missing: tuple[Blocking, ...]

    @property
    def is_possible(self) -> bool:
        """Nothing is missing for it."""
        return self.refusal is None


def next_step(
    sight: Sight, steps: Sequence[StageStep], blocking: Mapping[int, Sequence[Blocking]]
) -> NextStep | None:
    """The first stage that is planned; None once all have been asked for, or while one is being opened."""
    if any(each.status is StageStatus.opening for each in steps):
        return None
    step = next((each for each in steps if each.status is StageStatus.planned), None)
    if step is None:
        return None
    before = steps[step.position - 1] if step.position else None
    missing = tuple(blocking.get(before.id, ())) if before else ()
    refusal = _refusal(sight, step, before, [each.missing for each in missing])
    told = str(refusal) if refusal else None
    return NextStep(step.key, step.title, step.purpose, sight.standing.is_agent, told, missing)


def _refusal(
    sight: Sight, step: StageStep, before: StageStep | None, awaited: list[Missing]
) -> Refusal | None:
    try:
        active(sight.project)
    except Refusal as refusal:
        return refusal
    if before is not None and before.status not in OVER and not awaited:
        awaited = [Missing("sign_off", None, None, None, "que ses signataires la valident")]
    return GateNotReached(step.title, before.title, awaited) if before and awaited else None
