"""What an action is asked: its texts are cleaned and its values measured as it is made, whoever makes it.

Pages, API, commands, files and imports all make one: that is where they meet, before anything is read or written.
"""

from functools import cache
from typing import Any, get_args, get_type_hints

from models.limits import Limits


class Request:
    """The base of the frozen dataclasses that actions take.

    A field is annotated with its limits: ``title: Annotated[str, TITLE]``. Raises ``OutOfLimits`` when it is made; None
    is left as it is.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        kind: Any = type(self)
        for name, limits in limits_of_fields(kind).items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, limits.read(value))


@cache
def limits_of_fields(request: Any) -> dict[str, Limits[Any]]:
    """The limits of the fields that have some, by name."""
    hints = get_type_hints(request, include_extras=True)
    found = {
        name: [each for each in get_args(hint)[1:] if isinstance(each, Limits)]
        for name, hint in hints.items()
    }
    return {name: limits[0] for name, limits in found.items() if limits}
