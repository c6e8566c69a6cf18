"""Diagnostic territorial: one diagnosis per city, read by its peers, then the cross synthesis."""

from actions.stages.ask import open_peer_reading
from flows.stage import StageRun, stage_flow


@stage_flow
async def territorial_diagnosis(stage: StageRun) -> None:
    """Ask each city's diagnosis, open it to the peers' reading, then ask for the synthesis of all."""
    await stage.open()
    await stage.collect("diagnostic")
    await stage.do(open_peer_reading, "diagnostic")
    await stage.collect("synthese_croisee")
    await stage.until_signed_off()
    await stage.close()
