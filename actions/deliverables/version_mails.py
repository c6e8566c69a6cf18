"""The mails of a version submitted under review: one per person and party, depending on what it had answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from actions.mail.message_values import about_deliverable, iso, name_of, short, until
from actions.mail.notify import tell
from models.deliverable import Deliverable, DeliverableVersion
from models.paris_time import paris_day
from models.party import Party
from models.person import Actor
from models.shared_project import SharedProject
from models.sign_off import Decision, SignOff
from models.stage import Stage
from models.subject import Subject
from queries.people.recipients import agent_of, contacts_of, signatories_of
from queries.signing.matrix import SignedCell


class VersionMails:
    """The mails about ``version``, which ``author`` has just submitted or made a version like any other, to everybody
    else."""

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
        self.written_to: set[tuple[int, int | None]] = set()

    def tell_minor(self, cells: Sequence[SignedCell]) -> None:
        """The sign-offs are kept, and their signers may object: to those who gave or recorded them, and to those who
        sign for these parties today, with what changed since the version they signed. Does not commit."""
        values = {
            "version": self.version.number,
            "short_hash": short(self.version.sha256),
            "reason": self.version.minor_reason,
            "recorded_by": self.author.name,
            "change_note": self.version.change_note,
        }
        for cell in sorted(cells, key=lambda each: each.decision is None):
            party = self.session.get_one(Party, cell.party_id)
            signed, sign_off = self._signed(cell)
            said = values | {"path": self._comparison(signed or self._before())}
            if signed is None or sign_off is None:
                self._tell([*self._signers(party), *self._contacts(party)], "minor_revision_recorded", said)
                continue
            said |= {
                "party_name": party.name,
                "signed_version": signed.number,
                "objections_until": iso(self.version.objections_until),
            }
            to_object = said | {"may_object": True, "path": f"{self._path()}/objection"}
            self._tell(self._signers(party), "minor_revision_recorded", to_object, party)
            gave = [each for each in (sign_off.signed_by, sign_off.recorded_by) if each is not None]
            self._tell([*gave, *self._contacts(party)], "minor_revision_recorded", said, party)

    def tell_new(self, cells: Sequence[SignedCell], objected_by: Party | None = None) -> None:
        """To the people of each party, those whose sign-off fell first. Does not commit.

        ``cells`` are those of the old version, as they were before it was replaced; ``objected_by``, the party that
        made a minor revision a new version.
        """
        values = {
            "new_version": self.version.number,
            "new_hash": short(self.version.sha256),
            "submitted_by": name_of(self.session, self.version.submitted_by),
            "change_note": self.version.change_note,
            "objected_by_party": objected_by.name if objected_by else None,
        }
        for cell in sorted(cells, key=lambda each: not _had_signed(each)):
            party = self.session.get_one(Party, cell.party_id)
            signed, sign_off = self._signed(cell)
            old = signed or self._before()
            asked = values | until(self.session, self.stage, party.id)
            asked |= {"old_version": old.number, "old_hash": short(old.sha256), "for_party": party.name}
            if sign_off is not None and _had_signed(cell):
                signed_on = iso(paris_day(sign_off.acted_on or sign_off.at))
                self._tell_fell(party, asked | {"signed_on": signed_on})
            else:
                asked["had_refused"] = cell.decision is Decision.refused
                people = [*self._signers(party), *self._contacts(party)]
                self._tell(people, "new_version_submitted", asked, party)

    def tell_objection(self, objected_by: Party, kept: Sequence[SignedCell]) -> None:
        """To the ANCT and the author of the revision; and to the parties of the cells ``kept``, which had answered on
        that very version. Does not commit."""
        values = {
            "version": self.version.number,
            "objected_by": self.author.name,
            "objected_by_party": objected_by.name,
            "reason": self.version.minor_reason,
        }
        for cell in kept:
            party = self.session.get_one(Party, cell.party_id)
            people = [*self._signers(party), *self._contacts(party)]
            self._tell(people, "minor_revision_objected", values | {"party_name": party.name}, party)
        self._tell([self.version.submitted_by, *agent_of(self.project)], "minor_revision_objected", values)

    def _tell_fell(self, party: Party, values: dict[str, Any]) -> None:
        """« Votre validation » to the signer, « la validation de Niort » to the contacts."""
        self._tell(self._signers(party), "sign_off_fell", values, party)
        self._tell(self._contacts(party), "sign_off_fell", values | {"party_name": party.name}, party)

    def _tell(
        self, people: Iterable[int], message: str, values: dict[str, Any], party: Party | None = None
    ) -> None:
        """To each once for the party; what is said for none, to those who were told nothing else."""
        number = party.id if party else None
        new = [person for person in dict.fromkeys(people) if not self._is_told(person, number)]
        self.written_to.update((person, number) for person in new)
        parts = {"party": number} if number is not None else {}
        about = Subject.of("version", self.version.id, **parts)
        values = about_deliverable(self.session, self.project, self.stage, self.deliverable) | values
        tell(self.session, new, message, about, self.now, project=self.project, **values)

    def _is_told(self, person: int, party_id: int | None) -> bool:
        told = (part for one, part in self.written_to if one == person)
        return person == self.author.person_id or any(party_id in (None, part) for part in told)

    def _contacts(self, party: Party) -> list[int]:
        return contacts_of(self.session, party, self.now)

    def _signers(self, party: Party) -> list[int]:
        return signatories_of(self.session, party, self.stage.key, self.deliverable.key, self.now)

    def _signed(self, cell: SignedCell) -> tuple[DeliverableVersion | None, SignOff | None]:
        """The decision of the cell, and the version it was given on."""
        if cell.sign_off_id is None:
            return None, None
        sign_off = self.session.get_one(SignOff, cell.sign_off_id)
        return self.session.get_one(DeliverableVersion, sign_off.version_id), sign_off

    def _before(self) -> DeliverableVersion:
        """The version that this one replaced."""
        query = select(DeliverableVersion).where(
            DeliverableVersion.deliverable_id == self.deliverable.id,
            DeliverableVersion.number == self.version.number - 1,
        )
        return self.session.exec(query).one()

    def _path(self) -> str:
        return f"/projets/{self.project.slug}/livrables/{self.deliverable.id}"

    def _comparison(self, older: DeliverableVersion) -> str:
        return f"{self._path()}/comparer?de={older.number}&a={self.version.number}"


def _had_signed(cell: SignedCell) -> bool:
    return cell.decision is not None and cell.decision.passes
