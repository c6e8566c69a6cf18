"""The receipt of a sign-off, to its signer."""

from dataclasses import asdict, replace
from typing import Annotated

from pydantic import AfterValidator

from notifications.attestation import Attestation, attestation_pdf
from notifications.message import DeliverableMessage
from notifications.outgoing_mail import DocumentPart
from notifications.typography import french, of, visible


def _printable(values: Attestation) -> Attestation:
    words = {name: visible(value) for name, value in asdict(values).items() if isinstance(value, str)}
    return replace(values, **words)  # type: ignore[arg-type]


class SignOffGivenForSignatory(DeliverableMessage):
    """A sign-off is recorded: what was decided, and its attestation. For who signed, and who recorded a paper.

    ``is_recorder``: the reader recorded what somebody else had signed on paper.
    """

    attestation: Annotated[Attestation, AfterValidator(_printable)]
    is_recorder: bool = False

    @property
    def party(self) -> str:
        """The party that decided."""
        return self.attestation.party_name

    @property
    def decided(self) -> str:
        """« approuvé avec réserves la version 2 du document « Diagnostic » de Niort »."""
        return f"{self.attestation.decision} la version {self.attestation.version} du document {self.deliverable}"

    def headline(self) -> str:
        whose = f"La validation {of(self.party)}" if self.is_recorder else "Votre validation"
        return french(f"{whose} est enregistrée : {self.deliverable}")

    def document(self) -> DocumentPart:
        """The attestation, made now."""
        return DocumentPart(attestation_pdf(self.attestation), self.attestation.file_title)
