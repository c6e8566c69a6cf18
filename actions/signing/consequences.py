"""The consequences of a sign-off: the mails of a refusal, the commitment a reservation becomes (rule 4)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.ledger.journal import record
from actions.mail.message_values import about_deliverable, iso, name_of
from actions.mail.notify import tell
from models.columns import LONGEST_TEXT
from models.commitment import AGENCY, CONTRACTOR, Commitment, CommitmentOrigin, reservation_reference
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
from queries.access.standing import standing_in
from queries.ledger.find import parties_of
from queries.people.recipients import agent_of, contacts_of, contractor_people, everybody
from queries.stages.deadlines import due_of

DAYS_TO_ANSWER = 15
"""A reservation is answered within this many days, unless the ANCT extends it."""


def tell_consequences(connection: Connection, sign_off_id: int, now: datetime) -> None:
    """Owe the mails of a refusal; of a reservation, with its commitment. Does not commit."""
    with Session(connection, join_transaction_mode="rollback_only") as session:
        consequences = _Consequences(session, sign_off_id, now)
        if consequences.sign_off.decision is Decision.refused:
            consequences.tell_refusal()
        if consequences.sign_off.decision is Decision.approved_with_reservations:
            consequences.promise_answer()
        session.flush()


class _Consequences:
    def __init__(self, session: Session, sign_off_id: int, now: datetime) -> None:
        self.session, self.now = session, now
        self.sign_off = session.get_one(SignOff, sign_off_id)
        self.party = session.get_one(Party, self.sign_off.party_id)
        self.version = session.get_one(DeliverableVersion, self.sign_off.version_id)
        self.deliverable = session.get_one(Deliverable, self.sign_off.deliverable_id)
        self.stage = session.get_one(Stage, self.deliverable.stage_id)
        self.project = session.get_one(SharedProject, self.stage.project_id)

    def tell_refusal(self) -> None:
        """Tell the author of the version, and everybody else."""
        authors = self._authors()
        values = {
            "refused_by": name_of(self.session, self.sign_off.signed_by),
            "refused_by_party": self.party.name,
            "refused_on": iso(paris_day(self.now)),
        }
        due_on = iso(due_of(self.session, self.stage, self.deliverable.party_id).due_on)
        self._tell(authors, "deliverable_refused_for_author", values | {"due_on": due_on})
        others = [
            person for person in everybody(self.session, self.project, self.now) if person not in authors
        ]
        self._tell(others, "deliverable_refused_for_others", values)

    def promise_answer(self) -> None:
        """Make the reservation a commitment, and ask the author of the version for the answer."""
        due_on, authors = paris_day(self.now) + timedelta(days=DAYS_TO_ANSWER), self._authors()
        self._commit_to_answer(due_on, authors[0] if authors else None)
        values = {
            "raised_by": name_of(self.session, self.sign_off.signed_by),
            "raised_by_party": self.party.name,
            "due_on": iso(due_on),
        }
        self._tell(authors, "reservation_to_answer", values)

    def _authors(self) -> list[int]:
        """Who submitted the version; once their role has ended, who answers for it in their place."""
        author, project_id = self.version.submitted_by, identity(self.project)
        if not standing_in(self.session.connection(), author, project_id, self.now).is_outsider:
            return [author]
        owner, party = self._owner_of_answer()
        if party is not None:
            return contacts_of(self.session, party, self.now)
        return (
            agent_of(self.project)
            if owner == AGENCY
            else contractor_people(self.session, self.project, self.now)
        )

    def _commit_to_answer(self, due_on: date, holder: int | None) -> None:
        owner, party = self._owner_of_answer()
        reservation = f"la réserve de {self.party.name} sur « {self.deliverable.title} »"
        commitment = Commitment(
            project_id=identity(self.project),
            owner=owner,
            party_id=party.id if party else None,
            origin=CommitmentOrigin.reservation,
            reference=reservation_reference(identity(self.sign_off)),
            text=f"Répondre à {reservation} : {self.sign_off.reason}"[:LONGEST_TEXT],
            holder=name_of(self.session, holder) if holder else None,
            holder_id=holder,
            due_on=due_on,
            due_set_at=self.now,
            created_at=self.now,
        )
        self.session.add(commitment)
        record(
            self.session,
            "commitments.created",
            project_id=self.project.id,
            actor=SYSTEM,
            now=self.now,
            party_code=party.code if party else None,
            origin=commitment.origin,
            sign_off=self.sign_off.id,
        )

    def _owner_of_answer(self) -> tuple[str, Party | None]:
        """Whom the author then acted for: the ANCT, a party or the contractor; by its code, with the party."""
        author, then = self.version.submitted_by, self.version.submitted_at
        project_id = identity(self.project)
        if has_role(self.session, author, Role.agency_agent, then, project_id=project_id):
            return AGENCY, None
        for party in parties_of(self.session, project_id):
            if has_role(
                self.session,
                author,
                Role.local_contact,
                then,
                project_id=project_id,
                authority_code=party.code,
            ):
                return party.code, party
        return CONTRACTOR, None

    def _tell(self, people: Iterable[int], message: str, values: dict[str, Any]) -> None:
        values = about_deliverable(self.session, self.project, self.stage, self.deliverable) | values
        tell(
            self.session,
            people,
            message,
            Subject.of("sign_off", self.sign_off.id),
            self.now,
            project=self.project,
            version=self.version.number,
            reason=self.sign_off.reason,
            **values,
        )
