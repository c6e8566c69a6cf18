"""Concertation: in each city, citizens, professionals and an artistic programme; then its report."""

from actions.stages.ask import ask_for_reports, ask_for_strands
from flows.stage import StageRun, stage_flow


@stage_flow
async def consultation(stage: StageRun) -> None:
    """Ask each city for its three strands; each reports when its own are held, without waiting for the others."""
    await stage.open()
    await stage.do(ask_for_strands)
    await stage.do(ask_for_reports, "bilan_de_concertation")
    await stage.until(lambda stage: not stage.awaits("strand"))
    await stage.collect("bilan_de_concertation")
    await stage.until_signed_off()
    await stage.close()
