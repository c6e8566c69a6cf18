"""Cahier des charges: drafted with the signatories; the ANCT then awards the contract and pays for it."""

from actions.stages.ask import ask_for_award, tell_signed_off
from flows.stage import StageRun, stage_flow


@stage_flow
async def terms_of_reference(stage: StageRun) -> None:
    """Have the terms signed, then wait for the ANCT to record the contractor."""
    await stage.open()
    await stage.collect("cahier_des_charges")
    await stage.until_signed_off()
    await stage.do(tell_signed_off)
    await stage.do(ask_for_award)
    await stage.until(lambda stage: not stage.awaits("contractor"))
    await stage.close()
