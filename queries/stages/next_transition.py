"""The next stage to open, and the refusal that a request to open it would get now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.stage import StageStatus
from models.transition_rules import StageInOrder, transition_refusal
from queries.access.project_access import ProjectAccess
from queries.stages.blockers import Blocker
from queries.stages.steps import StageStep


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next stage to open. ``refusal`` is the sentence that ``request_transition`` would refuse with now, and
    ``missing`` what it is about; ``may_ask`` tells an agent of the ANCT, who alone opens a stage (rule 6)."""

    stage_key: str
    stage_title: str
    purpose: str
    may_ask: bool
    refusal: str | None
    missing: tuple[Blocker, ...]

    @property
    def is_possible(self) -> bool:
        """Nothing is missing for it."""
        return self.refusal is None


def next_step(
    access: ProjectAccess, steps: Sequence[StageStep], blocking: Mapping[int, Sequence[Blocker]]
) -> NextStep | None:
    """The first stage that is planned; None once all have been asked for, or while one is being opened."""
    if any(each.status is StageStatus.opening for each in steps):
        return None
    step = next((each for each in steps if each.status is StageStatus.planned), None)
    if step is None:
        return None
    missing = tuple(blocking.get(steps[step.position - 1].id, ())) if step.position else ()
    in_order = [StageInOrder(each.title, each.status) for each in steps]
    refusal = transition_refusal(access.project, in_order, step.position, [each.missing for each in missing])
    sentence = str(refusal) if refusal else None
    return NextStep(step.key, step.title, step.purpose, access.standing.is_agent, sentence, missing)
