"""Projects ready to be signed: the four real cities, six stages under review, a shared deliverable in each.

Written straight into the tables, since what is measured begins at the sign-off; the people are those of a
real project (an agent of the ANCT, and for each city a local contact and the mayor), so that
the tables are as full as in life.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from sqlmodel import Session

from benchmarks.play import STAGES
from database.engine import Database
from models.act_kind import ActKind
from models.audit_entry import Journal
from models.deliverable import Deliverable, DeliverableVersion
from models.evidence import Evidence
from models.lifecycle import STAGE_KEYS
from models.party import Party, PartyRole
from models.person import Actor, AuthMethod, Mandate, Person, Role
from models.shared_project import SharedProject
from models.stage import RosterSeat, Stage, StageStatus
from models.stored_row import identity

Row = TypeVar("Row")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
HASH = "5f" * 32
CITIES = (
    ("78361", "Mantes-la-Jolie", "217803618", "78"),
    ("79191", "Niort", "217901917", "79"),
    ("18033", "Bourges", "211800339", "18"),
    ("35126", "Guichen", "213501265", "35"),
)


@dataclass(frozen=True, slots=True)
class Seat:
    """One sign-off to give: who gives it, for which party, on which deliverable."""

    actor: Actor
    party_id: int
    deliverable_id: int


def seed(db: Database, projects: int) -> list[list[Seat]]:
    """For each project made, its 24 sign-offs in the order of its stages. Commits."""
    with db.write() as session:
        people = _people(session)
        return [list(_project(session, people, number)) for number in range(projects)]


def _people(session: Session) -> list[Person]:
    """The agent first, then the mayors in the order of the cities."""
    agent = _person(session, "agent@anct.example", "Agent de l’ANCT", Role.agency_agent, None)
    mayors = []
    for code, name, _, _ in CITIES:
        _person(session, f"contact@{code}.example", f"Contact de {name}", Role.local_contact, code)
        mayors.append(_person(session, f"maire@{code}.example", f"Maire de {name}", Role.signatory, code))
    return [agent, *mayors]


def _person(session: Session, email: str, name: str, role: Role, code: str | None) -> Person:
    person = _stored(session, Person(email=email, name=name, created_at=NOW))
    mandate = Mandate(person_id=identity(person), role=role, authority_code=code, since=NOW)
    mandate.evidence = Evidence.confirmed if role is Role.signatory else Evidence.declared
    _stored(session, mandate)
    return person


def _project(session: Session, people: list[Person], number: int) -> Iterator[Seat]:
    agent, *mayors = people
    project = _stored(
        session,
        SharedProject(
            slug=f"projet-{number}",
            title=f"Projet {number}",
            theme="culture",
            period_from=date(2026, 1, 1),
            period_until=date(2027, 3, 31),
            lifecycle_key="territoires-en-commun",
            lifecycle_version=1,
            agency_agent_id=agent.id,
            created_at=NOW,
        ),
    )
    _stored(session, Journal(project_id=identity(project)))
    parties = [_party(session, project, city) for city in CITIES]
    for position, key in enumerate(STAGE_KEYS[:STAGES]):
        deliverable = _stage(session, project, parties, agent, key, position)
        for mayor, party in zip(mayors, parties, strict=True):
            yield Seat(
                Actor(identity(mayor), mayor.name, AuthMethod.email_link),
                identity(party),
                identity(deliverable),
            )


def _party(session: Session, project: SharedProject, city: tuple[str, str, str, str]) -> Party:
    code, name, siren, departement = city
    return _stored(
        session,
        Party(
            project_id=identity(project),
            code=code,
            name=name,
            kind="commune",
            siren=siren,
            departement=departement,
            role=PartyRole.signatory,
            joined_at=NOW,
        ),
    )


def _stage(
    session: Session, project: SharedProject, parties: list[Party], agent: Person, key: str, position: int
) -> Deliverable:
    stage = _stored(
        session,
        Stage(
            project_id=identity(project),
            key=key,
            position=position,
            status=StageStatus.in_review,
            round=1,
            opened_at=NOW,
        ),
    )
    for party in parties:
        session.add(RosterSeat(stage_id=identity(stage), party_id=identity(party)))
    return _deliverable(session, stage, agent)


def _deliverable(session: Session, stage: Stage, agent: Person) -> Deliverable:
    deliverable = _stored(
        session,
        Deliverable(
            stage_id=identity(stage),
            key=f"livrable_{stage.position}",
            title=f"Livrable {stage.position}",
            act_kind=ActKind.technical_validation,
            round=1,
            number=1,
            sha256=HASH,
        ),
    )
    version = _stored(
        session,
        DeliverableVersion(
            deliverable_id=identity(deliverable),
            number=1,
            round=1,
            sha256=HASH,
            size=1000,
            file_name="livrable.pdf",
            submitted_by=identity(agent),
            submitted_at=NOW,
        ),
    )
    deliverable.version_id = version.id
    return deliverable


def _stored(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
