"""The kinds of act by which a party says yes, from the lightest to the most solemn."""

from enum import StrEnum


class ActKind(StrEnum):
    """How a sign-off was decided; the order of the members is their strength (rule 5)."""

    technical_validation = "technical_validation"
    elected_signature = "elected_signature"
    mayoral_decision = "mayoral_decision"
    deliberation = "deliberation"

    @property
    def label(self) -> str:
        return ACT_LABELS[self]

    @property
    def with_article(self) -> str:
        """As it follows « par » or « il faut » (« une délibération du conseil »)."""
        return ACTS_WITH_ARTICLE[self]

    def satisfies(self, expected: "ActKind") -> bool:
        """Whether this act is at least as solemn as the one expected."""
        order = list(ActKind)
        return order.index(self) >= order.index(expected)

    def or_more(self, wished: "ActKind") -> "ActKind":
        """The more solemn of this act and of the one a party wishes for: a wish never asks for less."""
        return wished if wished.satisfies(self) else self


ACT_LABELS = {
    ActKind.technical_validation: "validation technique",
    ActKind.elected_signature: "signature d’un élu",
    ActKind.mayoral_decision: "décision du maire",
    ActKind.deliberation: "délibération du conseil",
}
ACTS_WITH_ARTICLE = {
    ActKind.technical_validation: "une validation technique",
    ActKind.elected_signature: "la signature d’un élu",
    ActKind.mayoral_decision: "une décision du maire",
    ActKind.deliberation: "une délibération du conseil",
}
