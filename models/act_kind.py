"""The kinds of act by which a party says yes, from the lightest to the most solemn."""

from collections.abc import Mapping

from models.labelled_enum import LabelledEnum


class ActKind(LabelledEnum):
    """How a sign-off was decided; the order of the members is their strength (rule 5)."""

    technical_validation = "technical_validation", "validation technique"
    elected_signature = "elected_signature", "signature d’un élu"
    mayoral_decision = "mayoral_decision", "décision du maire"
    deliberation = "deliberation", "délibération du conseil"

    @property
    def with_article(self) -> str:
        """As it follows « par » or « il faut » (« une délibération du conseil »)."""
        return _WITH_ARTICLE[self]

    def satisfies(self, expected: "ActKind") -> bool:
        """Whether this act is at least as solemn as the one expected."""
        order = list(ActKind)
        return order.index(self) >= order.index(expected)


_WITH_ARTICLE = {
    ActKind.technical_validation: "une validation technique",
    ActKind.elected_signature: "la signature d’un élu",
    ActKind.mayoral_decision: "une décision du maire",
    ActKind.deliberation: "une délibération du conseil",
}


def act_expected(acts: Mapping[str, str], key: str, default: ActKind) -> ActKind:
    """The kind of act a party gives on the deliverable of this key: the lifecycle's default, or more if it wishes.

    ``acts`` is what the party asks for, by deliverable key (``Party.acts``); a wish for less does not count.
    """
    wished = ActKind(acts.get(key, default))
    return wished if wished.satisfies(default) else default
