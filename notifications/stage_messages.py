"""Messages about a stage: it opens, asks for something, has more time, is signed off, closes."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from notifications.message import DeliverableMessage, StageDeadline, StageMessage, Text
from notifications.typography import french, long_date, of, quoted


class StageOpened(StageDeadline):
    """What the messages about a stage that opens tell; ``purpose`` is what the stage is for."""

    purpose: Text | None = None

    def headline(self) -> str:
        return french(f"L’étape {quoted(self.stage_title)} est ouverte")


class Submits(StageOpened):
    """A stage opens for somebody who may have something to submit: then it is an invitation, not news."""

    to_submit: tuple[Text, ...] = ()


class StageOpenedForContact(Submits):
    """A stage is open: what it is for, what it produces, what the party submits. For each local contact."""

    party_name: Text
    deliverables: tuple[Text, ...] = ()


class StageOpenedForContractor(Submits):
    """A stage is open: the deliverables expected of the contractor. For its contacts."""


class ToSign(BaseModel):
    """A deliverable that will be signed; ``act_label`` is the kind of act, as it follows « par »."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text
    act_label: Text | None = None

    @property
    def words(self) -> str:
        """« Charte, par une délibération du conseil »."""
        return f"{self.title}, par {self.act_label}" if self.act_label else self.title


class StageOpenedForSignatory(StageOpened):
    """A stage is open: what will have to be approved, and until when; nothing to do now. For each signatory.

    ``needs_council``: one of these acts is a deliberation, which a mayor puts on an agenda beforehand.
    """

    party_name: Text
    to_sign: tuple[ToSign, ...]
    needs_council: bool = False


class DeadlineExtended(StageDeadline):
    """There is more time. For everybody, or for the people of the one party that has it (``party_name``)."""

    due_on: date
    old_due_on: date | None = None
    reason: Text
    party_name: Text | None = None

    def headline(self) -> str:
        return french(f"{quoted(self.stage_title)} : délai prolongé jusqu’au {long_date(self.due_on)}")


class StrandsRequested(StageDeadline):
    """The strands of its consultation are asked of a city. For its local contact."""

    party_name: Text
    strands: tuple[Text, ...]

    def headline(self) -> str:
        return french(f"La concertation {of(self.party_name)} peut commencer")


class PeerReadingOpened(DeliverableMessage):
    """A peer's diagnosis can be read. For the other cities; ``until`` closes the crossed readings."""

    party_name: Text
    until: date | None = None

    def headline(self) -> str:
        return french(f"Regards croisés : {self.deliverable} est à lire")


class ContractorAwardAwaited(StageMessage):
    """The terms of reference are signed: the contract is to be awarded and recorded. For the ANCT's agent."""

    due_on: date | None = None

    def headline(self) -> str:
        return "Le prestataire est à désigner"


class ContractorAppointed(StageMessage):
    """The contractor is known; ``members`` are the consortium, its lead excepted. For every party."""

    contractor_name: Text
    members: tuple[Text, ...] = ()
    contact_name: Text | None = None
    contact_email: Text | None = None

    def headline(self) -> str:
        return french(f"Le prestataire est désigné : {self.contractor_name}")


class StageSignedOff(StageMessage):
    """Every party has signed each deliverable of the stage. For everybody but the ANCT's agent, whom the
    message about what is then theirs to do tells it (``agency_signature_requested``, ``contractor_award_awaited``).
    """

    parties: tuple[Text, ...]

    def headline(self) -> str:
        return french(f"{quoted(self.stage_title)} : tout le monde a validé")


class StageClosed(StageMessage):
    """The books of the stage are closed; the next one, if any, waits for the ANCT. For everybody but its agent."""

    closed_on: date
    deliverables: tuple[Text, ...] = ()
    next_stage_title: Text | None = None

    def headline(self) -> str:
        return french(f"L’étape {quoted(self.stage_title)} est terminée")


class StageClosedForAgent(StageClosed):
    """The books are closed, and the next stage is theirs to open. For the ANCT's agent."""

    def headline(self) -> str:
        if self.next_stage_title:
            return french(f"Vous pouvez ouvrir l’étape {quoted(self.next_stage_title)}")
        return super().headline()
