"""What a Pydantic model takes at a place: the keys of a part of it, the choices of a field."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

from pydantic import BaseModel

Loc = tuple[str | int, ...]


def keys_at(model: type[BaseModel], loc: Loc) -> set[str]:
    """The keys of what is at ``loc``, as files write them."""
    parts = [part for part in _parts_at(model, loc) if issubclass(part, BaseModel)]
    return {field.alias or name for part in parts for name, field in part.model_fields.items()}


def labels_at(model: type[BaseModel], loc: Loc) -> dict[str, str]:
    """The French label of each choice at ``loc``, empty for one that has none."""
    return {value: label for part in _parts_at(model, loc) for value, label in labels_in(part).items()}


def labels_in(annotation: Any) -> dict[str, str]:
    """The choices of the enumerations of an annotation, with their French labels."""
    choices = (each for part in _classes_in(annotation) if issubclass(part, Enum) for each in part)
    return {str(choice.value): getattr(choice, "label", "") for choice in choices}


def _parts_at(model: type[BaseModel], loc: Loc) -> list[type]:
    parts: list[type] = [model]
    for step in loc:
        # A step that leads nowhere is one that Pydantic adds (the member of a union), or the rank in a list.
        parts = [below for part in parts for below in _below(part, step)] or parts
    return parts


def _below(part: type, step: str | int) -> Iterator[type]:
    if issubclass(part, BaseModel):
        for name, field in part.model_fields.items():
            if step in (name, field.alias):
                yield from _classes_in(field.annotation)


def _classes_in(annotation: Any) -> Iterator[type]:
    """The models and enumerations that an annotation is made of (``dict[str, Decision] | None``)."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel | Enum):
        yield annotation
    for argument in get_args(annotation):
        yield from _classes_in(argument)
