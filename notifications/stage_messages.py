"""Messages about a stage: it opens, asks for something, is signed off, closes."""

from datetime import date

from notifications.message import DeliverableMessage, StageMessage, Text
from notifications.typography import french, of, quoted


class StageOpenedForContact(StageMessage):
    """A stage is open: what it is for and what the party will be asked. For each local contact."""

    party_name: Text
    purpose: Text | None = None
    deliverables: tuple[Text, ...] = ()
    due_on: date | None = None

    def headline(self) -> str:
        return french(f"L’étape {quoted(self.stage_title)} est ouverte")


class StrandsRequested(StageMessage):
    """The strands of its consultation are asked of a city. For its local contact."""

    party_name: Text
    strands: tuple[Text, ...]
    due_on: date | None = None

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
    """Every party has signed each deliverable of the stage. For everybody."""

    parties: tuple[Text, ...]

    def headline(self) -> str:
        return french(f"{quoted(self.stage_title)} : tout le monde a validé")


class StageClosed(StageMessage):
    """The books of the stage are closed; the next one, if any, waits for the ANCT. For everybody."""

    closed_on: date
    deliverables: tuple[Text, ...] = ()
    next_stage_title: Text | None = None

    def headline(self) -> str:
        return french(f"L’étape {quoted(self.stage_title)} est terminée")
