"""Capitalisation: what each city learnt, gathered and published under Licence Ouverte 2.0."""

from actions.stages.publish_lessons import publish_lessons
from flows.stage import StageRun, stage_flow


@stage_flow
async def lessons_learned(stage: StageRun) -> None:
    """Collect each city's resources, then the shared lessons; closing publishes them all."""
    await stage.open()
    await stage.collect("ressources")
    await stage.collect("dossier_de_capitalisation")
    await stage.until_signed_off()
    await stage.close(at_the_end=publish_lessons)
