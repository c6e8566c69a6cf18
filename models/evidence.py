"""On what evidence an authority to sign rests (docs/rules.md, « Authority: two keys »)."""

from models.labelled_enum import LabelledEnum


class Evidence(LabelledEnum):
    """From the weakest to the strongest; it stands on each office, delegation and sign-off.

    What one side alone has said is ``declared``: an office recorded before two keys were asked for.
    """

    declared = "declared", "déclarée"
    confirmed = "confirmed", "confirmée par la ville"
    act = "act", "prouvée par un acte"
    proconnect = "proconnect", "ProConnect de l’organisation"

    @property
    def as_sentence(self) -> str:
        """As it is read on a receipt, after « Autorité : »."""
        return SENTENCES[self]


SENTENCES = {
    Evidence.declared: "déclarée, sans seconde confirmation",
    Evidence.confirmed: "confirmée par la collectivité",
    Evidence.act: "prouvée par un acte",
    Evidence.proconnect: "reconnue par ProConnect, au nom de l’organisation",
}
