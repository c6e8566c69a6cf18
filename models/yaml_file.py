"""The files people write for us: read safely, and answered line by line when something is wrong."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from models.field_error import field_name, in_french
from models.file_text import decode, hidden_character
from models.invalid_file import InvalidFile, Problem
from models.model_parts import Loc
from models.yaml_signs import Sign, find_signs, swallowed_lines, without
from models.yaml_syntax import SEPARATOR, told_fault
from models.yaml_tree import FORBIDDEN, YamlTree, parse_yaml

M = TypeVar("M", bound=BaseModel)


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
    tree, problems = _parse(text, file)
    problems += [Problem(file, one.line, field_name(one.loc), one.text) for one in tree.misreads]
    misread = {one.loc for one in tree.misreads}
    try:
        # As JSON, so that strictness lets dates and enumerations in as text.
        read = model.model_validate_json(json.dumps(tree.data), strict=True, extra="forbid")
    except ValidationError as error:
        problems += [problem for loc, problem in _problems(error, model, tree, file) if loc not in misread]
    if problems:
        raise InvalidFile(problems)
    return read


def _parse(text: str, file: str) -> tuple[YamlTree, list[Problem]]:
    """The tree, and the signs in it that are not those of the keyboard; it is read as if they were."""
    if hidden := FORBIDDEN.search(text):
        raise InvalidFile([hidden_character(text, hidden.start(), file)])
    attempt = _attempt(text, file)
    signs = [each for each in find_signs(text) if not attempt.is_quoted(each)]
    if signs:
        plain = _attempt(without(text, signs), file)
        signs = list(_guilty(signs, attempt, plain))
        attempt = plain if signs else attempt
    # One sentence a line, however many of its characters are wrong in the same way.
    problems = [Problem(file, *each) for each in dict.fromkeys((sign.line, "", sign.text) for sign in signs)]
    problems += [Problem(file, line, "", SEPARATOR) for line in swallowed_lines(text)]
    if attempt.tree is None:
        raise InvalidFile(problems or [Problem(file, attempt.line, "", attempt.advice)])
    if attempt.tree.data is None:
        raise InvalidFile.of(file, "fichier vide ; remplissez-le avant de l’envoyer")
    return attempt.tree, problems


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The tree of a text, or the line and the column where it cannot be read, and what to write there."""

    tree: YamlTree | None
    line: int = 0
    column: int = 0
    advice: str = ""

    def is_quoted(self, sign: Sign) -> bool:
        return self.tree is not None and self.tree.is_inside(sign.position, quoted_only=True)


def _attempt(text: str, file: str) -> _Attempt:
    try:
        return _Attempt(parse_yaml(text))
    except yaml.MarkedYAMLError as error:
        return _Attempt(None, *told_fault(error, text))
    except RecursionError as error:
        raise InvalidFile.of(
            file, "les éléments sont trop imbriqués ; simplifiez le fichier", *error.args
        ) from error


def _guilty(signs: list[Sign], attempt: _Attempt, plain: _Attempt) -> Iterator[Sign]:
    """Those without which the text is read otherwise, or further."""
    if plain.tree is not None:
        if attempt.tree is None or attempt.tree.data != plain.tree.data:
            yield from (sign for sign in signs if not plain.tree.is_inside(sign.position))
    elif attempt.tree is None:
        is_further = (plain.line, plain.column) > (attempt.line, attempt.column)
        yield from (sign for sign in signs if is_further and sign.line <= plain.line)


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
