"""What a sign-off sets going besides itself: who is told, and the commitment a reservation becomes (rule 4)."""

from datetime import datetime, timedelta

from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.ledger.journal import record
from actions.mail.message_values import about_deliverable, iso, name_of
from actions.mail.notify import tell
from models.columns import LONGEST_TEXT
from models.commitment import AGENCY, CONTRACTOR, Commitment, CommitmentOrigin
from models.deliverable import Deliverable, DeliverableVersion
from models.paris_time import paris_day
from models.party import Party
from models.person import SYSTEM, Role
from models.shared_project import SharedProject
from models.sign_off import Decision, SignOff
from models.stage import Stage
from models.stored_row import identity
from models.subject import Subject
from queries.access.rights import has_role
from queries.ledger.find import parties_of
from queries.people.recipients import everybody
from queries.stages.deadlines import due_of

DAYS_TO_ANSWER = 15
"""A reservation is answered within this many days, unless the ANCT extends it."""


def tell_consequences(connection: Connection, sign_off_id: int, now: datetime) -> None:
    """Owe the mails of a refusal or of a reservation. Does not commit."""
    with Session(connection, join_transaction_mode="rollback_only") as session:
        given = session.get_one(SignOff, sign_off_id)
        deliverable = session.get_one(Deliverable, given.deliverable_id)
        stage = session.get_one(Stage, deliverable.stage_id)
        project = session.get_one(SharedProject, stage.project_id)
        if given.decision is Decision.refused:
            _tell_refusal(session, project, stage, deliverable, given, now)
        if given.decision is Decision.approved_with_reservations:
            _promise_answer(session, project, stage, deliverable, given, now)
        session.flush()


def _tell_refusal(
    session: Session,
    project: SharedProject,
    stage: Stage,
    deliverable: Deliverable,
    given: SignOff,
    now: datetime,
) -> None:
    version = session.get_one(DeliverableVersion, given.version_id)
    values = about_deliverable(session, project, stage, deliverable) | {
        "version": version.number,
        "refused_by": name_of(session, given.signed_by),
        "refused_by_party": session.get_one(Party, given.party_id).name,
        "refused_on": iso(paris_day(now)),
        "reason": given.reason,
    }
    about, author = Subject.of("sign_off", given.id), version.submitted_by
    due_on = iso(due_of(session, stage, deliverable.party_id).due_on)
    tell(
        session,
        [author],
        "deliverable_refused_for_author",
        about,
        now,
        project=project,
        due_on=due_on,
        **values,
    )
    others = [person for person in everybody(session, project, now) if person != author]
    tell(session, others, "deliverable_refused_for_others", about, now, project=project, **values)


def _promise_answer(
    session: Session,
    project: SharedProject,
    stage: Stage,
    deliverable: Deliverable,
    given: SignOff,
    now: datetime,
) -> None:
    version = session.get_one(DeliverableVersion, given.version_id)
    party = session.get_one(Party, given.party_id)
    due_on = paris_day(now) + timedelta(days=DAYS_TO_ANSWER)
    owner = _owner_of_answer(session, project, deliverable, version.submitted_by, now)
    session.add(
        Commitment(
            project_id=identity(project),
            owner=owner.code if isinstance(owner, Party) else owner,
            party_id=owner.id if isinstance(owner, Party) else None,
            origin=CommitmentOrigin.reservation,
            reference=f"sign_off-{given.id}",
            text=f"Répondre à la réserve de {party.name} sur « {deliverable.title} » : {given.reason}"[
                :LONGEST_TEXT
            ],
            holder=name_of(session, version.submitted_by),
            due_on=due_on,
            due_set_at=now,
            created_at=now,
        )
    )
    record(
        session,
        "commitments.created",
        project_id=project.id,
        actor=SYSTEM,
        now=now,
        party_code=owner.code if isinstance(owner, Party) else None,
        origin=CommitmentOrigin.reservation,
        sign_off=given.id,
    )
    values = about_deliverable(session, project, stage, deliverable) | {
        "version": version.number,
        "raised_by": name_of(session, given.signed_by),
        "raised_by_party": party.name,
        "reason": given.reason,
        "due_on": iso(due_on),
    }
    about = Subject.of("sign_off", given.id)
    tell(session, [version.submitted_by], "reservation_to_answer", about, now, project=project, **values)


def _owner_of_answer(
    session: Session, project: SharedProject, deliverable: Deliverable, author_id: int, now: datetime
) -> Party | str:
    """Who answers a reservation: the author, in the quality in which they write."""
    if has_role(session, author_id, Role.agency_agent, now, project_id=project.id):
        return AGENCY
    for party in parties_of(session, identity(project)):
        if has_role(
            session, author_id, Role.local_contact, now, project_id=project.id, authority_code=party.code
        ):
            return party
    return CONTRACTOR
