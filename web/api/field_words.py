"""What is wrong with the values of a request, one by one, in French, each with where it is."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from models.field_error import in_french

Errors = Sequence[Any]

_OF_JSON = {
    "list_type": "une liste est attendue ici",
    "model_type": "un objet est attendu ici",
    "model_attributes_type": "un objet est attendu ici",
    "dict_type": "un objet est attendu ici",
    "string_unicode": "ce texte porte des caractères qui n’en sont pas",
    "string_type": "un texte est attendu ici (un code est un texte : entre guillemets)",
    "bool_type": "true ou false est attendu ici",
    "bool_parsing": "true ou false est attendu ici",
    "json_invalid": "ce n’est pas du JSON",
    "json_type": "un texte JSON est attendu ici",
}
"""Where the words for a file written by hand (YAML) would mislead who writes JSON."""
_ENGLISH = "cette valeur n’est pas acceptée ici"


def field_words(errors: Errors, model: type[BaseModel] | None = None) -> Iterator[tuple[str, str]]:
    """Each pointer with its sentence. ``model`` is what the body should be: its keys are listed when one is missing."""
    for error in errors:
        yield pointer(error["loc"]), _sentence(error, model or _Nothing)


class _Nothing(BaseModel):
    """No key at all."""


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


def _sentence(error: dict[str, Any], model: type[BaseModel]) -> str:
    kind = error["type"]
    if kind == "rule":
        return str(error["msg"])
    if kind in _OF_JSON:
        return _OF_JSON[kind]
    raw = _shown(error.get("input"))
    details = ErrorDetails(
        type=kind,
        loc=tuple(error["loc"][1:]),
        msg=error["msg"],
        input=error.get("input"),
        ctx=error.get("ctx") or {},
    )
    sentence = in_french(details, model, raw)
    return _ENGLISH if sentence == error["msg"] else sentence


def _shown(value: object) -> str:
    """A value as a sentence may quote it: readable, and not as long as somebody likes."""
    text = str(value).encode("utf-8", "replace").decode("utf-8")
    text = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return text if len(text) <= 80 else f"{text[:80]}…"
