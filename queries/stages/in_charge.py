"""Who is asked for a deliverable, and which deliverables are asked for as soon as a stage opens."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from models.deliverable import Deliverable
from models.lifecycle import DeliverableDefinition, StageDefinition
from models.party import Party
from models.person import Role
from models.shared_project import SharedProject
from models.stage import Stage
from queries.ledger.find import lifecycle_of
from queries.people.recipients import agent_of, contacts_of, contractor_people


def in_charge_of(
    session: Session, project: SharedProject, stage: Stage, deliverable: Deliverable, now: datetime
) -> list[int]:
    """Who is asked for a deliverable: the first of its submitters (lifecycle data) that has somebody."""
    owner = session.get_one(Party, deliverable.party_id) if deliverable.party_id is not None else None
    people, _ = first_in_charge(
        lifecycle_of(project).stage(stage.key).deliverable(deliverable.key),
        agent=agent_of(project),
        contractors=contractor_people(session, project, now),
        contacts=contacts_of(session, owner, now) if owner else (),
    )
    return list(people)


def first_in_charge(
    definition: DeliverableDefinition,
    *,
    agent: Sequence[int],
    contractors: Sequence[int],
    contacts: Sequence[int],
) -> tuple[Sequence[int], Role | None]:
    """Who has to submit a deliverable, and in which role; nobody while none of its submitters is registered.

    ``contacts`` are those of the city whose own it is.
    """
    people = {Role.agency_agent: agent, Role.contractor: contractors, Role.local_contact: contacts}
    role = definition.in_charge(lambda role: bool(people[role]))
    return (people[role] if role else ()), role


def asked_from_the_start(definition: StageDefinition) -> Sequence[DeliverableDefinition]:
    """What the flow of a stage asks for as it opens: the cities' own deliverables, before what gathers them.

    Where strands are to be held first, nothing yet.
    """
    if definition.strands:
        return ()
    own = [each for each in definition.deliverables if each.scope == "per_party"]
    return own or definition.deliverables
