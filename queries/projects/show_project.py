"""The whole of a project as plain values (interfaces: « project show »). Writes nothing."""

from collections.abc import Collection
from typing import Any

from sqlmodel import Session, col, func, select

from database.among import among
from database.engine import Database
from models.commitment import Commitment
from models.deliverable import Deliverable, DeliverableVersion
from models.lifecycle import trouble_of
from models.party import Party
from models.person import Person
from models.shared_project import SharedProject
from models.sign_off import SignOff
from models.stage import RosterSeat, Stage
from models.tables import PROJECT, STAGE
from queries.ledger.find import deliverables_of, find_project, identity, stage_title, stages_of, title_or_key
from queries.stages.current import _current
from queries.stages.snapshot import still_missing

Values = dict[str, Any]


def list_projects(db: Database) -> list[Values]:
    """One line a project, the oldest first: where it stands and what comes next."""
    with db.read() as session:
        return summaries(session, list(session.exec(select(SharedProject.id))))


def summaries(session: Session, project_ids: Collection[int | None]) -> list[Values]:
    """The lines of these projects, the oldest first: two queries, however many."""
    connection = session.connection()
    ours = among(connection, PROJECT.c.id, project_ids)
    projects = session.exec(select(SharedProject).where(ours).order_by(col(SharedProject.id)))
    stages: dict[int, list[Stage]] = {}
    query = select(Stage).where(among(connection, STAGE.c.project_id, project_ids))
    for stage in session.exec(query.order_by(col(Stage.position))):
        stages.setdefault(stage.project_id, []).append(stage)
    return [_summary(project, _current(stages.get(identity(project), []))) for project in projects]


def _summary(project: SharedProject, stage: Stage | None) -> Values:
    return {
        "slug": project.slug,
        "title": project.title,
        "theme": project.theme,
        "status": project.status,
        "current_stage": stage.key if stage else None,
        "current_stage_status": stage.status if stage else None,
        "current_stage_title": title_or_key(project, stage.key) if stage else None,
        "trouble": trouble_of(project.lifecycle_key, project.lifecycle_version),
        "due_on": stage.due_on if stage else None,
    }


def show_project(db: Database, slug: str) -> Values:
    """The project, its parties, stages and commitments; instants are aware. Raises ``UnknownProject``."""
    with db.read() as session:
        project = find_project(session, slug)
        stages = stages_of(session, project)
        current = _current(stages)
        parties = _parties(session, project)
        people = _people(session)
        return {
            "slug": project.slug,
            "title": project.title,
            "theme": project.theme,
            "status": project.status,
            "status_reason": project.status_reason,
            "period": {"from": project.period_from, "until": project.period_until},
            "current_stage": current.key if current else None,
            "parties": [_party(party) for party in parties.values() if party.left_at is None],
            "departed_parties": [_party(party) for party in parties.values() if party.left_at is not None],
            "stages": [_stage(session, project, stage, parties, people) for stage in stages],
            "commitments": list_commitments(session, project),
        }


def _parties(session: Session, project: SharedProject) -> dict[int | None, Party]:
    query = select(Party).where(Party.project_id == project.id).order_by(col(Party.id))
    return {party.id: party for party in session.exec(query)}


def _people(session: Session) -> dict[int | None, Person]:
    return {person.id: person for person in session.exec(select(Person))}


def _party(party: Party) -> Values:
    return {
        "code": party.code,
        "name": party.name,
        "role": party.role,
        "kind": party.kind,
        "local_project": party.local_project,
        "left_at": party.left_at,
    }


def _stage(
    session: Session,
    project: SharedProject,
    stage: Stage,
    parties: dict[int | None, Party],
    people: dict[int | None, Person],
) -> Values:
    seats = session.exec(
        select(RosterSeat.party_id)
        .where(RosterSeat.stage_id == stage.id, col(RosterSeat.left_at).is_(None))
        .order_by(col(RosterSeat.party_id))
    )
    return {
        "key": stage.key,
        "title": stage_title(project, stage),
        "status": stage.status,
        "round": stage.round,
        "opened_at": stage.opened_at,
        "closed_at": stage.closed_at,
        "due_on": stage.due_on,
        "roster": [parties[party_id].code for party_id in seats],
        "missing": [
            {
                "deliverable": each.deliverable,
                "deliverable_party": each.deliverable_party,
                "party": each.party,
                "what": each.what,
                "text": each.text,
            }
            for each in still_missing(session, stage)
        ],
        "deliverables": [
            _deliverable(session, each, parties, people) for each in deliverables_of(session, identity(stage))
        ],
    }


def _deliverable(
    session: Session,
    deliverable: Deliverable,
    parties: dict[int | None, Party],
    people: dict[int | None, Person],
) -> Values:
    version = session.get(DeliverableVersion, deliverable.version_id) if deliverable.version_id else None
    author = people.get(version.submitted_by) if version else None
    owner = parties.get(deliverable.party_id)
    return {
        "key": deliverable.key,
        "title": deliverable.title,
        "party": owner.code if owner else None,
        "is_signed": deliverable.is_signed,
        "version": deliverable.number or None,
        "sha256": deliverable.sha256,
        "file_name": version.file_name if version else None,
        "submitted_by": author.email if author else None,
        "submitted_by_name": author.name if author else None,
        "submitted_at": version.submitted_at if version else None,
        "sign_offs": _sign_offs(session, deliverable, parties, people),
    }


def _sign_offs(
    session: Session,
    deliverable: Deliverable,
    parties: dict[int | None, Party],
    people: dict[int | None, Person],
) -> list[Values]:
    query = (
        select(SignOff, DeliverableVersion.number)
        .join(DeliverableVersion, col(DeliverableVersion.id) == SignOff.version_id)
        .where(SignOff.deliverable_id == deliverable.id)
        .order_by(col(SignOff.id))
    )
    return [
        {
            "id": given.id,
            "party": parties[given.party_id].code,
            "decision": given.decision,
            "act_kind": given.act_kind,
            "reason": given.reason,
            "signed_by": people[given.signed_by].email,
            "signed_by_name": people[given.signed_by].name,
            "recorded_by": people[given.recorded_by].email if given.recorded_by else None,
            "at": given.at,
            "acted_on": given.acted_on,
            "version": number,
            "sha256": given.sha256,
            "voided": given.voided_at is not None or given.withdrawn_at is not None,
            "withdrawn": given.withdrawn_at is not None,
        }
        for given, number in session.exec(query)
    ]


def list_commitments(
    session: Session, project: SharedProject, *, start: int = 0, most: int | None = None
) -> list[Values]:
    """The commitments of a project, in the order they were made: ``most`` of them, after the ``start`` first."""
    query = select(Commitment).where(Commitment.project_id == project.id).order_by(col(Commitment.id))
    query = query.offset(start).limit(most) if most is not None else query
    return [
        {
            "id": each.id,
            "owner": each.owner,
            "text": each.text,
            "due_on": each.due_on,
            "status": each.status,
            "origin": each.origin,
            "holder": each.holder,
            "evidence": each.evidence,
            "settled_at": each.settled_at,
        }
        for each in session.exec(query)
    ]


def count_commitments(session: Session, project: SharedProject) -> int:
    """How many there are."""
    return session.exec(
        select(func.count()).select_from(Commitment).where(Commitment.project_id == project.id)
    ).one()
