"""Messages about a deliverable: asked for, to be signed, refused, revised."""

from datetime import date

from notifications.message import Dated, DeliverableMessage, StageDeadline, Text
from notifications.typography import french, of


class DeliverableRequested(DeliverableMessage, StageDeadline):
    """A deliverable is to be submitted. For the person in charge: contractor, local contact or agent."""

    instructions: Text | None = None

    def headline(self) -> str:
        return french(f"À déposer : {self.deliverable}")


class SignOffRequested(DeliverableMessage, StageDeadline):
    """A sign-off is asked of a party's signatory: on what, until when, and who has given theirs.

    ``act_label`` is the kind of act expected, as it follows « par » (« une délibération du conseil »).
    """

    party_name: Text
    version: int
    short_hash: str
    submitted_by: Text
    act_label: Text | None = None
    signed: tuple[Text, ...] = ()
    awaited: tuple[Text, ...] = ()

    def headline(self) -> str:
        return french(f"Votre validation est attendue pour {self.party_name} : {self.deliverable}")


class AgencySignatureRequested(DeliverableMessage):
    """Every council has approved: the ANCT signs last. For the ANCT's agent."""

    version: int
    short_hash: str
    signed: tuple[Dated, ...]

    def headline(self) -> str:
        return french(f"À l’ANCT de signer : {self.deliverable}")


class VersionReplaced(DeliverableMessage, StageDeadline):
    """What both messages about a new version tell: what replaces what, who submitted it, what they say of it.

    ``objected_by_party`` is the party that objected to a minor revision, which is what makes it a new version.
    ``for_party`` is the one of whom an answer is awaited: its reader may act for several.
    """

    old_version: int
    old_hash: str
    new_version: int
    new_hash: str
    submitted_by: Text
    change_note: Text | None = None
    objected_by_party: Text | None = None
    for_party: Text | None = None


class NewVersionSubmitted(VersionReplaced):
    """A new version replaces the one that was open. For the people of a party that had not signed the old one.

    ``had_refused``: their party had refused it, and gets what it asked for.
    """

    had_refused: bool = False

    def headline(self) -> str:
        reader = f" pour {self.for_party}" if self.for_party else ""
        return french(f"{self.deliverable} : une nouvelle version est à lire{reader}")


class SignOffFell(VersionReplaced):
    """A new version replaces the one they had signed: their sign-off fell. For the people of that party."""

    party_name: Text | None = None
    signed_on: date | None = None

    @property
    def sign_off(self) -> str:
        """« la validation de Niort », or « votre validation pour Niort » to its signers."""
        if self.party_name:
            return f"la validation {of(self.party_name)}"
        return f"votre validation pour {self.for_party}" if self.for_party else "votre validation"

    def headline(self) -> str:
        return french(f"{self.deliverable} : {self.sign_off} est à redonner")


class MinorRevisionRecorded(DeliverableMessage):
    """The ANCT corrects a slip, sign-offs are kept. For each party at once: no preference silences it.

    ``signed_version`` is the one on which ``party_name`` gave the answer that stands; ``objections_until``, the last
    day on which its signers, and the reader if ``may_object``, may object.
    """

    version: int
    short_hash: str
    reason: Text
    recorded_by: Text
    change_note: Text | None = None
    party_name: Text | None = None
    signed_version: int | None = None
    objections_until: date | None = None
    may_object: bool = False

    def headline(self) -> str:
        return french(f"{self.deliverable} : une révision mineure")


class MinorRevisionObjected(DeliverableMessage):
    """A signer objects to a minor revision: it becomes a version like any other. For the ANCT and its author.

    For a party that had answered on that very version too: ``party_name``, whose answer stays.
    """

    version: int
    objected_by: Text
    objected_by_party: Text
    reason: Text
    party_name: Text | None = None

    def headline(self) -> str:
        return french(f"{self.objected_by_party} s’oppose à la révision mineure : {self.deliverable}")


class DeliverableRefused(DeliverableMessage):
    """What both messages about a refusal tell."""

    version: int
    refused_by: Text
    refused_by_party: Text
    refused_on: date
    reason: Text


class DeliverableRefusedForAuthor(DeliverableRefused):
    """A party refuses: the deliverable comes back to its author, with the reason. For that author."""

    due_on: date | None = None

    def headline(self) -> str:
        return french(f"{self.deliverable} est à revoir")


class DeliverableRefusedForOthers(DeliverableRefused):
    """A party refuses: a new version will come. For the other parties and the ANCT."""

    def headline(self) -> str:
        return french(f"{self.refused_by_party} ne valide pas {self.deliverable}")


class ReservationToAnswer(DeliverableMessage):
    """A party approved with a reservation; its answer is now a commitment of the author. For that author."""

    version: int
    raised_by: Text
    raised_by_party: Text
    reason: Text
    due_on: date | None = None

    def headline(self) -> str:
        return french(f"Une réserve attend votre réponse : {self.deliverable}")


class ReservationSettled(DeliverableMessage):
    """What both messages about the end of a reservation tell; ``reason`` is the reservation, as it was made."""

    party_name: Text
    version: int
    reason: Text
    settled_by: Text


class ReservationAnsweredForParty(ReservationSettled):
    """The author answers a reservation. For the people of the party that made it."""

    answer: Text
    has_file: bool = False

    def headline(self) -> str:
        return french(f"La réserve {of(self.party_name)} a sa réponse : {self.deliverable}")


class ReservationWaivedForParty(ReservationSettled):
    """The ANCT frees the author from answering a reservation, and says why. For the people of that party."""

    why: Text

    def headline(self) -> str:
        return french(f"La réserve {of(self.party_name)} n’attend plus de réponse : {self.deliverable}")


class SignOffWithdrawn(DeliverableMessage):
    """A party takes its sign-off back before the stage closes. For the others and the ANCT."""

    version: int
    withdrawn_by: Text
    withdrawn_by_party: Text
    reason: Text

    def headline(self) -> str:
        return french(f"{self.withdrawn_by_party} retire sa validation : {self.deliverable}")
