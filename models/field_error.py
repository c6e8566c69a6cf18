"""Translate Pydantic errors into French."""

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

Loc = tuple[str | int, ...]


def located_errors(title: str, problems: Iterable[tuple[Loc, str]]) -> ValidationError:
    """The error a model validator raises when it knows which fields, below its own, are at fault.

    Each location is relative to the validated model; pydantic adds what is above it.
    """
    return ValidationError.from_exception_data(
        title,
        [
            InitErrorDetails(type=PydanticCustomError("rule", "{text}", {"text": text}), loc=loc, input=None)
            for loc, text in problems
        ],
    )


def in_french(error: ErrorDetails, model: type[BaseModel], raw: str | None = None) -> str:
    """One sentence without its final full stop: what is wrong and what to write instead.

    ``raw`` is the value as it stands in the file (``01053`` and not the number a reader made of it).
    """
    kind = error["type"]
    if kind == "extra_forbidden":
        return _unknown_key(error["loc"], model)
    for prefix, tell in _TELLERS.items():
        if kind.startswith(prefix):
            return tell(error, raw if raw is not None else str(error["input"]))
    return _own_words(error)


def field_name(loc: Loc) -> str:
    """A location as people write it: ``stages[1].deliverables[0].act``; empty for the whole file."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return "".join(steps).removeprefix(".")


def _unknown_key(loc: Loc, model: type[BaseModel]) -> str:
    allowed = sorted(_keys_at(model, loc[:-1]))
    near = _did_you_mean(str(loc[-1]), allowed)
    return f"clé inconnue ; clés possibles : {', '.join(allowed)}{near}"


def _did_you_mean(word: str, allowed: list[str]) -> str:
    near = get_close_matches(word, allowed, n=1, cutoff=0.6)
    return f" ; vouliez-vous dire « {near[0]} » ?" if near else ""


def _keys_at(model: type[BaseModel], loc: Loc) -> set[str]:
    candidates = [model]
    for step in loc:
        below = [model for one in candidates for model in _models_under(one, step)]
        candidates = below or candidates
    return {field.alias or name for one in candidates for name, field in one.model_fields.items()}


def _models_under(model: type[BaseModel], step: str | int) -> Iterator[type[BaseModel]]:
    for name, field in model.model_fields.items():
        if step == (field.alias or name):
            yield from _models_in(field.annotation)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _expected_text(error: ErrorDetails, raw: str) -> str:
    value = error["input"]
    if value is None or value == "":
        return "valeur vide ; écrivez un texte"
    if isinstance(value, bool):
        return f'« {raw} » est lu comme vrai ou faux ; mettez le mot entre guillemets : "{raw}"'
    if isinstance(value, int | float):
        return f'« {raw} » est lu comme un nombre ; mettez le code entre guillemets : "{raw}"'
    return "un texte est attendu, et non une liste ni des clés"


def _expected_choice(error: ErrorDetails, raw: str) -> str:
    allowed = re.findall(r"'([^']*)'", error["ctx"]["expected"])
    if error["input"] is None:
        return f"valeur vide ; valeurs possibles : {', '.join(allowed)}"
    near = _did_you_mean(raw, allowed)
    return f"valeur « {raw} » inconnue ; valeurs possibles : {', '.join(allowed)}{near}"


_SHAPES = {
    r"^\d\.\d{1,2}$": "écrivez le code matière en deux nombres, par exemple 7.10 (nomenclature ACTES)",
    r"^(PREF\d{2}[\dAB]|SPREF\d{2}[\dAB]\d|SGAR\d{3})$": "écrivez par exemple PREF078, SPREF0782 ou SGAR011",
    r"^[0-9a-f]{64}$": "écrivez l’empreinte entière, 64 chiffres ou lettres de a à f",
}
"""What to write instead, by the pattern of the field."""


def _expected_shape(error: ErrorDetails, raw: str) -> str:
    advice = _SHAPES.get(error["ctx"]["pattern"], "corrigez la valeur")
    return f"« {raw} » n’a pas la forme attendue ; {advice}"


def _bound(words: str, key: str) -> Callable[[ErrorDetails, str], str]:
    return lambda error, raw: f"« {raw} » est hors limites ; écrivez un nombre {words} {error['ctx'][key]}"


def _fixed(text: str) -> Callable[[ErrorDetails, str], str]:
    return lambda _error, _raw: text


def _date(error: ErrorDetails, raw: str) -> str:
    if error["input"] in (None, ""):
        return "date absente ; écrivez-la année-mois-jour, par exemple 2021-07-12"
    return f"« {raw} » n’est pas une date ; écrivez-la année-mois-jour, par exemple 2021-07-12"


def _length(error: ErrorDetails, raw: str) -> str:
    at_most = error["ctx"]["max_length"]
    return f"texte de {len(raw)} caractères ; raccourcissez-le à {at_most} caractères au plus"


def _too_few(error: ErrorDetails, _raw: str) -> str:
    return f"liste trop courte ; il en faut au moins {error['ctx']['min_length']}"


def _too_many(error: ErrorDetails, _raw: str) -> str:
    return f"liste trop longue ; il en faut au plus {error['ctx']['max_length']}"


def _number(error: ErrorDetails, raw: str) -> str:
    if error["input"] is None:
        return "valeur vide ; écrivez un nombre"
    return f"« {raw} » n’est pas un nombre entier ; écrivez-le en chiffres, sans guillemets"


def _amount(_error: ErrorDetails, raw: str) -> str:
    return f"« {raw} » n’est pas un montant ; écrivez-le en chiffres, par exemple 12500.50"


def _own_words(error: ErrorDetails) -> str:
    reason = error.get("ctx", {}).get("error")
    if "valid email" in error["msg"]:
        return f"« {error['input']} » n’est pas une adresse électronique ; corrigez-la"
    return str(reason) if reason is not None else error["msg"]


_KEYS_WANTED = _fixed("des clés et leurs valeurs sont attendues ici (clé: valeur)")
_LIST_WANTED = _fixed("une liste est attendue ici ; une ligne par élément, chacune après un tiret")

# Longer beginnings first: the first that fits speaks.
_TELLERS: dict[str, Callable[[ErrorDetails, str], str]] = {
    "missing": _fixed("clé obligatoire absente ; ajoutez-la avec sa valeur"),
    "string_type": _expected_text,
    "string_too_short": _fixed("valeur trop courte ou vide ; complétez-la"),
    "string_too_long": _length,
    "string_pattern_mismatch": _expected_shape,
    "enum": _expected_choice,
    "literal_error": _expected_choice,
    "greater_than_equal": _bound("au moins égal à", "ge"),
    "greater_than": _bound("supérieur à", "gt"),
    "less_than_equal": _bound("au plus égal à", "le"),
    "less_than": _bound("inférieur à", "lt"),
    "datetime_": _date,
    "date_": _date,
    "int_": _number,
    "bool_": _fixed("vrai ou faux est attendu ; écrivez true ou false, sans guillemets"),
    "decimal_": _amount,
    "finite_number": _amount,
    "float_": _amount,
    "too_short": _too_few,
    "too_long": _too_many,
    "list_type": _LIST_WANTED,
    "tuple_type": _LIST_WANTED,
    "model_": _KEYS_WANTED,
    "dict_type": _KEYS_WANTED,
}
