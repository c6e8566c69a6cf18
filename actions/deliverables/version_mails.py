"""The mails of a version submitted under review: one per person, depending on what their party had answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from actions.mail.message_values import about_deliverable, iso, short, until
from actions.mail.notify import tell
from models.deliverable import Deliverable, DeliverableVersion
from models.paris_time import paris_day
from models.party import Party
from models.person import Actor
from models.shared_project import SharedProject
from models.sign_off import Decision, SignOff
from models.stage import Stage
from models.subject import Subject
from queries.people.recipients import contacts_of, signatories_of
from queries.signing.matrix import SignedCell


class VersionMails:
    """The mails about ``version``, which ``author`` has just submitted, to everybody else."""

    def __init__(
        self,
        session: Session,
        project: SharedProject,
        stage: Stage,
        deliverable: Deliverable,
        version: DeliverableVersion,
        author: Actor,
        now: datetime,
    ) -> None:
        self.session, self.project, self.stage, self.deliverable = session, project, stage, deliverable
        self.version, self.author, self.now = version, author, now
        self.written_to: set[int] = {author.person_id}

    def tell_minor(self, cells: Sequence[SignedCell]) -> None:
        """The sign-offs are kept, nothing is asked. Does not commit."""
        values = {
            "version": self.version.number,
            "short_hash": short(self.version.sha256),
            "reason": self.version.minor_reason,
            "recorded_by": self.author.name,
        }
        for cell in cells:
            party = self.session.get_one(Party, cell.party_id)
            self._tell([*self._signers(party), *self._contacts(party)], "minor_revision_recorded", values)

    def tell_new(self, cells: Sequence[SignedCell], old_number: int, old_sha256: str | None) -> None:
        """To those whose sign-off fell first: somebody who acts for two parties gets that mail. Does not commit.

        ``cells`` are those of the old version, as they were before it was replaced.
        """
        values = {
            "old_version": old_number,
            "old_hash": short(old_sha256),
            "new_version": self.version.number,
            "new_hash": short(self.version.sha256),
            "submitted_by": self.author.name,
            "change_note": self.version.change_note,
        }
        for cell in sorted(cells, key=lambda each: not _had_signed(each)):
            party = self.session.get_one(Party, cell.party_id)
            asked = values | until(self.session, self.stage, party.id)
            if _had_signed(cell):
                self._tell_fell(party, asked | {"signed_on": self._signed_on(cell)})
            else:
                asked["had_refused"] = cell.decision is Decision.refused
                self._tell([*self._signers(party), *self._contacts(party)], "new_version_submitted", asked)

    def _tell_fell(self, party: Party, values: dict[str, Any]) -> None:
        """« Votre validation » to the signer, « la validation de Niort » to the contacts."""
        self._tell(self._signers(party), "sign_off_fell", values)
        self._tell(self._contacts(party), "sign_off_fell", values | {"party_name": party.name})

    def _tell(self, people: Iterable[int], message: str, values: dict[str, Any]) -> None:
        new = [person for person in dict.fromkeys(people) if person not in self.written_to]
        self.written_to.update(new)
        about = Subject.of("version", self.version.id)
        values = about_deliverable(self.session, self.project, self.stage, self.deliverable) | values
        tell(self.session, new, message, about, self.now, project=self.project, **values)

    def _contacts(self, party: Party) -> list[int]:
        return contacts_of(self.session, party, self.now)

    def _signers(self, party: Party) -> list[int]:
        return signatories_of(self.session, party, self.stage.key, self.deliverable.key, self.now)

    def _signed_on(self, cell: SignedCell) -> str | None:
        sign_off = self.session.get_one(SignOff, cell.sign_off_id)
        return iso(paris_day(sign_off.acted_on or sign_off.at))


def _had_signed(cell: SignedCell) -> bool:
    return cell.decision is not None and cell.decision.passes
