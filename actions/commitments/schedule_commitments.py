"""Turn what was promised into commitments: the charter's, the actions of the plans (docs/rules.md, « Commitments »)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.ledger.journal import record
from actions.mail.message_values import iso
from actions.mail.notify import tell
from models.commitment import AGENCY, STILL_OPEN, Commitment, CommitmentOrigin
from models.lifecycle import CommitmentDefinition, Due
from models.paris_time import paris_day
from models.party import Party
from models.person import SYSTEM
from models.shared_project import SharedProject
from models.stage import NOT_LAID_OUT, Stage, StageStatus
from models.stored_row import identity
from models.subject import Subject
from models.tables import COMMITMENT
from queries.ledger.find import find_stage, lifecycle_of, signatory_parties, stages_of
from queries.people.recipients import agent_of, contacts_of
from queries.signing.charter import approvals_of, closed_charter
from queries.stages.deadlines import deadlines_of

_SOURCES = {CommitmentOrigin.charter: "la charte", CommitmentOrigin.action: "votre plan d’action"}


def promise_charter(session: Session, project: SharedProject, stage: Stage, now: datetime) -> None:
    """Write the commitments of the charter, the ANCT's seven and each city's nine. Does not commit.

    Recurring ones begin with the stage that follows, and come again as each of the next ones opens
    (``promise_for_stage``).
    """
    cities = bound_by_charter(session, project)
    closed = {
        each.key: paris_day(each.closed_at)
        for each in stages_of(session, project)
        if each.closed_at is not None
    }
    for definition in lifecycle_of(project).commitments:
        if definition.due.each is not None:
            continue
        due_on = definition.due.on or _days_after_closing(definition.due, closed)
        _promise(session, project, definition, cities, definition.key, due_on, now)
    following = lifecycle_of(project).stage_after(stage.key)
    if following is not None:
        _promise_recurring(session, project, find_stage(session, project, following.key), cities, now)
    session.flush()
    tell_owners(session, project, stage, cities, CommitmentOrigin.charter, now)


def _days_after_closing(due: Due, closed: dict[str, date]) -> date | None:
    """The day a relative rule falls on; None while the stage it counts from is not closed."""
    return closed[due.after] + timedelta(days=due.days or 0) if due.after in closed else None


def promise_for_stage(
    session: Session, project: SharedProject, stage: Stage, cities: list[Party], now: datetime
) -> None:
    """Write the recurring commitments for a stage that opens, due at its deadline. Does not commit.

    They bind once the charter is signed, and who has signed it: nothing is promised for the stages before, nor by a
    city that has yet to adhere to it.
    """
    if find_stage(session, project, "charter").status is StageStatus.closed:
        signed = {each.id for each in bound_by_charter(session, project)}
        _promise_recurring(session, project, stage, [each for each in cities if each.id in signed], now)
        session.flush()
        date_recurring(session, project, stage, now)


def date_recurring(session: Session, project: SharedProject, stage: Stage, now: datetime) -> None:
    """Have what is due at the end of this stage fall due at its deadline, each owner's own. Does not commit."""
    connection = session.connection()
    recurring = sa.and_(
        COMMITMENT.c.project_id == project.id,
        COMMITMENT.c.reference.contains(f"/{stage.key}@", autoescape=True),
        COMMITMENT.c.status.in_(STILL_OPEN),
    )
    deadlines = deadlines_of(connection, [identity(stage)])
    owners = connection.execute(sa.select(COMMITMENT.c.party_id).where(recurring).distinct()).scalars().all()
    for party_id in owners:
        due_on = deadlines.of(identity(stage), party_id).due_on
        moved = sa.update(COMMITMENT).where(
            recurring,
            COMMITMENT.c.party_id.is_not_distinct_from(party_id),
            COMMITMENT.c.due_on.is_distinct_from(due_on),
        )
        connection.execute(moved.values(due_on=due_on, due_set_at=now))


def _promise_recurring(
    session: Session, project: SharedProject, stage: Stage, cities: list[Party], now: datetime
) -> None:
    for definition in lifecycle_of(project).commitments:
        if definition.due.each is not None:
            reference = f"{definition.key}/{stage.key}"
            _promise(session, project, definition, cities, reference, stage.due_on, now)


def date_after(session: Session, project: SharedProject, stage: Stage, now: datetime) -> None:
    """Date the commitments that fall due some days after this stage, which closes. Does not commit."""
    for definition in lifecycle_of(project).commitments:
        if definition.due.after == stage.key:
            waiting = sa.update(COMMITMENT).where(
                COMMITMENT.c.project_id == project.id,
                COMMITMENT.c.origin == CommitmentOrigin.charter,
                COMMITMENT.c.reference.startswith(f"{definition.key}@"),
                COMMITMENT.c.due_on.is_(None),
            )
            due_on = paris_day(now) + timedelta(days=definition.due.days or 0)
            session.connection().execute(waiting.values(due_on=due_on, due_set_at=now))


