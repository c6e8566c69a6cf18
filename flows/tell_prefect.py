"""What Prefect's own pages show of a stage: the sign-off table, and the facts mirrored as events.

Neither is ever read back: the domain database remembers, these are for people and automations.
"""

from datetime import UTC, datetime
from uuid import UUID

from prefect.artifacts import acreate_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.runtime import flow_run

from actions.deliver_nudges import address_of
from actions.mirrored_facts import facts_to_mirror, mark_mirrored
from actions.sign_off_table import sign_off_table
from models.database import Database


async def make_findable(db: Database, stage_id: int) -> None:
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


async def show_sign_offs(db: Database, stage_id: int) -> None:
    """Publish who has and has not signed, as a Markdown artifact with one key a stage."""
    table = sign_off_table(db, stage_id, at=datetime.now(UTC))
    await acreate_markdown_artifact(table.markdown, key=f"validations-{stage_id}", description=table.title)


def mirror_facts(db: Database, stage_id: int) -> None:
    """Emit the journal's new entries as events, identifiers only; best effort, at most a few doubled."""
    slug, facts = facts_to_mirror(db, stage_id)
    for fact in facts:
        emit_event(
            fact.event,
            resource={
                "prefect.resource.id": f"projet-partage.project.{slug}",
                "prefect.resource.name": slug,
                "projet-partage.party": fact.party_code or "",
            },
            occurred=fact.at,
            payload={"seq": fact.seq, **fact.identifiers},
            id=UUID(fact.hash[:32]),
        )
    if facts:
        mark_mirrored(db, facts[-1])
