"""Charte: each council approves it and authorises its mayor; the ANCT signs last; the commitments begin."""

from actions.commitments.schedule_commitments import promise_charter
from actions.stages.ask import ask_for_agency_signature, tell_signed_off
from flows.stage import StageRun, stage_flow


@stage_flow
async def charter(stage: StageRun) -> None:
    """Gather each council's act, then the ANCT's signature; closing creates the commitments."""
    await stage.open()
    await stage.collect("charte")
    await stage.until_signed_off()
    await stage.do(tell_signed_off)
    await stage.do(ask_for_agency_signature, "charte")
    await stage.until(lambda stage: not stage.awaits("agency_signature"))
    await stage.close(at_the_end=promise_charter)
