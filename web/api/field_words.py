"""What is wrong with the values of a request, one by one, in French, each with where it is."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from models.field_error import in_french

Errors = Sequence[Any]

_OBJECT = "un objet est attendu ici ; écrivez-le entre accolades"
_OF_JSON = {
    "list_type": "une liste est attendue ici ; écrivez-la entre crochets",
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "string_type": "un texte est attendu ici ; écrivez-le entre guillemets, même si c’est un code",
    "bool_type": "vrai ou faux est attendu ici ; écrivez true ou false",
    "bool_parsing": "vrai ou faux est attendu ici ; écrivez true ou false",
}
"""Where the words for a file written by hand (YAML) would mislead who writes JSON."""


def field_words(errors: Errors, model: type[BaseModel] | None = None) -> Iterator[tuple[str, str]]:
    """Each pointer with its sentence. ``model`` is what the body should be: its keys are listed when one is missing."""
    for error in errors:
        yield pointer(error["loc"]), _sentence(error, model)


def pointer(loc: Sequence[str | int]) -> str:
    """« #/period/from » in the body, « ?page » in the query, « {number} » in the path."""
    place, *steps = loc
    if place == "query":
        return "?" + ".".join(map(str, steps))
    if place == "path":
        return "{" + ".".join(map(str, steps)) + "}"
    return "#" + "".join("/" + _step(each) for each in steps)


def _step(step: str | int) -> str:
    """RFC 6901, « ~ » and « / » escaped; what is no character is shown as such."""
    text = str(step).encode("utf-8", "replace").decode("utf-8")
    return text.replace("~", "~0").replace("/", "~1")


def _sentence(error: dict[str, Any], model: type[BaseModel] | None) -> str:
    if error["type"] in _OF_JSON:
        return _OF_JSON[error["type"]]
    details = ErrorDetails(
        type=error["type"],
        loc=tuple(error["loc"][1:]),
        msg=error["msg"],
        input=error.get("input"),
        ctx=error.get("ctx") or {},
    )
    return in_french(details, model)
