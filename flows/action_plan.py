"""Plan d'action: each city designs its own; each of its actions becomes a commitment."""

from functools import partial

from actions.commitments.promise_actions import ActionPlans
from actions.files.store_file import FileStore
from flows.stage import StageRun, stage_flow
from settings import settings


@stage_flow
async def action_plan(stage: StageRun) -> None:
    """Collect the plans, then the shared road map; closing turns every action into a commitment."""
    await stage.open()
    await stage.collect("plan_d_action")
    await stage.collect("feuille_de_route")
    await stage.until_signed_off()
    await stage.close(reads_first=partial(ActionPlans, files=FileStore(settings().files_dir)))
