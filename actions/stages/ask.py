"""What a stage's flow asks of people once it is open. Each step is done once, however often it is called."""

from datetime import datetime

from sqlmodel import Session, col, select

from actions.authority.ask_signers import ask_signers
from actions.ledger.journal import record
from actions.ledger.locks import lock_stage
from actions.mail.message_values import (
    about_deliverable,
    about_stage,
    iso,
    short,
    until,
)
from actions.mail.notify import tell
from actions.stages.opening_mails import asked_at_opening
from database.engine import Database
from models.deliverable import Deliverable
from models.paris_time import paris_day
from models.party import Party
from models.person import SYSTEM
from models.shared_project import SharedProject
from models.sign_off import SignOff, is_live
from models.stage import Stage, StageStatus, check_transition
from models.stored_row import identity
from models.subject import Subject
from queries.ledger.find import active, deliverables_of, find_deliverable, roster_of, strands_of
from queries.people.recipients import agent_of, contacts_of, everybody
from queries.stages.in_charge import in_charge_of


def ask_for_deliverable(db: Database, stage_id: int, key: str, *, now: datetime) -> None:
    """Ask those in charge for each deliverable of this key that is not in yet. Commits. Raises ``ProjectNotActive``."""
    with db.write() as session:
        project, stage = _lock_to_ask(session, stage_id)
        for deliverable in _not_in_yet(session, stage, key):
            _ask(session, project, stage, deliverable, now)


def ask_for_reports(db: Database, stage_id: int, key: str, *, now: datetime) -> None:
    """Ask the cities that have held every strand of their consultation for its report. Commits.

    Raises ``ProjectNotActive``.
    """
    with db.write() as session:
        project, stage = _lock_to_ask(session, stage_id)
        for deliverable in _not_in_yet(session, stage, key):
            strands = strands_of(session, stage, deliverable.party_id) if deliverable.party_id else []
            if all(strand.held_on for strand in strands):
                _ask(session, project, stage, deliverable, now)


def _lock_to_ask(session: Session, stage_id: int) -> tuple[SharedProject, Stage]:
    """The stage and its project, locked. Nothing is asked during a pause: raises ``ProjectNotActive``."""
    project, stage = lock_stage(session, stage_id)
    if stage.status is not StageStatus.closed:
        active(project)
    return project, stage


def _not_in_yet(session: Session, stage: Stage, key: str) -> list[Deliverable]:
    """The deliverables of this key that are still awaited, from the cities that have not left."""
    present = {None, *(city.id for city in roster_of(session, stage))}
    deliverables = deliverables_of(session, identity(stage), key)
    return [each for each in deliverables if each.number == 0 and each.party_id in present]


def _ask(
    session: Session, project: SharedProject, stage: Stage, deliverable: Deliverable, now: datetime
) -> None:
    """Ask those in charge, except those whom the mail of the stage's opening has already asked."""
    asked = asked_at_opening(session, stage, deliverable)
    people = [each for each in in_charge_of(session, project, stage, deliverable, now) if each not in asked]
    values = about_deliverable(session, project, stage, deliverable)
    values |= until(session, stage, deliverable.party_id)
    about = Subject.of("deliverable", deliverable.id)
    tell(session, people, "deliverable_requested", about, now, project=project, **values)


def open_peer_reading(db: Database, stage_id: int, key: str, *, now: datetime) -> None:
    """Invite the other cities to read each city's deliverable of this key (« regards croisés »). Commits.

    Raises ``ProjectNotActive``.
    """
    with db.write() as session:
        project, stage = _lock_to_ask(session, stage_id)
        cities = roster_of(session, stage)
        for deliverable in deliverables_of(session, identity(stage), key):
            owner = next((city for city in cities if city.id == deliverable.party_id), None)
            if owner is None or deliverable.number == 0:
                continue
            values = about_deliverable(session, project, stage, deliverable)
            values |= {"until": iso(stage.due_on), "party_name": owner.name}
            readers = [
                person for city in cities if city is not owner for person in contacts_of(session, city, now)
            ]
            about = Subject.of("deliverable", deliverable.id)
            tell(session, readers, "peer_reading_opened", about, now, project=project, **values)


