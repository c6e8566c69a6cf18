"""Constitution du collectif: three to five signatories, each with its people, agree on the framing note."""

from flows.stage import StageRun, stage_flow


@stage_flow
async def constitution(stage: StageRun) -> None:
    """The ANCT gathers the cities; each names its local contact and who signs for it."""
    await stage.open()
    await stage.until(lambda stage: not stage.awaits("contact", "signatory"))
    await stage.collect("note_de_cadrage")
    await stage.until_signed_off()
    await stage.close()
