"""Where a person stands in a file that names them: a refusal about them says its line and its field."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from models.field_error import field_name
from models.invalid_file import InvalidFile, Problem
from models.model_parts import Loc
from models.person_name import OtherName
from models.yaml_tree import parse_yaml


@contextmanager
def located_in(text: str, *, file: str) -> Iterator[None]:
    """Give what is refused of somebody whom the YAML ``text`` names its line and its field: raises ``InvalidFile``."""
    try:
        yield
    except OtherName as refusal:
        tree = parse_yaml(text)
        places = (loc for loc in _places(tree.data, ()) if _is_of(tree.data, loc, refusal))
        loc = next(places, None)
        line = tree.line_of((*loc, "email")) if loc is not None else None
        sentence = str(refusal).removesuffix(".")
        raise InvalidFile([Problem(file, line, field_name(loc or ()), sentence)]) from refusal


def _places(data: Any, loc: Loc) -> Iterator[Loc]:
    """Everything in the file that has an address."""
    if isinstance(data, Mapping):
        if "email" in data:
            yield loc
        for key, value in data.items():
            yield from _places(value, (*loc, key))
    elif isinstance(data, Sequence) and not isinstance(data, str):
        for number, value in enumerate(data):
            yield from _places(value, (*loc, number))


def _is_of(data: Any, loc: Loc, refusal: OtherName) -> bool:
    for step in loc:
        data = data[step]
    email, name = (str(data.get(key, "")).strip() for key in ("email", "name"))
    return email.lower() == refusal.email.lower() and name == refusal.name
