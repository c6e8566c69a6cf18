"""A city comes in after the charter, comes back, or becomes a signatory: by its council's act, from the next stage.

Pure rules (rule 6), asked by the actions under their lock.
"""

from datetime import date

from models.act_kind import ActKind
from models.council_deliberation import CouncilDeliberation
from models.party import Party, PartyRole
from models.proposal import ProposalKind
from models.refusal import Refusal


class NotAccepted(Refusal):
    """This local authority, or this act, does not enter so."""


class CharterSigned(NotAccepted):
    """Who joins after the charter signs it too: by its council's act, which the others gave before."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"La charte de ce projet est signée, et {name} entre en la signant aussi : joignez la délibération de son "
            "conseil, ses données et son fichier (« --act FICHIER.yaml --proof FICHIER »)."
        )


class AlreadyParty(NotAccepted):
    """The local authority is, or was, a party of the project."""

    def __init__(self, party: Party) -> None:
        left = " et l’a quitté" if party.left_at else ""
        advice = " ; proposez son retour (« Proposer son retour »)" if party.left_at else ""
        super().__init__(
            f"{party.address} est déjà entrée dans ce projet{left} : une partie n’y entre qu’une fois{advice}."
        )


def accession_refusal(kind: ProposalKind, party: Party | None, code: str) -> NotAccepted | None:
    """Why this local authority does not become a signatory so; ``party`` is what it is, or was, in the project."""
    if kind is ProposalKind.entry:
        return AlreadyParty(party) if party is not None else None
    if party is None:
        return NotAccepted(
            f"« {code} » n’a jamais été partie de ce projet : vérifiez son code, ou faites-la entrer."
        )
    if kind is ProposalKind.comeback:
        if party.left_at is not None:
            return None
        return NotAccepted(f"{party.address} n’a pas quitté ce projet : elle n’a pas à y revenir.")
    if party.left_at is not None:
        return NotAccepted(f"{party.address} a quitté ce projet : proposez d’abord son retour.")
    if party.role is not PartyRole.observer:
        return NotAccepted(f"{party.address} est déjà signataire de ce projet.")
    return None


def adhesion_refusal(party: Party, *, is_closed: bool, has_signed: bool) -> NotAccepted | None:
    """Why this party does not adhere to the charter, as a signatory that has not signed it does once it is closed."""
    if party.role is not PartyRole.signatory:
        return NotAccepted(f"{party.address} observe ce projet : elle n’en signe pas la charte.")
    if has_signed:
        return NotAccepted(f"{party.address} a déjà signé la charte : elle n’a pas à y adhérer.")
    if not is_closed:
        return NotAccepted(
            f"La charte n’est pas encore signée par toutes : {party.name} y adhère une fois son étape close."
        )
    return None


def council_refusal(
    kind: ActKind, deliberation: CouncilDeliberation | None, departement: str | None, name: str
) -> NotAccepted | None:
    """Why this is no act of this city's council: another sort of act, or one sent to another prefect.

    ``departement`` is None where it tells nothing: an EPCI may lie in several.
    """
    if kind is not ActKind.deliberation or deliberation is None:
        return NotAccepted(
            f"C’est le conseil de {name} qui décide : joignez sa délibération, avec ses données et son fichier "
            "(« --act FICHIER.yaml --proof FICHIER »)."
        )
    prefect = (deliberation.prefecture_id or "").removeprefix("S")
    if departement and prefect.startswith("PREF") and prefect[4:7] != departement.zfill(3):
        return NotAccepted(
            f"Cette délibération a été transmise à {deliberation.prefecture_id}, et {name} relève du département "
            f"{departement} : vérifiez que c’est bien l’acte de son conseil."
        )
    return None


def other_city_refusal(name: str, other: str) -> NotAccepted:
    """The document is recorded as the act of another city."""
    return NotAccepted(
        f"Ce document est déjà enregistré comme l’acte de {other} : joignez la délibération du conseil de {name}."
    )


def older_than_departure(name: str, acted_on: date, left_on: date) -> NotAccepted | None:
    """Why the act does not decide the return: it was taken before the city left."""
    if acted_on >= left_on:
        return None
    return NotAccepted(
        f"L’acte est du {acted_on:%d/%m/%Y}, et {name} a quitté le projet le {left_on:%d/%m/%Y} : joignez la "
        "délibération qui décide de son retour."
    )
