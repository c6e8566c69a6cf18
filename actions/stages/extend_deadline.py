"""The ANCT moves the deadline of a stage, or gives more time to one of its parties, with a reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from sqlmodel import Session, select

from actions.commitments.schedule_commitments import date_recurring
from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.mail.message_values import about_stage, dated, iso
from actions.mail.notify import tell
from database.engine import Database
from models.columns import DUE, REASON
from models.paris_time import paris_day
from models.party import Party, PartyRole
from models.party_deadline import PartyDeadline, extension_refusal
from models.person import Actor
from models.refusal import Refusal
from models.request import Request
from models.shared_project import SharedProject
from models.sign_off import ReasonNeeded
from models.stage import RosterSeat, Stage
from models.stored_row import identity
from models.subject import Subject
from queries.access.rights import require_agency_agent
from queries.ledger.find import deliverables_of, find_party, find_stage, roster_of, stage_title
from queries.people.recipients import agent_of, contractor_people, people_of, signatories_of
from queries.stages.deadlines import Deadlines, deadlines_of


class DeadlineNotLater(Refusal):
    """An extension moves a deadline to a later day, still to come."""

    def __init__(self, until: date, current: date | None) -> None:
        now_on = f" (elle est au {current:%d/%m/%Y})" if current else ""
        super().__init__(
            f"La nouvelle échéance, le {until:%d/%m/%Y}, doit être à venir et plus tardive que l’actuelle{now_on} : "
            "choisissez un autre jour."
        )


class NotInTheStage(Refusal):
    """Nothing is asked of this party in the stage: it has no deadline there."""

    def __init__(self, party: Party, title: str) -> None:
        super().__init__(
            f"Rien n’est demandé à {party.address} à l’étape « {title} », elle n’y a donc pas d’échéance : "
            "choisissez une de ses signataires, ou reportez l’échéance de toutes en ne nommant personne."
        )


@dataclass(frozen=True, slots=True)
class DeadlineExtension(Request):
    """A later day for a stage, and why; for one party only when ``party_code`` names it."""

    slug: str
    stage_key: str
    until: Annotated[date, DUE]
    reason: Annotated[str, REASON]
    party_code: str | None = None


def extend_deadline(db: Database, actor: Actor, extension: DeadlineExtension, *, now: datetime) -> Stage:
    """Move the deadline of the stage, or of one party, and of what is due by then. Commits.

    The later of the two counts for a party. Those for whom it changes something are told at once; while the
    stage is not open, the mail of its opening will tell the day. Raises ``ReasonNeeded``, ``NotAllowed``,
    ``ProjectNotActive``, ``StageMovesOn``, ``UnknownParty``, ``NotInTheStage``, ``DeadlineNotLater``.
    """
    if not extension.reason.strip():
        raise ReasonNeeded("reporter une échéance")
    with db.write() as session:
        project = lock_slug(session, extension.slug)
        require_agency_agent(session, actor, now, "reporter une échéance", project)
        stage = find_stage(session, project, extension.stage_key)
        if refusal := extension_refusal(project, stage_title(project, stage), stage.status):
            raise refusal
        owner = _owner(session, project, stage, extension.party_code)
        before = deadlines_of(session.connection(), [identity(stage)])
        current = before.of(identity(stage), owner.id if owner else None).due_on
        if extension.until <= max(paris_day(now), current or date.min):
            raise DeadlineNotLater(extension.until, current)
        _move(session, stage, owner, extension, actor, now)
        date_recurring(session, project, stage, now)
        record(
            session,
            "deadline.extended",
            project_id=project.id,
            actor=actor,
            now=now,
            party_code=extension.party_code,
            stage=stage.key,
            before=iso(current),
            until=iso(extension.until),
            reason=extension.reason,
        )
        if stage.opened_at is not None:
            _tell(session, project, stage, owner, before, extension.reason, now)
        return stage


def _owner(session: Session, project: SharedProject, stage: Stage, code: str | None) -> Party | None:
    """The party of this code, provided that the stage asks something of it."""
    if code is None:
        return None
    party = find_party(session, project, code)
    seats = set(session.exec(select(RosterSeat.party_id).where(RosterSeat.stage_id == stage.id)))
    if party.role is not PartyRole.signatory or (seats and party.id not in seats):
        raise NotInTheStage(party, stage_title(project, stage))
    return party


def _move(
    session: Session,
    stage: Stage,
    owner: Party | None,
    extension: DeadlineExtension,
    actor: Actor,
    now: datetime,
) -> None:
    if owner is None:
        stage.due_on, stage.due_set_at, stage.due_sequence = extension.until, now, stage.due_sequence + 1
    else:
        key = {"stage_id": identity(stage), "party_id": identity(owner)}
        own = session.get(PartyDeadline, key)
        session.merge(
            PartyDeadline(
                **key,
                due_on=extension.until,
                reason=extension.reason,
                sequence=own.sequence + 1 if own else 1,
                set_by=actor.person_id,
                set_at=now,
            )
        )
    session.flush()


def _tell(
    session: Session,
    project: SharedProject,
    stage: Stage,
    owner: Party | None,
    before: Deadlines,
    reason: str,
    now: datetime,
) -> None:
    """Each reader once, with the day that counts for them; a city that had more time already is told nothing."""
    stage_id, after = identity(stage), deadlines_of(session.connection(), [identity(stage)])
    moves = after.of(stage_id, owner.id if owner else None).sequence
    about = Subject.of("stage", stage_id, f"party-{owner.id if owner else 0}", str(moves))
    common = about_stage(project, stage) | {"reason": reason, "party_name": owner.name if owner else None}
    written_to: set[int] = set()
    for party_id, people, in_calendar in _readers(session, project, stage, owner, now):
        old, new = before.of(stage_id, party_id), after.of(stage_id, party_id)
        if new.due_on == old.due_on:
            continue
        values = common | {"due_on": iso(new.due_on), "old_due_on": iso(old.due_on)}
        if in_calendar:
            values |= dated(stage, party_id, new)
        readers = [person for person in dict.fromkeys(people) if person not in written_to]
        written_to.update(readers)
        tell(session, readers, "deadline_extended", about, now, project=project, **values)


def _readers(
    session: Session, project: SharedProject, stage: Stage, owner: Party | None, now: datetime
) -> Iterator[tuple[int | None, list[int], bool]]:
    """The party whose day they follow, the people, and whether that day stands in their calendars.

    The agent and the contractor have the stage's own there, and no entry for each city.
    """
    of_all = agent_of(project) + contractor_people(session, project, now)
    if owner is not None:
        yield owner.id, _people(session, stage, owner, now), True
        yield owner.id, of_all, False
        return
    yield None, of_all, True
    for city in roster_of(session, stage):
        yield city.id, _people(session, stage, city, now), True


def _people(session: Session, stage: Stage, city: Party, now: datetime) -> list[int]:
    """The contacts and the office holder of a city, and those to whom the signature is delegated."""
    signed = [each for each in deliverables_of(session, identity(stage)) if each.is_signed]
    signing = [
        person for each in signed for person in signatories_of(session, city, stage.key, each.key, now)
    ]
    return [*people_of(session, city, now), *signing]
