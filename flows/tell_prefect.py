"""What Prefect's own pages show of a stage: its steps, the sign-off table, and the facts mirrored as events.

None is ever read back: the domain database remembers, these are for people and automations. So what Prefect does not
take is left to the next wake-up, and never stops a stage. All of it goes over HTTP: a run opens no websocket, which
would hold one of the requests that Prefect serves at a time on SQLite.
"""

from uuid import UUID

import httpx
from prefect import Task
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.events import Event, RelatedResource, Resource
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed

from actions.prefect.deliver_nudges import address_of
from actions.prefect.mirrored_facts import MirroredFact, facts_to_mirror, mark_mirrored
from database.engine import Database
from queries.stages.prefect_view import StageArtifact, Step


async def tag_run(db: Database, stage_id: int) -> None:
    """Give a run that was started by hand the name and the tags by which its wake-ups will find it."""
    with db.read() as session:
        address, _ = address_of(session, stage_id)
    tags = set(flow_run.tags)
    if flow_run.id is None or tags.issuperset(address.tags):
        return
    async with get_client() as client:
        await client.update_flow_run(
            UUID(flow_run.id), name=address.run_name, tags=sorted({*tags, *address.tags})
        )


async def tell_stage(db: Database, stage_id: int, shown: StageArtifact, public_url: str) -> None:
    """Show what is new of the stage in Prefect's pages; nothing at all when nothing is. Best effort."""
    try:
        async with get_client() as client:
            new = await _tell_steps(client, shown.steps) + await _mirror_facts(client, db, stage_id)
            if new:
                await _publish(client, shown, public_url)
    except httpx.HTTPError as error:
        get_run_logger().warning("Prefect n’a pas pris ce que ses pages montrent de l’étape : %s", error)


async def _tell_steps(client: PrefectClient, steps: list[Step]) -> int:
    """Add to the run a completed task for each step that it does not show yet; return how many.

    The step's number in the journal is the task's key, of which Prefect keeps one in a run.
    """
    run_id = UUID(flow_run.id)
    ours = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
    existing = {task.dynamic_key for task in await client.read_task_runs(flow_run_filter=ours, limit=200)}
    new = [step for step in steps if str(step.seq) not in existing]
    for step in new:
        await client.create_task_run(
            _STEP, run_id, dynamic_key=str(step.seq), name=step.plain_line, state=Completed(message=step.line)
        )
    return len(new)


async def _publish(client: PrefectClient, shown: StageArtifact, public_url: str) -> None:
    """Publish the stage as a Markdown artifact. Prefect's own function also sends an event, over a websocket."""
    artifact = {"type": "markdown", "key": shown.key, "description": shown.title,
                "data": shown.markdown(public_url), "flow_run_id": flow_run.id}  # fmt: skip
    await client.request("POST", "/artifacts/", json=artifact)


def _nothing() -> None:
    """Body of the tasks that stand for steps in Prefect: the step was done before."""


_STEP = Task(_nothing, name="étape", task_run_name=None, persist_result=False)


async def _mirror_facts(client: PrefectClient, db: Database, stage_id: int) -> int:
    """Emit the journal's new entries as events, identifiers only; at most a few doubled. Return how many."""
    slug, facts = facts_to_mirror(db, stage_id)
    if facts:
        related = [RelatedResource({"prefect.resource.id": f"prefect.flow-run.{flow_run.id}",
                                    "prefect.resource.role": "flow-run"})]  # fmt: skip
        events = [_event(slug, fact, related).model_dump(mode="json") for fact in facts]
        await client.request("POST", "/events", json=events)
        mark_mirrored(db, facts[-1])
    return len(facts)


def _event(slug: str, fact: MirroredFact, related: list[RelatedResource]) -> Event:
    return Event(
        event=fact.event,
        resource=Resource(
            {
                "prefect.resource.id": f"projet-partage.project.{slug}",
                "prefect.resource.name": slug,
                "projet-partage.party": fact.party_code or "",
            }
        ),
        related=related,
        occurred=fact.at,
        payload={"seq": fact.seq, **fact.identifiers},
        id=UUID(fact.hash[:32]),
    )
