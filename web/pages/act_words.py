"""The kinds of act, with their article, as pages name them."""

from models.act_kind import ActKind

ACTS = {
    ActKind.technical_validation: "une validation technique",
    ActKind.elected_signature: "la signature d’un élu",
    ActKind.mayoral_decision: "une décision du maire",
    ActKind.deliberation: "une délibération du conseil",
}
"""« par une délibération du conseil »."""
