"""What is done while a write transaction is open: nothing slow, which every other writer would wait for."""

import builtins
import csv
import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import yaml

from database.engine import Database
from models.read_once import read_once

ROOT = Path(__file__).parents[2]
_open = threading.local()


class SlowUnderLock(AssertionError):
    """Something slow was done while a write transaction was open."""


def is_writing() -> bool:
    """Whether this thread holds a write transaction of `Database`."""
    return bool(getattr(_open, "depth", 0))


def watch_holds(patch: pytest.MonkeyPatch, note: Callable[[str, float], None] | None = None) -> None:
    """From now on each write transaction raises ``SlowUnderLock`` when YAML or CSV is parsed, a file is read or a
    program started in it; ``note`` gets who held it (« actions/stages/open_stage.py open_stage ») and for how long,
    in seconds of its own work: neither the database's nor the other processes' are counted."""
    read_once()
    for name in ("write", "write_statements"):
        patch.setattr(Database, name, _watched(getattr(Database, name), note))
    for module, name in ((yaml, "parse"), (yaml, "load"), (yaml.SafeLoader, "__init__"), (csv, "reader")):
        patch.setattr(module, name, _refused(getattr(module, name), name))
    if hasattr(yaml, "CSafeLoader"):
        patch.setattr(yaml.CSafeLoader, "__init__", _refused(yaml.CSafeLoader.__init__, "CSafeLoader"))
    patch.setattr(subprocess.Popen, "__init__", _refused(subprocess.Popen.__init__, "Popen"))
    patch.setattr(io, "open", _refused(io.open, "open"))
    patch.setattr(builtins, "open", _refused(builtins.open, "open"))


def _watched(write: Callable[..., Any], note: Callable[[str, float], None] | None) -> Callable[..., Any]:
    @contextmanager
    def held(self: Database) -> Iterator[Any]:
        with write(self) as session:
            _open.depth = getattr(_open, "depth", 0) + 1
            began = time.thread_time()
            try:
                yield session
            finally:
                _open.depth -= 1
                if note is not None:
                    note(_holder(sys._getframe(1)), time.thread_time() - began)

    return held


def _refused(call: Callable[..., Any], name: str) -> Callable[..., Any]:
    def called(*args: Any, **values: Any) -> Any:
        if is_writing() and not (name == "open" and _is_spared(*args, **values)):
            raise SlowUnderLock(f"« {name} » while a write transaction is open: {_holder(sys._getframe(1))}")
        return call(*args, **values)

    return called


SPARED = "/actions/system/join_system.py"
"""A process compares a mark of 32 characters with what the database says, both at once, before it serves anybody."""


def _is_spared(file: object, mode: str = "r", *_args: object, **_values: object) -> bool:
    """What is not read (a received file that is put in its place opens a lock), and what a library reads once."""
    return (
        "r" not in mode or str(file).startswith((sys.prefix, sys.base_prefix)) or _is_once(sys._getframe(2))
    )


def _is_once(frame: FrameType | None) -> bool:
    while frame is not None:
        if "importlib" in frame.f_code.co_filename or frame.f_code.co_filename.endswith(SPARED):
            return True
        frame = frame.f_back
    return False


def _holder(frame: FrameType | None) -> str:
    """The outermost function of ``actions/`` that runs."""
    found = "?"
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(f"{ROOT}{os.sep}actions{os.sep}"):
            found = f"{path.removeprefix(f'{ROOT}{os.sep}')} {frame.f_code.co_name}"
        frame = frame.f_back
    return found
