"""A signer objects to a minor revision: it becomes a new version like any other (rule 2)."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from actions.deliverables.version_mails import VersionMails
from actions.ledger.journal import by_proconnect, record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake
from database.engine import Database
from models.deliverable import DeliverableVersion
from models.gate import review_status
from models.minor_revision import Revision, objection_refusal, objector_authority
from models.paris_time import paris_day
from models.party import Party
from models.person import Actor
from models.sign_off import SignOff, is_live
from models.stage import check_transition
from models.stored_row import identity
from models.tables import SIGN_OFF
from queries.ledger.find import find_seat
from queries.signing.authority import signing_authority
from queries.signing.matrix import SignedCell, load_seats, matrix_of


@dataclass(frozen=True, slots=True)
class Objection:
    """For which party, and to the minor revision of which deliverable, somebody objects.

    ``deliverable_party`` is the city whose own deliverable it is, when it is another.
    """

    slug: str
    stage_key: str
    key: str
    party_code: str
    deliverable_party: str | None = None


def object_to_revision(
    db: Database, actor: Actor, objection: Objection, *, now: datetime
) -> DeliverableVersion:
    """Make the current version, a minor revision, a new version like any other; returns it. Commits.

    In one transaction: the decisions on earlier texts fall, those given on this very version pass into the new round
    with it, the stage is under review again, each party is told, and its flow wakes. The same person, for the same
    party, gets the same answer again. Raises ``UnknownStage``, ``UnknownDeliverable``, ``UnknownParty``,
    ``ProjectNotActive`` (but in a paused project), ``NotConcerned``, ``MayNotObject``, ``OtherOrganisation``,
    ``AlreadyObjected``, ``NothingToObjectTo``, ``ObjectionTooLate``, ``StageMovesOn``.
    """
    with db.write() as session:
        revised = _Revised(session, actor, objection, now)
        version = revised.version
        if version and (version.objected_by, version.objected_for) == (actor.person_id, revised.party.id):
            return version
        version = revised.check()
        before = revised.cells()
        revised.open_round(version)
        revised.record(version)
        revised.tell(version, before)
        wake(session, identity(revised.stage), now)
        return version


class _Revised:
    """The deliverable and the party that objects, in their project, which is locked."""

    def __init__(self, session: Session, actor: Actor, objection: Objection, now: datetime) -> None:
        self.session, self.actor, self.objection, self.now = session, actor, objection, now
        self.project = lock_slug(session, objection.slug)
        seat = find_seat(
            session,
            self.project,
            objection.stage_key,
            objection.key,
            objection.party_code,
            objection.deliverable_party,
        )
        self.stage, self.party, self.deliverable = seat.stage, seat.party, seat.deliverable
        version_id = self.deliverable.version_id
        self.version = session.get(DeliverableVersion, version_id) if version_id else None

    def check(self) -> DeliverableVersion:
        """The version, once the actor may object to it. Raises ``objection_refusal``."""
        connection = self.session.connection()
        seat, cell = load_seats(connection, identity(self.deliverable), self.now)[self.party.code]
        authority = signing_authority(connection, self.actor.person_id, seat, self.now)
        refusal = objection_refusal(
            seat,
            cell,
            objector_authority(seat, self.actor, authority),
            self._revision(),
            signed=self._signed(cell),
            today=paris_day(self.now),
        )
        if refusal:
            raise refusal
        return self.session.get_one(DeliverableVersion, self.deliverable.version_id)

    def _revision(self) -> Revision:
        version = self.version
        if version is None:
            return Revision(0, False, None)
        objected_for = (
            self.session.get_one(Party, version.objected_for).name if version.objected_for else None
        )
        return Revision(
            version.number, version.is_minor, version.objections_until, version.objected_at, objected_for
        )

    def _signed(self, cell: SignedCell | None) -> int | None:
        """The number of the version on which the live decision of the party was given."""
        if cell is None or cell.sign_off_id is None:
            return None
        sign_off = self.session.get_one(SignOff, cell.sign_off_id)
        return self.session.get_one(DeliverableVersion, sign_off.version_id).number

    def cells(self) -> list[SignedCell]:
        """The cells of the deliverable."""
        cells = matrix_of(self.session.connection(), identity(self.stage))
        return [each for each in cells if each.deliverable_id == self.deliverable.id]

    def open_round(self, version: DeliverableVersion) -> None:
        """The version begins a round of its own, as if it had never been said minor; the gate is read again."""
        deliverable, stage = self.deliverable, self.stage
        version.objected_at, version.objected_by = self.now, self.actor.person_id
        version.objected_for = self.party.id
        deliverable.round = version.round = deliverable.round + 1
        stage.round = max(stage.round, version.round)
        live = sa.update(SIGN_OFF).where(SIGN_OFF.c.deliverable_id == deliverable.id, is_live())
        connection = self.session.connection()
        connection.execute(live.where(SIGN_OFF.c.version_id != version.id).values(voided_at=self.now))
        connection.execute(live.where(SIGN_OFF.c.version_id == version.id).values(round=version.round))
        self.session.flush()
        status = review_status(matrix_of(connection, identity(stage)))
        stage.status = check_transition("object", stage.status, status)

    def record(self, version: DeliverableVersion) -> None:
        """Write the fact in the journal."""
        record(
            self.session,
            "deliverable.minor_objected",
            project_id=self.project.id,
            actor=self.actor,
            now=self.now,
            party_code=self.party.code,
            stage=self.stage.key,
            deliverable=self.deliverable.key,
            version=version.number,
            round=version.round,
            sha256=version.sha256,
            stage_status=self.stage.status,
            **by_proconnect(self.actor),
        )

    def tell(self, version: DeliverableVersion, before: list[SignedCell]) -> None:
        """Owe the mails of a new version, and to the ANCT and the author of the revision that of the objection."""
        mails = VersionMails(
            self.session, self.project, self.stage, self.deliverable, version, self.actor, self.now
        )
        kept = {each.party_id for each in self.cells() if each.decision is not None}
        mails.tell_new([each for each in before if each.party_id not in kept], self.party)
        mails.tell_objection(self.party, [each for each in before if each.party_id in kept])
