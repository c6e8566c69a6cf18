"""Each kind of error that Pydantic has (``list_all_errors``), as a French sentence that says what to write instead."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from models.folded import is_same
from models.yaml_signs import sign_in

LONGEST_SHOWN = 80
"""Characters of a value that a sentence quotes."""

_NOT_TAKEN = "cette valeur n’est pas acceptée ici ; corrigez-la"
Teller = Callable[["Wrong"], str]


class Wrong:
    """A value that is wrong: its error, how it is written in the file, and the labels of its choices."""

    def __init__(self, error: ErrorDetails, raw: str | None, labels: Mapping[str, str]) -> None:
        self.value, self.limits = error["input"], error.get("ctx") or {}
        self.labels = labels
        self.message = error["msg"]
        self.text = raw if raw is not None else _as_text(self.value)

    @property
    def is_empty(self) -> bool:
        return self.value is None or self.value == ""

    @property
    def quoted(self) -> str:
        """« 01053 », as it is written; what it is, for what cannot be quoted."""
        if isinstance(self.value, list | tuple | set):
            return "une liste"
        if isinstance(self.value, dict):
            return "un groupe de clés"
        return f"« {shown(self.text)} »"


def sentence_for(error: ErrorDetails, raw: str | None, labels: Mapping[str, str]) -> str:
    """What is wrong and what to write, without a final full stop; ``raw`` as in ``in_french``."""
    wrong = Wrong(error, raw, labels)
    tell = _TELLERS.get(error["type"], _fixed(_NOT_TAKEN))
    sentence = tell(wrong)
    sign = sign_in(wrong.text) if tell in _OF_LOOKS and isinstance(wrong.value, str) else None
    return f"{sentence} (« {shown(wrong.text)} » contient {sign} : retapez le tout)" if sign else sentence


def shown(text: str) -> str:
    """A text as a sentence may quote it: readable, and not as long as somebody likes."""
    text = text[: LONGEST_SHOWN + 1].encode("utf-8", "replace").decode("utf-8")
    text = "".join(each if each.isprintable() else _stand_in(each) for each in text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def did_you_mean(word: str, allowed: Mapping[str, str]) -> str:
    """The nearest of what is allowed, as the end of a sentence; a French label stands for its value."""
    for value, label in allowed.items():
        if is_same(word, value) or (label and is_same(word, label)):
            return f" ; vouliez-vous dire « {value} » ?"
    near = get_close_matches(word, allowed, n=1, cutoff=0.6)
    return f" ; vouliez-vous dire « {near[0]} » ?" if near else ""


def _stand_in(char: str) -> str:
    return " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fixed(text: str) -> Teller:
    return lambda _wrong: text


def _not(what: str, advice: str) -> Teller:
    """« x » is not ``what``."""
    return lambda wrong: (
        f"valeur vide ; {advice}" if wrong.is_empty else f"{wrong.quoted} n’est pas {what} ; {advice}"
    )


def _bound(words: str, key: str) -> Teller:
    return lambda wrong: f"{wrong.quoted} est hors limites ; écrivez un nombre {words} {wrong.limits[key]}"


def _count(words: str, key: str) -> Teller:
    return lambda wrong: words.format(wrong.limits[key])


def _text(wrong: Wrong) -> str:
    if wrong.is_empty:
        return "valeur vide ; écrivez un texte"
    if isinstance(wrong.value, bool):
        return f'{wrong.quoted} est lu comme vrai ou faux ; mettez le mot entre guillemets : "{wrong.text}"'
    if isinstance(wrong.value, int | float):
        return f'{wrong.quoted} est lu comme un nombre ; mettez le code entre guillemets : "{wrong.text}"'
    return "un texte est attendu, et non une liste ni des clés ; écrivez-le après le deux-points"


def _choice(wrong: Wrong) -> str:
    allowed = dict.fromkeys(re.findall(r"'([^']*)'", wrong.limits["expected"]), "") | dict(wrong.labels)
    listed = ", ".join(f"{value} ({label})" if label else value for value, label in allowed.items())
    if wrong.is_empty:
        return f"valeur vide ; écrivez l’une de ces valeurs : {listed}"
    near = did_you_mean(wrong.text, allowed) if isinstance(wrong.value, str) else ""
    return f"valeur {wrong.quoted} inconnue ; écrivez l’une de ces valeurs : {listed}{near}"


SHAPES = {
    r"^\d\.\d{1,2}$": "écrivez le code matière en deux nombres, par exemple 7.10 (nomenclature ACTES)",
    r"^(PREF\d{2}[\dAB]|SPREF\d{2}[\dAB]\d|SGAR\d{3})$": "écrivez par exemple PREF078, SPREF0782 ou SGAR011",
    r"^[0-9a-f]{64}$": "écrivez l’empreinte entière, 64 chiffres ou lettres de a à f",
    r"^[a-z][a-z0-9_]*$": "écrivez une clé en minuscules sans accent, chiffres et « _ », par exemple plan_d_action",
    r"^[a-z][a-z0-9-]*$": "écrivez une clé en minuscules sans accent, chiffres et « - », par exemple projets-partages",
}
"""What to write instead, by the pattern of the field."""


def _shape(wrong: Wrong) -> str:
    advice = SHAPES.get(wrong.limits["pattern"], "corrigez la valeur")
    return (
        f"valeur vide ; {advice}"
        if wrong.is_empty
        else f"{wrong.quoted} n’a pas la forme attendue ; {advice}"
    )


def _length(wrong: Wrong) -> str:
    at_most = wrong.limits["max_length"]
    return f"texte de {len(wrong.text)} caractères ; raccourcissez-le à {at_most} caractères au plus"


def _reason(wrong: Wrong) -> str:
    """A rule of our own, which speaks for itself; or an address, which has none of ours."""
    if "reason" in wrong.limits:
        return f"{wrong.quoted} n’est pas une adresse électronique ; corrigez-la"
    return str(wrong.limits.get("error") or _NOT_TAKEN)


def _own_words(wrong: Wrong) -> str:
    return wrong.message


_MISSING = _fixed("clé obligatoire absente ; ajoutez-la avec sa valeur")
_KEYS_WANTED = _fixed(
    "des clés et leurs valeurs sont attendues ici ; écrivez-les sous la forme « clé: valeur »"
)
_LIST_WANTED = _fixed("une liste est attendue ici ; écrivez une ligne par élément, chacune après un tiret")
_DEEP = _fixed("les éléments sont trop imbriqués ; simplifiez-les")
_DATE = _not("une date", "écrivez-la année-mois-jour, par exemple 2021-07-12")
_INSTANT = _not(
    "une date et une heure", "écrivez-les avec leur décalage, par exemple 2027-01-12T14:00:00+01:00"
)
_TIME = _not("une heure", "écrivez-la heures:minutes, par exemple 14:30")
_DURATION = _not("une durée", "écrivez-la par exemple P3D pour trois jours")
_INTEGER = _not("un nombre entier", "écrivez-le en chiffres, sans guillemets")
_AMOUNT = _not("un montant", "écrivez-le en chiffres, par exemple 12500.50")
_TRUTH = _not("vrai ou faux", "écrivez true pour oui ou false pour non, sans guillemets")
_ADDRESS = _not("une adresse de page", "écrivez-la en entier, par exemple https://www.ville.example")
_IDENTIFIER = _not("un identifiant", "recopiez-le en entier")
_JSON = _fixed("ce texte n’est pas du JSON ; corrigez-le, les textes entre guillemets droits")
_UNICODE = _fixed("ce texte porte des caractères qui n’en sont pas ; retapez-le")
_UNKNOWN = _fixed("clé inconnue ; retirez-la")
_OF_LOOKS = {_DATE, _INSTANT, _TIME, _DURATION, _INTEGER, _AMOUNT, _TRUTH, _shape, _choice, _reason}
"""Where a sign that looks like another may be all that is wrong."""
_GROUPS: dict[Teller, str] = {
    _own_words: "rule",
    _reason: "value_error",
    _MISSING: "missing missing_argument missing_keyword_only_argument missing_positional_only_argument",
    _UNKNOWN: "extra_forbidden unexpected_keyword_argument unexpected_positional_argument",
    _fixed("une clé doit être un mot simple ; récrivez-la"): "invalid_key",
    _KEYS_WANTED: "model_type model_attributes_type dict_type frozen_dict_type ordered_dict_type counter_type "
    "mapping_type dataclass_type dataclass_exact_type named_tuple_type arguments_type union_tag_not_found",
    _LIST_WANTED: "list_type tuple_type set_type frozen_set_type deque_type iterable_type iteration_error",
    _DEEP: "recursion_loop recursion_depth_exceeded",
    _text: "string_type string_sub_type bytes_type",
    _UNICODE: "string_unicode bytes_invalid_encoding",
    _fixed(
        "ce texte a des lettres accentuées ou des signes typographiques ; retapez-le sans eux"
    ): "string_not_ascii",
    _fixed("valeur trop courte ou vide ; complétez-la"): "string_too_short bytes_too_short",
    _length: "string_too_long bytes_too_long url_too_long",
    _shape: "string_pattern_mismatch",
    _choice: "enum literal_error",
    _bound("au moins égal à", "ge"): "greater_than_equal",
    _bound("supérieur à", "gt"): "greater_than",
    _bound("au plus égal à", "le"): "less_than_equal",
    _bound("inférieur à", "lt"): "less_than",
    _bound("multiple de", "multiple_of"): "multiple_of",
    _count("liste trop courte ; complétez-la, il en faut au moins {}", "min_length"): "too_short",
    _count("liste trop longue ; retirez-en, il en faut au plus {}", "max_length"): "too_long",
    _fixed("ce champ doit rester vide ; retirez sa valeur"): "none_required",
    _TRUTH: "bool_type bool_parsing",
    _INTEGER: "int_type int_parsing int_from_float int_parsing_size",
    _AMOUNT: "finite_number float_type float_parsing decimal_type decimal_parsing fraction_type fraction_parsing "
    "complex_type complex_str_parsing",
    _count("ce nombre est trop long ; écrivez {} chiffres au plus", "max_digits"): "decimal_max_digits",
    _count(
        "ce nombre est trop précis ; écrivez {} chiffres au plus après le point", "decimal_places"
    ): "decimal_max_places",
    _count(
        "ce nombre est trop grand ; écrivez {} chiffres au plus avant le point", "whole_digits"
    ): "decimal_whole_digits",
    _DATE: "date_type date_parsing date_from_datetime_parsing date_from_datetime_inexact",
    _fixed("cette date doit être passée ; corrigez-la"): "date_past datetime_past",
    _fixed("cette date doit être à venir ; corrigez-la"): "date_future datetime_future",
    _INSTANT: "datetime_type datetime_parsing datetime_object_invalid datetime_from_date_parsing",
    _fixed(
        "le décalage manque ou n’est pas le bon ; écrivez par exemple 2027-01-12T14:00:00+01:00"
    ): "timezone_aware timezone_offset",
    _fixed(
        "un décalage est de trop ; écrivez l’heure seule, par exemple 2027-01-12T14:00:00"
    ): "timezone_naive",
    _TIME: "time_type time_parsing",
    _DURATION: "time_delta_type time_delta_parsing",
    _ADDRESS: "url_type url_parsing url_syntax_violation url_scheme",
    _IDENTIFIER: "uuid_type uuid_parsing uuid_version",
    _JSON: "json_invalid json_type",
}
_TELLERS = {kind: tell for tell, kinds in _GROUPS.items() for kind in kinds.split()}
