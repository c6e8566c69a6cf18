"""The national open-data schema SCDL « Délibérations » (2.1): one row per deliberation."""

import re

from models.council_deliberation import CouncilDeliberation
from models.refusal import Refusal

SCDL_COLUMNS = (
    "COLL_NOM",
    "COLL_SIRET",
    "DELIB_ID",
    "DELIB_DATE",
    "DELIB_MATIERE_CODE",
    "DELIB_MATIERE_NOM",
    "DELIB_OBJET",
    "BUDGET_ANNEE",
    "BUDGET_NOM",
    "PREF_ID",
    "PREF_DATE",
    "VOTE_EFFECTIF",
    "VOTE_REEL",
    "VOTE_POUR",
    "VOTE_CONTRE",
    "VOTE_ABSTENTION",
    "DELIB_URL",
)

MATTERS = {
    "1": "Commande publique",
    "2": "Urbanisme",
    "3": "Domaine et patrimoine",
    "4": "Fonction publique",
    "5": "Institutions et vie politique",
    "6": "Libertés publiques et pouvoirs de police",
    "7": "Finances locales",
    "8": "Domaines de compétences par thèmes",
    "8.9": "Culture",
    "9": "Autres domaines de compétences",
}
"""Names of the nomenclature ACTES that stand in for one that was not given; a code has its domain's name."""


class NotASiret(Refusal):
    """The export wants fourteen digits."""

    def __init__(self, collectivity_name: str, siret: str) -> None:
        super().__init__(
            f"« {siret} » n’est pas le SIRET de {collectivity_name} : écrivez ses 14 chiffres "
            "(le SIREN, puis les 5 chiffres de l’établissement)."
        )


def scdl_row(
    deliberation: CouncilDeliberation, *, collectivity_name: str, siret: str, url: str | None
) -> dict[str, str]:
    """The deliberation under ``SCDL_COLUMNS``, in order; what is unknown is empty, dates are ISO.

    ``siret`` has 14 digits (raises ``NotASiret``); ``url`` is the public address of the act, None for none.
    """
    if not re.fullmatch(r"[0-9]{14}", siret):
        raise NotASiret(collectivity_name, siret)
    values = (
        collectivity_name,
        siret,
        deliberation.number,
        deliberation.session_date,
        deliberation.matter_code,
        deliberation.matter_name or matter_name(deliberation.matter_code),
        deliberation.subject,
        None,
        None,
        deliberation.prefecture_id,
        deliberation.transmitted_on,
        deliberation.members_in_office,
        _voters(deliberation),
        deliberation.votes_for,
        deliberation.votes_against,
        deliberation.abstentions,
        url,
    )
    return {
        column: "" if value is None else str(value)
        for column, value in zip(SCDL_COLUMNS, values, strict=True)
    }


def matter_name(code: str) -> str:
    """Name of a matter of the nomenclature ACTES, or of its domain; « Matière 0.1 » for one outside of it."""
    return MATTERS.get(code) or MATTERS.get(code[0]) or f"Matière {code}"


def _voters(deliberation: CouncilDeliberation) -> int | None:
    """Members who took part in the vote: counted from the votes, else from those who could."""
    votes_for, against, abstentions = (
        deliberation.votes_for,
        deliberation.votes_against,
        deliberation.abstentions,
    )
    if votes_for is not None and against is not None and abstentions is not None:
        return votes_for + against + abstentions
    if deliberation.present is not None and deliberation.represented is not None:
        return deliberation.present + deliberation.represented
    return None
