"""Whatever an action is asked is measured as it is made: its texts, its days and its numbers have their limits."""

import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import get_args, get_type_hints

import actions
from models.request import Request, limits_of_fields

LOOKED_UP = {
    *(
        "answers",
        "authority_code",
        "code",
        "comment_id",
        "delegate_email",
        "deliverable_id",
        "deliverable_party",
    ),
    *(
        "email",
        "key",
        "links_version",
        "mandate_id",
        "meeting_id",
        "number",
        "owner",
        "party_code",
        "party_id",
    ),
    *(
        "person_id",
        "session_id",
        "sha256",
        "sign_off_id",
        "slug",
        "stage_key",
        "subject",
        "token",
        "token_id",
    ),
    "version",
}
"""Names, numbers and addresses by which something is found: what nobody knows is refused as unknown."""
CHECKED = {
    "AccessionRequest": {"acts"},  # keys of the lifecycle
    "ChannelRequest": {"address", "label"},  # by Apprise; encrypted
    "HeldStrand": {"participants"},  # in words of its own
    "ImportRequest": {"file_name"},  # only said again
    "LinkRequest": {"next_path", "origin", "reader_id"},  # by the form; hashed
    "Move": {"new_email"},  # as an address
    "StatusChange": {"event"},
    "TokenRequest": {"days"},  # in words of its own
}
MEASURED = {str, date, datetime, Decimal, int}


def requests() -> Iterator[type]:
    """What the actions take after the actor."""
    for each in pkgutil.walk_packages(actions.__path__, "actions."):
        module = importlib.import_module(each.name)
        for _, function in inspect.getmembers(module, inspect.isfunction):
            names = list(inspect.signature(function).parameters)
            if function.__module__ == module.__name__ and names[:1] == ["db"] and "now" in names:
                hints = get_type_hints(function)
                yield from (hints[name] for name in names[1:3] if dataclasses.is_dataclass(hints.get(name)))


def test_every_text_day_and_number_that_an_action_is_asked_has_limits() -> None:
    free: dict[str, set[str]] = {}
    for request in requests():
        if not request.__module__.startswith("actions.") or request.__name__ in PASSED_ON:
            continue
        measured = limits_of_fields(request) if issubclass(request, Request) else {}
        for name, hint in get_type_hints(request).items():
            if {hint, *get_args(hint)} & MEASURED and name not in measured and name not in LOOKED_UP:
                free.setdefault(request.__name__, set()).add(name)
    assert free == CHECKED


PASSED_ON = {"HeldRound", "LinkToSend", "MirroredFact"}
"""What an action hands to another."""
