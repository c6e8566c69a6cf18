"""What is wrong with a text that cannot be read as YAML: libyaml's faults, in French, on the line to correct."""

import re

import yaml

from models.yaml_signs import LINE_END

_QUOTE = "un guillemet s’ouvre ici et n’est pas refermé ; ajoutez-le à la fin du texte"
_BRACKET = (
    "une accolade ou un crochet n’est pas refermé{opened} ; ajoutez « }} » ou « ] », ou la virgule qui manque"
)
_ALIGNMENT = "l’alignement est rompu ; alignez cette ligne sur les précédentes"
_DIRECTIVE = "une ligne qui commence par « % » ou « ... » n’a pas sa place ici ; retirez-la"
_TAG = "un texte qui commence par « ! » est lu comme une étiquette YAML ; mettez-le entre guillemets"
_MARKER = "un texte ne peut pas commencer par « & » ou « * » ; mettez-le entre guillemets, ou tapez « - »"
_BLOCK = "un texte qui commence par « | » ou « > » continue à la ligne suivante ; mettez-le entre guillemets"
_ESCAPE = (
    "une barre oblique inverse (\\) est de trop entre guillemets ; écrivez-la deux fois (\\\\), ou retirez-la"
)
SEPARATOR = "un séparateur de lignes invisible se trouve ici ; effacez-le et allez à la ligne"
_AFTER_VALUE = (
    "du texte suit un guillemet, une accolade ou un crochet déjà refermé ; mettez toute la valeur entre guillemets, "
    "ou allez à la ligne"
)
_FAULTS = {
    "another document": "le fichier contient plusieurs documents (« --- ») ; n’en gardez qu’un",
    "alias": "les renvois YAML (« *nom ») ne sont pas permis ; recopiez la valeur",
    "anchor": "les repères YAML (« &nom ») ne sont pas permis ; retirez-le, ou mettez le texte entre guillemets",
    "tag !": "l’étiquette YAML « {sign} » n’est pas permise ; retirez-la, ou mettez le texte entre guillemets",
    "mapping values are not allowed": "un deux-points est de trop ; mettez le texte entre guillemets, ou alignez "
    "cette ligne sur les précédentes",
    "sequence entries are not allowed": "un tiret n’a pas sa place ici ; allez à la ligne avant une liste, ou mettez "
    "le texte entre guillemets",
    "mapping keys are not allowed": "un texte ne peut pas commencer par « ? » ; mettez-le entre guillemets",
    "cannot start any token": "un texte ne peut pas commencer par « {sign} » ; mettez-le entre guillemets",
    "could not find expected ':'": "le deux-points manque après la clé ; écrivez « clé: valeur »",
    "unexpected end of stream": _QUOTE,
    "unexpected document indicator": _QUOTE,
    "directive": _DIRECTIVE,
    "document": _DIRECTIVE,
    "undefined tag": _TAG,
    "ing a tag": _TAG,
    "escape": _ESCAPE,
    "hexdecimal": _ESCAPE,
    "expected ','": _BRACKET,
    "node content": "le signe « {sign} » est de trop ; retirez-le, ou mettez le texte entre guillemets",
    "block scalar": _BLOCK,
    "did not find expected": _ALIGNMENT,
}
"""By a part of the fault; the first that fits is told."""
_OPENED = (_QUOTE, _FAULTS["could not find expected ':'"])
"""Those to correct where the thing begins, and not where its lack was noticed."""


def told_fault(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, str]:
    """The line and the column to correct, from 1, and the sentence that says what to write there."""
    assert error.problem_mark is not None  # noqa: S101 -- a parser always knows where it is
    line, column = error.problem_mark.line, error.problem_mark.column
    written = LINE_END.split(text)
    here = written[line] if line < len(written) else ""
    sentence = _sentence(f"{error.context or ''} {error.problem or ''}", here, column)
    begun = error.context_mark
    if sentence in _OPENED and begun is not None:
        line, column = begun.line, begun.column
    opened = f" (il s’ouvre ligne {begun.line + 1})" if begun is not None and begun.line != line else ""
    sign = _sign(here, column, error)
    told = f"écriture incorrecte, colonne {column + 1} : {sentence.format(sign=sign, opened=opened)}"
    return line + 1, column + 1, told


def _sentence(fault: str, here: str, column: int) -> str:
    if re.search("[\x85\u2028\u2029]", here):
        return SEPARATOR
    if "scanning an a" in fault:  # an anchor or an alias
        return _MARKER
    if "did not find expected key" in fault and here[:column].strip(" -"):
        return _AFTER_VALUE
    if "node content" in fault and not here[column:].strip():
        return _BRACKET
    return next(
        (sentence for part, sentence in _FAULTS.items() if part in fault),
        "cette ligne ne se lit pas ; relisez-la, ainsi que la précédente",
    )


def _sign(here: str, column: int, error: yaml.MarkedYAMLError) -> str:
    if (error.problem or "").startswith("tag "):
        return (error.problem or "").removeprefix("tag ")
    return here[column : column + 1]
