"""Every failure of the API is a problem in French; never a page, never a trace."""

from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from database.outage import Outage, Reader
from models.refusal import Refusal
from web.api import kinds
from web.api.field_words import field_words
from web.api.problem import answer_problem
from web.refusals import kind_of
from web.server.methods import answer_options
from web.server.outages import sentence_for

SENTENCES = {
    400: "La demande n’est pas lisible : envoyez du JSON en UTF-8, ou le formulaire prévu, sans caractère nul.",
    404: "Il n’y a rien à cette adresse : la liste des opérations est à « /api/v1/openapi.json ».",
    405: "Cette adresse ne répond pas à cette méthode : celles qu’elle connaît sont dans l’en-tête « Allow ».",
    408: "La demande n’est pas arrivée à temps, rien n’a été enregistré : recommencez sur un meilleur réseau.",
    413: "La demande est trop longue : 64 Ko au plus, et pour un fichier la limite de la plateforme.",
    415: "Le corps n’a pas le format prévu : dites-le par l’en-tête « Content-Type », comme OpenAPI l’indique.",
    422: "Des valeurs sont à corriger : « errors » dit lesquelles.",
    500: "La demande n’a pas abouti, et la panne est de notre côté : réessayez, et prévenez l’exploitant si cela dure.",
    503: "Une partie de la plateforme est indisponible : réessayez dans un instant.",
}


class WrongFields(Exception):
    """Invalid fields of a form that we read ourselves; ``prefix`` is where they stand in the body."""

    def __init__(self, error: ValidationError, model: type[BaseModel], *prefix: str) -> None:
        self.model, self.prefix = model, prefix
        self.errors = error.errors(include_url=False)
        super().__init__(str(error))


def answer_failures(api: FastAPI) -> None:
    """Turn what is raised into a problem."""

    @api.exception_handler(Refusal)
    def refused(request: Request, refusal: Refusal) -> JSONResponse:
        return answer_problem(kind_of(refusal), str(refusal))

    @api.exception_handler(RequestValidationError)
    def not_understood(request: Request, failure: RequestValidationError) -> JSONResponse:
        errors = failure.errors()
        if any(each["type"] == "json_invalid" for each in errors):
            return _of_http(400)
        if _is_other_format(request, errors):
            return _of_http(415)
        body = getattr(request.scope.get("route"), "body_field", None)
        model = body.field_info.annotation if body is not None else None
        return _wrong_values(
            errors, model if isinstance(model, type) and issubclass(model, BaseModel) else None
        )

    @api.exception_handler(WrongFields)
    def wrong_fields(request: Request, failure: WrongFields) -> JSONResponse:
        placed = [{**each, "loc": ("body", *failure.prefix, *each["loc"])} for each in failure.errors]
        return _wrong_values(placed, failure.model)

    @api.exception_handler(HTTPException)
    def of_http(request: Request, failure: HTTPException) -> Response:
        if options := answer_options(request, failure):
            return options
        status = failure.status_code if failure.status_code in SENTENCES else 400
        return _of_http(status, dict(failure.headers or {}))

    @api.exception_handler(DataError)
    @api.exception_handler(psycopg.DataError)
    def too_large(request: Request, failure: Exception) -> JSONResponse:
        return answer_problem(
            kinds.WRONG_VALUES, "Une des valeurs ne tient pas dans la base : raccourcissez-la."
        )

    @api.exception_handler(Exception)
    def broken(request: Request, failure: Exception) -> JSONResponse:
        return _of_http(500)


def refuse_request(request: Request, status: int) -> JSONResponse:
    """The problem of a request that was turned away at the door (``web.server.clean_requests``)."""
    return _of_http(status)


def answer_outage(request: Request, outage: Outage) -> JSONResponse:
    """The problem that an outage is."""
    kind = kinds.OUTCOME_UNKNOWN if outage.is_unknown else kinds.OF_OUTAGES[outage.kind]
    return answer_problem(kind, sentence_for(request, outage, Reader.program))


def _of_http(status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    return answer_problem(kinds.OF_HTTP[status], SENTENCES[status], headers=headers)


def _wrong_values(errors: Any, model: type[BaseModel] | None) -> JSONResponse:
    problems = list(field_words(errors, model))
    return answer_problem(kinds.WRONG_VALUES, SENTENCES[422], errors=problems)


def _is_other_format(request: Request, errors: Any) -> bool:
    """A body that was not read as JSON, because its type says otherwise."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    whole = any(tuple(each["loc"]) == ("body",) for each in errors)
    is_json = media_type == "application/json" or media_type.endswith("+json")
    return whole and bool(media_type) and not is_json
