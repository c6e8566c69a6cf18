"""How operations are declared: on one line each, with the problems that they may answer."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter

from web.api.problem import MEDIA_TYPE

Handler = TypeVar("Handler", bound=Callable[..., Any])
Answers = dict[int | str, dict[str, Any]]

DONE = "Fait."
"""What the description says of an answer that needs no other word."""
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
_COMMON_STATUSES = (400, 401, 429, 500, 503)
_READ_STATUSES = (404, 422)
_WRITE_STATUSES = (403, 404, 408, 409, 413, 415, 422)
_PAGED: Answers = {
    200: {
        "headers": {
            "Link": {"description": "Les autres pages (RFC 8288).", "schema": {"type": "string"}},
            "X-Total-Count": {"description": "Combien de lignes en tout.", "schema": {"type": "integer"}},
        }
    }
}


def problems(*statuses: int, always: tuple[int, ...] = _COMMON_STATUSES) -> Answers:
    """The problems that an operation declares: these, and those that every one may answer."""
    return {
        status: {
            "description": DESCRIPTIONS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
        }
        for status in sorted({*always, *statuses})
    }


class ApiRouter(APIRouter):
    """The operations below an address: each is declared by its path, its ``operation_id`` and its summary.

    ``answers`` are OpenAPI responses that the operation has besides; ``options`` go to FastAPI as they are.
    """

    def reads(
        self,
        path: str,
        operation_id: str,
        summary: str,
        *,
        statuses: tuple[int, ...] = _READ_STATUSES,
        paged: bool = False,
        answers: Answers | None = None,
        **options: Any,
    ) -> Callable[[Handler], Handler]:
        """A ``GET`` that may answer the problems of these statuses; ``paged``, its handler takes a ``Page``."""
        responses = problems(*statuses) | (_PAGED if paged else {}) | (answers or {})
        return self.get(path, operation_id=operation_id, summary=summary, responses=responses, **options)

    def writes(
        self,
        path: str,
        operation_id: str,
        summary: str,
        *,
        status: int = 200,
        form: dict[str, Any] | None = None,
        answers: Answers | None = None,
    ) -> Callable[[Handler], Handler]:
        """A ``POST`` whose success is ``status``; ``form`` is what ``takes_form`` says of a body with a file."""
        return self.post(
            path,
            operation_id=operation_id,
            summary=summary,
            status_code=status,
            responses=problems(*_WRITE_STATUSES, *((507,) if form else ())) | (answers or {}),
            openapi_extra=form,
        )
