"""The values of addresses and bodies that operations share."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from models.columns import LONGEST_CODE, LONGEST_LINE, REASON
from models.iso_date import IsoDate

LARGEST = 2**31 - 1

Slug = Annotated[str, Path(description="L’identifiant du projet.", examples=["democratie-culturelle"])]
StageName = Annotated[str, Path(description="La clé de l’étape.", examples=["charter"])]
DeliverableName = Annotated[str, Path(description="La clé du livrable.", examples=["charte"])]
Number = Annotated[int, Path(ge=1, le=LARGEST, description="Son numéro.")]
OwnerCode = Annotated[
    str | None,
    Query(
        max_length=LONGEST_CODE,
        description="La ville dont c’est le livrable ; sans elle, le livrable commun.",
    ),
]

Day = IsoDate
"""Year-month-day; far from the ends of the calendar, so that weeks may be added to it."""


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("rule", "{text}", {"text": "ce texte porte un caractère nul ; retirez-le"})
    return text


Clean = AfterValidator(_without_nul)
Reason = Annotated[
    str,
    REASON.needed,
    Field(description="Le motif, en clair : il est dit et gardé au journal."),
]
Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_LINE),  # a name in its place is answered with the code
    Clean,
    Field(description="Le code de la collectivité, en texte.", examples=["79191"]),
]


class Asked(BaseModel):
    """What a request's body is: no key that we do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)