def bound_by_charter(session: Session, project: SharedProject) -> list[Party]:
    """The cities that approved the charter, at its stage or since, less those that have left."""
    session.flush()
    charter = closed_charter(session.connection(), identity(project))
    signed = approvals_of(session.connection(), charter) if charter is not None else set()
    return [city for city in signatory_parties(session, project) if city.code in signed]


def promise_to(session: Session, project: SharedProject, city: Party, now: datetime) -> None:
    """Write all the charter's commitments of a city that signs it after the others, save those it has. Does not commit.

    What counts from a stage that is closed counts from today; what comes again begins with the next stage to open. The
    city's contacts are told at once.
    """
    stages, today = stages_of(session, project), paris_day(now)
    counted = {each.key: today for each in stages if each.closed_at is not None}
    following = next((each for each in stages if each.status in NOT_LAID_OUT), None)
    for definition in lifecycle_of(project).commitments:
        if definition.owner == "agency":
            continue
        if definition.due.each is None:
            due_on = _days_after_closing(definition.due, counted)
            if definition.due.on is not None:
                due_on = max(definition.due.on, today)
            _promise(session, project, definition, [city], definition.key, due_on, now)
        elif following is not None:
            reference = f"{definition.key}/{following.key}"
            _promise(session, project, definition, [city], reference, following.due_on, now)
    session.flush()
    about = f"{CommitmentOrigin.charter}-{Subject.of('party', city.id)}-{today.isoformat()}"
    people = contacts_of(session, city, now)
    _tell_owner(session, project, (city.code, city.name, people), CommitmentOrigin.charter, about, now)


def _promise(
    session: Session,
    project: SharedProject,
    definition: CommitmentDefinition,
    cities: list[Party],
    reference: str,
    due_on: date | None,
    now: datetime,
) -> None:
    owners = [None] if definition.owner == "agency" else cities
    written = set(session.exec(select(Commitment.reference).where(Commitment.project_id == project.id)))
    for owner in owners:
        code = owner.code if owner else AGENCY
        if f"{reference}@{code}" in written:
            continue
        session.add(
            Commitment(
                project_id=identity(project),
                owner=code,
                party_id=owner.id if owner else None,
                origin=CommitmentOrigin.charter,
                reference=f"{reference}@{code}",
                text=definition.text,
                due_on=due_on,
                due_set_at=now if due_on else None,
                created_at=now,
            )
        )


def tell_owners(
    session: Session,
    project: SharedProject,
    stage: Stage,
    cities: list[Party],
    origin: CommitmentOrigin,
    now: datetime,
) -> None:
    """Record what each owner has promised at this stage, and owe them a mail that lists it."""
    owners = [(AGENCY, "l’ANCT", agent_of(project))]
    owners += [(city.code, city.name, contacts_of(session, city, now)) for city in cities]
    for owner in owners:
        about = f"{origin}-{Subject.of('stage', stage.id)}-{owner[0]}"
        _tell_owner(session, project, owner, origin, about, now)


def _tell_owner(
    session: Session,
    project: SharedProject,
    owner: tuple[str, str, list[int]],
    origin: CommitmentOrigin,
    about: str,
    now: datetime,
) -> None:
    """The same for one owner: its code, its name, and whom to write to."""
    code, name, people = owner
    promised = _promised(session, project, code, origin)
    if not promised:
        return
    record(
        session,
        "commitments.created",
        project_id=project.id,
        actor=SYSTEM,
        now=now,
        party_code=None if code == AGENCY else code,
        origin=origin,
        commitments=[each.id for each in promised],
    )
    tell(
        session,
        people,
        "commitments_created",
        about,
        now,
        project=project,
        owner_name=name,
        source=_SOURCES[origin],
        commitments=[{"text": each.text, "on": iso(each.due_on)} for each in promised],
        path=f"/projets/{project.slug}/engagements",
    )


def _promised(
    session: Session, project: SharedProject, owner: str, origin: CommitmentOrigin
) -> Sequence[Commitment]:
    query = select(Commitment).where(
        Commitment.project_id == project.id,
        Commitment.owner == owner,
        Commitment.origin == origin,
        col(Commitment.status).in_(STILL_OPEN),
    )
    return session.exec(query.order_by(col(Commitment.due_on).nulls_last(), col(Commitment.id))).all()
