"""What operations declare alike: the problems they may answer, pages and their links, the shapes of values."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from fastapi import Path, Query, Request
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from models.columns import LONGEST_CODE, LONGEST_LINE, LONGEST_REASON, LONGEST_TEXT
from models.iso_date import IsoDate
from models.paging import page_shown
from web.api.problem import MEDIA_TYPE
from web.pages.rendering import query_of

A_PAGE = 50
LARGEST = 2**31 - 1

DESCRIPTIONS = {
    400: "Le corps ou l’adresse n’est pas lisible.",
    401: "Pas de jeton, ou un jeton inconnu, expiré ou révoqué.",
    403: "Réservé à un autre rôle, ou jeton de lecture seule.",
    404: "Introuvable, ou hors de vue : dans un projet où le titulaire du jeton n’a pas de rôle.",
    408: "La demande n’est pas arrivée à temps.",
    409: "Une règle s’y oppose dans l’état actuel du projet ; « detail » dit laquelle et que faire.",
    413: "Demande ou fichier trop gros.",
    415: "Corps d’un autre format, ou sorte de fichier refusée.",
    422: "Des valeurs sont à corriger ; « errors » dit lesquelles.",
    429: "Ce jeton demande trop souvent.",
    500: "Panne de notre côté.",
    503: "La base, le disque, les fichiers ou l’antivirus sont indisponibles ; « code » dit lequel.",
    507: "Plus de place pour les fichiers.",
}
_WAIT = {"description": "Secondes à attendre.", "schema": {"type": "integer"}}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "« Bearer ».", "schema": {"type": "string"}}},
    429: {"Retry-After": _WAIT},
    503: {"Retry-After": _WAIT},
}
DONE = "Fait."
_ALWAYS = (400, 401, 429, 500, 503)
_OF_BODIES = (403, 408, 413, 415, 422)
WRITES = (*_OF_BODIES, 404, 409)
"""What an operation that writes may answer besides."""


def problems(*statuses: int, always: tuple[int, ...] = _ALWAYS) -> dict[int | str, dict[str, Any]]:
    """The problems that an operation declares: these, and those that every one may answer."""
    return {
        status: {
            "description": DESCRIPTIONS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
        }
        for status in sorted({*always, *statuses})
    }


Slug = Annotated[str, Path(description="L’identifiant du projet.", examples=["democratie-culturelle"])]
StageName = Annotated[str, Path(description="La clé de l’étape.", examples=["charter"])]
DeliverableName = Annotated[str, Path(description="La clé du livrable.", examples=["charte"])]
Number = Annotated[int, Path(ge=1, le=LARGEST, description="Son numéro.")]
Page = Annotated[
    int,
    Query(ge=1, le=100_000, description="La page, 50 lignes chacune ; l’en-tête « Link » mène aux autres."),
]
OwnerCode = Annotated[
    str | None,
    Query(
        max_length=LONGEST_CODE,
        description="La ville dont c’est le livrable ; sans elle, le livrable commun.",
    ),
]

Moment = TypeVar("Moment", bound=date)


def of_our_time(day: Moment) -> Moment:
    """The day, or the instant, provided that it is far from the ends of the calendar."""
    if not 1900 <= day.year <= 2199:
        raise PydanticCustomError("rule", "{text}", {"text": "cette date est hors limites, de 1900 à 2199"})
    return day


Day = Annotated[IsoDate, AfterValidator(of_our_time)]
"""Year-month-day; far from the ends of the calendar, so that weeks may be added to it."""


def _without_nul(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("rule", "{text}", {"text": "ce texte porte un caractère nul ; retirez-le"})
    return text


Clean = AfterValidator(_without_nul)
Reason = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_REASON),
    Clean,
    Field(description="Le motif, en clair : il est dit et gardé au journal."),
]
Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_CODE),
    Clean,
    Field(description="Le code de la collectivité, en texte.", examples=["79191"]),
]
Words = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LINE), Clean]
Text = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT), Clean]


class Asked(BaseModel):
    """What a request's body is: no key that we do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def link_pages(request: Request, answer: Response, page: int, count: int) -> None:
    """Say where the other pages are (RFC 8288) and how many lines there are of all."""
    _, last = page_shown(count, page, A_PAGE)
    places = {"first": 1, "prev": page - 1, "next": page + 1, "last": last}
    answer.headers["Link"] = ", ".join(
        f'<{request.url.path}{query_of(request, {"page": number})}>; rel="{name}"'
        for name, number in places.items()
        if 1 <= number <= last
    )
    answer.headers["X-Total-Count"] = str(count)


PAGED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "Link": {"description": "Les autres pages (RFC 8288).", "schema": {"type": "string"}},
            "X-Total-Count": {"description": "Combien de lignes en tout.", "schema": {"type": "integer"}},
        }
    }
}
