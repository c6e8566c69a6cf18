"""From the words people use (slug, stage key, party code, address) to the rows, or a refusal that helps."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from models.consultation_strand import ConsultationStrand
from models.deliverable import Deliverable, UnknownDeliverable
from models.lifecycle import Lifecycle, lifecycle_or_none, load_lifecycle
from models.mailbox import named_address
from models.party import Party, PartyRole, UnknownParty, is_present
from models.person import Actor, AuthMethod, Person, SharedMailbox, UnknownPerson
from models.person_name import chosen_by_name
from models.refusal import Refusal
from models.shared_project import SharedProject, UnknownProject, project_refusal
from models.stage import RosterSeat, Stage, is_seated
from models.stored_row import identity

_PEOPLE_AT = select(Person).where(Person.email == sa.bindparam("email")).order_by(col(Person.id))
_PROJECT = select(SharedProject).where(SharedProject.slug == sa.bindparam("slug"))
_STAGES = select(Stage).where(Stage.project_id == sa.bindparam("project")).order_by(col(Stage.position))
_PARTIES = (
    select(Party).where(Party.project_id == sa.bindparam("project"), is_present()).order_by(col(Party.id))
)
_DELIVERABLES = (
    select(Deliverable).where(Deliverable.stage_id == sa.bindparam("stage")).order_by(col(Deliverable.id))
)
"""Made once: to make a statement takes longer than the database's answer."""


class UnknownStage(Refusal):
    """The lifecycle of the project has no such stage."""

    def __init__(self, key: str, keys: list[str]) -> None:
        super().__init__(
            f"L’étape « {key} » n’existe pas ; les étapes sont, dans l’ordre : {', '.join(keys)}."
        )


def people_at(session: Session, email: str) -> list[Person]:
    """Who is registered at an address, in the order in which they were."""
    return list(session.exec(_PEOPLE_AT, params={"email": email.strip().lower()}))


def shared_addresses(session: Session, emails: Iterable[str]) -> set[str]:
    """Those of these addresses that several people share: ``find_person`` needs a name with them."""
    query = select(Person.email).where(col(Person.email).in_(set(emails))).group_by(Person.email)
    return set(session.exec(query.having(func.count() > 1)))


def find_person(session: Session, email: str) -> Person:
    """The person registered under ``email`` (any case), or « Name <email> », which a shared mailbox needs.

    Raises ``UnknownPerson``, ``SharedMailbox``.
    """
    name, address = named_address(email)
    people = people_at(session, address)
    person = chosen_by_name(people, name) if name else people[0] if len(people) == 1 else None
    if person is None and len(people) > 1:
        raise SharedMailbox(address, [each.name for each in people])
    if person is None:
        raise UnknownPerson(email)
    return person


def identify(session: Session, email: str) -> Actor:
    """The person as an actor who uses the command line; raises ``UnknownPerson``."""
    person = find_person(session, email)
    return Actor(identity(person), person.name, AuthMethod.command_line)


def find_project(session: Session, slug: str) -> SharedProject:
    """The project of this slug; raises ``UnknownProject``."""
    project = session.exec(_PROJECT, params={"slug": slug}).one_or_none()
    if project is None:
        slugs = session.exec(select(SharedProject.slug).order_by(col(SharedProject.id).desc()).limit(20))
        raise UnknownProject(slug, list(slugs))
    return project


def active(project: SharedProject) -> SharedProject:
    """The project, provided it is active; raises ``ProjectNotActive``."""
    if refusal := project_refusal(project):
        raise refusal
    return project


def lifecycle_of(project: SharedProject) -> Lifecycle:
    """The version of the lifecycle the project started with."""
    return load_lifecycle(project.lifecycle_key, project.lifecycle_version)


def stage_title(project: SharedProject, stage: Stage) -> str:
    """The stage's French title."""
    return lifecycle_of(project).stage(stage.key).title


def title_or_key(project: SharedProject, key: str) -> str:
    """The title of a stage, for what shows many projects: its key while the lifecycle's file is away."""
    lifecycle = lifecycle_or_none(project.lifecycle_key, project.lifecycle_version)
    return lifecycle.stage(key).title if lifecycle else key


def stages_of(session: Session, project: SharedProject) -> list[Stage]:
    """The stages in order."""
    return list(session.exec(_STAGES, params={"project": project.id}))


def find_stage(session: Session, project: SharedProject, key: str) -> Stage:
    """The stage of this key; raises ``UnknownStage``."""
    stages = stages_of(session, project)
    for stage in stages:
        if stage.key == key:
            return stage
    raise UnknownStage(key, [stage.key for stage in stages])


def parties_of(session: Session, project_id: int) -> list[Party]:
    """The parties that have not left, in the order they joined."""
    return list(session.exec(_PARTIES, params={"project": project_id}))


def signatory_parties(session: Session, project: SharedProject) -> list[Party]:
    """The signatory parties present in the project, in the order they joined."""
    return [each for each in parties_of(session, identity(project)) if each.role is PartyRole.signatory]


def find_party(session: Session, project: SharedProject, code: str) -> Party:
    """The party of this code, present in the project; raises ``UnknownParty``."""
    parties = parties_of(session, identity(project))
    for party in parties:
        if party.code == code:
            return party
    raise UnknownParty(code, parties)


def roster_of(session: Session, stage: Stage) -> list[Party]:
    """The parties counted in the stage's gate."""
    query = (
        select(Party)
        .join(RosterSeat)
        .where(RosterSeat.stage_id == stage.id, is_seated())
        .order_by(col(Party.id))
    )
    return list(session.exec(query))


def strands_of(session: Session, stage: Stage, party_id: int) -> list[ConsultationStrand]:
    """The strands asked of a city, in the lifecycle's order."""
    query = select(ConsultationStrand).where(
        ConsultationStrand.stage_id == stage.id, ConsultationStrand.party_id == party_id
    )
    return list(session.exec(query.order_by(col(ConsultationStrand.id))))


def deliverables_of(session: Session, stage_id: int, key: str | None = None) -> list[Deliverable]:
    """The deliverables of a stage, shared ones first among equals; only those of ``key`` when given."""
    deliverables = session.exec(_DELIVERABLES, params={"stage": stage_id})
    return [each for each in deliverables if key in (None, each.key)]


def find_deliverable(session: Session, stage: Stage, key: str, party: Party | None) -> Deliverable:
    """The deliverable ``key``: the shared one, or ``party``'s own; raises ``UnknownDeliverable``.

    ``party`` may be given for a shared deliverable too: it is then ignored, as there is only one.
    """
    deliverables = deliverables_of(session, identity(stage))
    for deliverable in deliverables:
        if deliverable.key == key and deliverable.party_id in (None, party.id if party else None):
            return deliverable
    raise UnknownDeliverable(key, party.code if party else None, sorted({each.key for each in deliverables}))


@dataclass(frozen=True, slots=True)
class Seat:
    """A party before a deliverable of a stage, on which it decides."""

    stage: Stage
    party: Party
    deliverable: Deliverable


def find_seat(
    session: Session,
    project: SharedProject,
    stage_key: str,
    key: str,
    party_code: str,
    owner_code: str | None,
) -> Seat:
    """The seat of a party; the deliverable is the shared one, or the own one of the party, or of ``owner_code``.

    Raises ``UnknownStage``, ``UnknownParty``, ``UnknownDeliverable``.
    """
    stage = find_stage(session, project, stage_key)
    party = find_party(session, project, party_code)
    owner = find_party(session, project, owner_code) if owner_code else party
    return Seat(stage, party, find_deliverable(session, stage, key, owner))
