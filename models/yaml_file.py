"""The files people write for us: read safely, and answered line by line when something is wrong."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from models.field_error import Loc, field_name, in_french
from models.file_text import decode
from models.invalid_file import InvalidFile, Problem
from models.yaml_tree import YamlTree, parse_yaml

M = TypeVar("M", bound=BaseModel)

_HARD_SPACE = re.compile(r" *(?:- +)?[\w-]+ ?:[\u00a0\u2007\u2009\u202f\u3000]")
_SYNTAX = {
    "mapping values are not allowed": "un deux-points est de trop ; mettez le texte entre guillemets",
    "cannot start any token": "caractère mal placé ; indentez avec des espaces, sans tabulation, et mettez "
    "entre guillemets un texte qui commence par un signe",
    "could not find expected ':'": "le deux-points manque après la clé ; écrivez « clé: valeur »",
    "found unexpected end of stream": "un guillemet n’est pas refermé ; ajoutez-le",
    "but found another document": "le fichier contient plusieurs documents (« --- ») ; n’en gardez qu’un",
    "alias": "les renvois YAML (« *nom ») ne sont pas permis ; recopiez la valeur",
    "expected ','": "une accolade ou un crochet n’est pas refermé ; ajoutez-le",
    "tab character": "indentez avec des espaces, sans tabulation",
    "expected <block end>": "l’alignement est rompu ; alignez cette ligne sur les précédentes",
    "did not find expected": "l’alignement est rompu ; alignez cette ligne sur les précédentes",
}


def read_yaml(path: Path, model: type[M]) -> M:
    """Read a UTF-8 YAML file into ``model``; raises ``InvalidFile`` with every problem found.

    Values are strict (no number for a text, no text for a number), unknown keys are refused, dates are ISO.
    """
    return read_yaml_text(read_text(path), model, file=path.name)


def read_text(path: Path) -> str:
    """The text of a UTF-8 file people wrote; raises ``InvalidFile``."""
    if path.is_dir():
        raise InvalidFile.of(path.name, "c’est un dossier ; donnez le chemin d’un fichier")
    if not path.is_file():
        raise InvalidFile.of(str(path), "fichier introuvable ; vérifiez son chemin")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidFile.of(path.name, "fichier illisible ; vérifiez vos droits de lecture") from error
    return decode(content, file=path.name)


def read_yaml_text(text: str, model: type[M], *, file: str) -> M:
    """As ``read_yaml``, for a text that was read already; problems are reported under the name ``file``."""
    tree = _parse(text, file)
    problems = [Problem(file, one.line, field_name(one.loc), one.text) for one in tree.misreads]
    misread = {one.loc for one in tree.misreads}
    try:
        # As JSON, so that strictness lets dates and enumerations in as text.
        read = model.model_validate_json(json.dumps(tree.data), strict=True, extra="forbid")
    except ValidationError as error:
        problems += [problem for loc, problem in _problems(error, model, tree, file) if loc not in misread]
    if problems:
        raise InvalidFile(problems)
    return read


def _parse(text: str, file: str) -> YamlTree:
    try:
        tree = parse_yaml(text)
    except yaml.reader.ReaderError as error:
        raise InvalidFile([_hidden_character(text, error.position, file)]) from error
    except yaml.MarkedYAMLError as error:
        raise InvalidFile(_hard_spaces(text, file) or [_syntax_problem(error, file)]) from error
    except RecursionError as error:
        raise InvalidFile.of(file, "les éléments sont trop imbriqués ; simplifiez le fichier") from error
    if tree.data is None:
        raise InvalidFile.of(file, "fichier vide ; remplissez-le avant de l’envoyer")
    return tree


def _hard_spaces(text: str, file: str) -> list[Problem]:
    """The lines where a space that is none to YAML stands after a key."""
    advice = "une espace insécable tient lieu d’espace ; effacez-la et tapez une espace ordinaire"
    return [
        Problem(file, line, "", advice)
        for line, written in enumerate(text.splitlines(), 1)
        if _HARD_SPACE.match(written)
    ]


def _hidden_character(text: str, position: int, file: str) -> Problem:
    line = text.count("\n", 0, position) + 1
    return Problem(file, line, "", "caractère invisible interdit ; effacez-le et retapez le texte")


def _syntax_problem(error: yaml.MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    fault = f"{error.context or ''} {error.problem or ''}"
    advice = next(
        (text for part, text in _SYNTAX.items() if part in fault), "relisez cette ligne et la précédente"
    )
    column = f", colonne {mark.column + 1}" if mark else ""
    return Problem(file, mark.line + 1 if mark else None, "", f"écriture YAML incorrecte{column} : {advice}")


def _problems(
    error: ValidationError, model: type[BaseModel], tree: YamlTree, file: str
) -> Iterator[tuple[Loc, Problem]]:
    details = error.errors(include_url=False, include_context=True)
    around = {detail["loc"][:steps] for detail in details for steps in range(len(detail["loc"]))}
    for detail in details:
        loc = detail["loc"]
        if detail["type"] == "too_short" and loc in around:
            # Pydantic does not count the elements that are wrong: the list may well be long enough.
            continue
        text = in_french(detail, model, tree.raw_of(loc))
        yield loc, Problem(file, tree.line_of(loc), field_name(loc), text)
