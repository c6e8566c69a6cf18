"""The mails of a stage that opens, one per person and city: to contacts, to signers, to the contractor."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.mail.message_values import about_stage, act_asked_for, dated
from actions.mail.notify import is_notice_about, tell
from models.act_kind import ActKind
from models.deliverable import Deliverable
from models.gate import is_signed_by
from models.lifecycle import StageDefinition
from models.notice import Notice
from models.party import Party
from models.shared_project import SharedProject
from models.stage import Stage
from models.stored_row import identity
from models.subject import Subject
from queries.ledger.find import deliverables_of
from queries.people.recipients import contacts_of, contractor_people, signatories_of
from queries.stages.deadlines import Deadlines, deadlines_of
from queries.stages.in_charge import asked_from_the_start, in_charge_of

FOR_CONTACT, FOR_CONTRACTOR = "stage_opened_for_contact", "stage_opened_for_contractor"


def tell_opening(
    session: Session,
    project: SharedProject,
    stage: Stage,
    definition: StageDefinition,
    cities: list[Party],
    now: datetime,
) -> None:
    """Say what the stage is for and what each reader will have to do. Does not commit.

    Somebody with several parts for one city is told once, first of what they have to submit; for two cities, of each.
    The contacts of a consultation are told by the mail that asks them for its strands, which comes at the same moment.
    """
    session.flush()
    opening = _Opening(session, project, stage, definition, now)
    if not definition.strands:
        opening.tell_contacts(cities)
    opening.tell_contractor(cities)
    opening.tell_signatories(cities)


class _Opening:
    def __init__(
        self,
        session: Session,
        project: SharedProject,
        stage: Stage,
        definition: StageDefinition,
        now: datetime,
    ) -> None:
        self.session, self.project, self.stage, self.definition = session, project, stage, definition
        self.now = now
        self.deadlines: Deadlines = deadlines_of(session.connection(), [identity(stage)])
        self.deliverables = deliverables_of(session, identity(stage))
        self.first = {each.key for each in asked_from_the_start(definition)}
        self.written_to: set[tuple[int, int | None]] = set()

    def tell_contacts(self, cities: list[Party]) -> None:
        for city in cities:
            contacts = contacts_of(self.session, city, self.now)
            own = [each for each in self._asked_of(contacts) if each.party_id == city.id]
            self._tell(
                contacts,
                FOR_CONTACT,
                city,
                party_name=city.name,
                deliverables=[each.title for each in self.definition.signed_deliverables],
                to_submit=[each.title for each in own],
            )

    def tell_contractor(self, cities: list[Party]) -> None:
        people = contractor_people(self.session, self.project, self.now)
        names = {city.id: city.name for city in cities}
        to_submit = [of_city(each.title, names.get(each.party_id)) for each in self._asked_of(people)]
        self._tell(people, FOR_CONTRACTOR, None, to_submit=to_submit)

    def tell_signatories(self, cities: list[Party]) -> None:
        for city in cities:
            to_sign = [
                each
                for each in self.deliverables
                if is_signed_by(identity(city), each.is_signed, each.party_id)
            ]
            people = [person for each in to_sign for person in self._signers(city, each)]
            acts = [city.act_expected(each.key, each.act_kind) for each in to_sign]
            lines = [
                {"title": each.title, "act_label": act_asked_for(act)}
                for each, act in zip(to_sign, acts, strict=True)
            ]
            self._tell(
                people,
                "stage_opened_for_signatory",
                city,
                party_name=city.name,
                to_sign=lines,
                needs_council=ActKind.deliberation in acts,
            )

    def _signers(self, city: Party, deliverable: Deliverable) -> list[int]:
        return signatories_of(self.session, city, self.stage.key, deliverable.key, self.now)

    def _asked_of(self, people: list[int]) -> list[Deliverable]:
        """What the flow of the stage would ask of these people in a moment, were they not told now."""
        return [
            each
            for each in self.deliverables
            if each.key in self.first
            and set(people) & set(in_charge_of(self.session, self.project, self.stage, each, self.now))
        ]

    def _tell(self, people: Iterable[int], message: str, city: Party | None, **values: Any) -> None:
        party_id = city.id if city else None
        deadline = self.deadlines.of(identity(self.stage), party_id)
        common = about_stage(self.project, self.stage) | dated(self.stage, party_id, deadline)
        common["purpose"] = self.definition.purpose
        new = [person for person in dict.fromkeys(people) if not self._is_told(person, party_id)]
        self.written_to.update((person, party_id) for person in new)
        parts = {"party": party_id} if party_id is not None else {}
        about = Subject.of("stage", self.stage.id, **parts)
        tell(self.session, new, message, about, self.now, project=self.project, **common, **values)

    def _is_told(self, person: int, party_id: int | None) -> bool:
        """Of their part for this city; the contractor, of any part."""
        return any(one == person and party_id in (None, part) for one, part in self.written_to)


def of_city(title: str, city: str | None) -> str:
    """« Diagnostic territorial (Niort) » for those who submit the documents of several cities."""
    return f"{title} ({city})" if city else title


def asked_at_opening(session: Session, stage: Stage, deliverable: Deliverable) -> set[int]:
    """Whom the mail of the stage's opening has already asked for this deliverable, as its notices say.

    It holds for ever, so that a flow that comes back weeks later, after a pause, asks nobody a second time:
    from then on there are the reminders.
    """
    owner = session.get_one(Party, deliverable.party_id) if deliverable.party_id else None
    subjects = [Subject.of("stage", stage.id)]
    if owner is not None:
        subjects.append(Subject.of("stage", stage.id, party=owner.id))
    query = select(Notice).where(
        Notice.project_id == stage.project_id,
        sa.or_(*(is_notice_about(each, FOR_CONTACT, FOR_CONTRACTOR) for each in subjects)),
        col(Notice.channel_id).is_(None),
        col(Notice.dropped_at).is_(None),
    )
    city = owner.name if owner else None
    return {each.recipient_id for each in session.exec(query) if _names(each, deliverable.title, city)}


def _names(notice: Notice, title: str, city: str | None) -> bool:
    payload = notice.payload
    if notice.message == FOR_CONTACT:
        return payload.get("party_name") == city and title in payload.get("to_submit", ())
    return of_city(title, city) in payload.get("to_submit", ())
