"""A date as files and programs write it: year-month-day, and nothing that merely resembles one."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticKnownError

from models.columns import DAY, DUE


def _read(value: Any) -> Any:
    if isinstance(value, date) or value is None:
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
            return date.fromisoformat(value.strip())
    except ValueError:
        pass
    # Left to itself pydantic takes « 1626048000 » for seconds since 1970.
    raise PydanticKnownError("date_parsing", {"error": "not year-month-day"})


IsoDate = Annotated[date, BeforeValidator(_read), DAY]
"""Within the years that a column takes."""
DueDate = Annotated[date, BeforeValidator(_read), DUE]
"""A day that a project works towards."""