def ask_for_strands(db: Database, stage_id: int, *, now: datetime) -> None:
    """Ask each city to hold the strands of its consultation. Commits. Raises ``ProjectNotActive``."""
    with db.write() as session:
        project, stage = _lock_to_ask(session, stage_id)
        for city in roster_of(session, stage):
            strands = strands_of(session, stage, identity(city))
            if all(strand.held_on for strand in strands):
                continue
            values = about_stage(project, stage) | until(session, stage, city.id)
            values |= {"party_name": city.name, "strands": [each.title for each in strands]}
            people = contacts_of(session, city, now)
            about = Subject.of("stage", stage.id, party=city.id)
            tell(session, people, "strands_requested", about, now, project=project, **values)


def start_review(db: Database, stage_id: int, *, now: datetime) -> None:
    """Every deliverable is in: invite the cities to sign off. Commits. Raises ``ProjectNotActive``.

    Done before (the stage is under review or beyond), it changes nothing.
    """
    with db.write() as session:
        project, stage = lock_stage(session, stage_id)
        if stage.status is not StageStatus.open:
            return
        active(project)
        stage.status = check_transition("start_review", stage.status, StageStatus.in_review)
        session.flush()
        record(session, "review.started", project_id=project.id, actor=SYSTEM, now=now, stage=stage.key)
        for deliverable in deliverables_of(session, identity(stage)):
            if deliverable.is_signed and deliverable.number:
                ask_signers(session, project, stage, deliverable, now)


def tell_signed_off(db: Database, stage_id: int, *, now: datetime) -> None:
    """Tell everybody that every city has signed, where the end of the stage still waits for the ANCT. Commits.

    The ANCT's agent learns it from the mail that asks them for what is left to do. Where nothing is left, only the
    closing mail is sent, so that nobody gets two mails at once. Raises ``ProjectNotActive``.
    """
    with db.write() as session:
        project, stage = _lock_to_ask(session, stage_id)
        values = about_stage(project, stage)
        values |= {"parties": [city.name for city in roster_of(session, stage)]}
        about = Subject.of("stage", stage.id, round=stage.round)
        agent = agent_of(project)
        others = [person for person in everybody(session, project, now) if person not in agent]
        tell(session, others, "stage_signed_off", about, now, project=project, **values)


def ask_for_agency_signature(db: Database, stage_id: int, key: str, *, now: datetime) -> None:
    """Every city has approved the charter: ask the ANCT to sign it. Commits. Raises ``ProjectNotActive``."""
    with db.write() as session:
        project, stage = _lock_to_ask(session, stage_id)
        deliverable = find_deliverable(session, stage, key, None)
        signed = session.exec(
            select(Party.name, SignOff)
            .join(SignOff)
            .where(SignOff.deliverable_id == deliverable.id, SignOff.round == deliverable.round, is_live())
            .order_by(col(SignOff.at))
        ).all()
        values = about_deliverable(session, project, stage, deliverable) | {
            "path": f"{about_stage(project, stage)['path']}#signature",
            "version": deliverable.number,
            "short_hash": short(deliverable.sha256),
            "signed": [{"text": name, "on": iso(paris_day(sign_off.at))} for name, sign_off in signed],
        }
        last = max(identity(sign_off) for _name, sign_off in signed)
        about = Subject.of("deliverable", deliverable.id, sign_off=last)
        tell(session, agent_of(project), "agency_signature_requested", about, now, project=project, **values)


def ask_for_award(db: Database, stage_id: int, *, now: datetime) -> None:
    """The terms of reference are signed: ask the ANCT to award the contract. Commits.

    Raises ``ProjectNotActive``.
    """
    with db.write() as session:
        project, stage = _lock_to_ask(session, stage_id)
        values = about_stage(project, stage) | {"due_on": iso(stage.due_on)}
        about = Subject.of("stage", stage.id)
        tell(session, agent_of(project), "contractor_award_awaited", about, now, project=project, **values)
