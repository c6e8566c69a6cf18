"""What shapes are made of: a shape is one thing as pages, API and commands show it, and JSON writes it.

Instances are cheaper to build than frozen dataclasses, and attributes named alike are read off rows
(``model_validate(row)``).
"""

from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

T = TypeVar("T")

NotInJson = Annotated[T, Field(exclude=True)]
"""An attribute for pages and code alone: neither the JSON nor the description of the API has it."""

Instant = Annotated[
    datetime,
    PlainSerializer(lambda at: at.isoformat(), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""ISO 8601 with its offset."""


class Shape(BaseModel):
    """Attributes are the keys of the JSON, in its order; those of ``NotInJson`` follow."""

    model_config = ConfigDict(frozen=True, from_attributes=True, populate_by_name=True)
