"""A council's deliberation as a form gives it: text fields, empty for what is unknown, with its own error messages."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from models.council_deliberation import CouncilDeliberation
from models.field_error import in_french
from models.refusal import Refusal
from notifications.typography import long_date

LABELS = {
    "number": "Numéro de la délibération",
    "session_date": "Date de la séance",
    "subject": "Objet",
    "matter_code": "Code de matière",
    "matter_name": "Matière",
    "members_in_office": "Membres en exercice",
    "present": "Présents",
    "represented": "Représentés",
    "second_convocation": "Seconde convocation",
    "failed_session_date": "Séance sans quorum",
    "votes_for": "Voix pour",
    "votes_against": "Voix contre",
    "abstentions": "Abstentions",
    "president_vote_for": "Vote du président",
    "secret_ballot": "Scrutin secret",
    "secretary": "Secrétaire de séance",
    "signed_by_mayor": "Signée par le maire",
    "signed_by_secretary": "Signée par le secrétaire",
    "published_on": "Publiée le",
    "transmitted_on": "Transmise au préfet le",
    "prefecture_id": "Identifiant de la préfecture",
    "acknowledgement": "Accusé de réception",
}
"""Every field of a ``CouncilDeliberation``, in the order of the form, and its label there."""
_YES_OR_NO = {"oui": True, "non": False}


class InvalidFields(Refusal):
    """Fields to fill in again; ``problems`` are sentences, one per field."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))


def deliberation_of(fields: Mapping[str, str]) -> CouncilDeliberation:
    """The deliberation of these fields, named as its own; raises ``InvalidFields``, every one that is wrong."""
    values = {name: value for name in LABELS if (value := _value(fields.get(name, "").strip())) is not None}
    try:
        return CouncilDeliberation.model_validate(values)
    except ValidationError as error:
        raise InvalidFields([_sentence(each) for each in error.errors()]) from None


def council_facts(deliberation: CouncilDeliberation) -> list[tuple[str, str]]:
    """Its data besides number, session, subject and matter: labels and values, in the order of the form."""
    facts = []
    for name, label in list(LABELS.items())[5:]:
        value = getattr(deliberation, name)
        if value is None or (value is False and name in ("second_convocation", "secret_ballot")):
            continue
        facts.append((label, _in_words(name, value)))
    return facts


def _in_words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return {"president_vote_for": ("contre", "pour")}.get(name, ("non", "oui"))[value]
    return long_date(value) if isinstance(value, date) else str(value)


def _value(text: str) -> Any:
    return _YES_OR_NO.get(text, text or None)


def _sentence(error: ErrorDetails) -> str:
    is_missing = error["type"] == "missing"
    advice = "indiquez-le, il est toujours connu" if is_missing else in_french(error, CouncilDeliberation)
    return f"« {LABELS[str(error['loc'][0])]} » : {advice}."
