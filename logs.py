"""How every process of the system says what happens: plain lines for a person, or a JSON object per line for a program.

A line carries what is being done (``request``, ``project``: numbers, slugs, routes) and never who does it. Whatever
an exception or a library says goes through ``redact``: no address, password, token, nor secret link.
"""

import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_doing: ContextVar[Mapping[str, Any]] = ContextVar("doing", default={})  # noqa: B039 - never changed in place

_NAMES = "password|passwd|secret|token|id_token|client_secret"
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(/(?:connexion|courrier|agenda|desabonnement|deconnexion)/)[^\s\"'<>?#]+"), r"\1…"),
    (re.compile(r"([?&](?:qui|code|state|token|jeton|suite|adresse|lien)=)[^\s&\"'<>#]+"), r"\1…"),
    (re.compile(r"\bpp_[A-Za-z0-9_-]{8,}"), "pp_…"),
    (re.compile(r"(?i)\b(bearer|basic) [A-Za-z0-9._~+/=-]{6,}"), r"\1 …"),
    (re.compile(r"(://[^\s:/@]*:)[^\s/?#]+(@)"), r"\1…\2"),
    (re.compile(rf"(?i)\b({_NAMES})(['\"]?\s*[=:]\s*['\"]?)[^\s'\",;&]+"), r"\1\2…"),
    (re.compile(r"[\w.+%-]+@(?=[\w-]+\.)[\w.-]+"), "…@…"),
)  # fmt: skip


def redact(text: str) -> str:
    """``text`` without addresses of people, passwords, tokens and the secret part of links."""
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


@contextmanager
def doing(**what: Any) -> Iterator[None]:
    """Have every line of the block carry ``what``, in this task and the threads it calls; None is left out."""
    token = _doing.set({**_doing.get(), **{name: value for name, value in what.items() if value is not None}})
    try:
        yield
    finally:
        _doing.reset(token)


def from_now_on(**what: Any) -> None:
    """As ``doing``, for the rest of this task: what is told of its failure after its end carries it too."""
    _doing.set({**_doing.get(), **what})


def what_is_done() -> Mapping[str, Any]:
    """What ``doing`` says here."""
    return _doing.get()


def set_up_logs(process: str, log_format: str) -> None:
    """Have this process log to its error output, as ``text`` or ``json``; ours from INFO on, others from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(process) if log_format == "json" else TextLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("web", "relay", "up", "mail_catcher"):
        logging.getLogger(name).setLevel(logging.INFO)


class TextLines(logging.Formatter):
    """One event, its trace below it, for people."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def format(self, record: logging.LogRecord) -> str:
        """The text of the record, redacted."""
        if request := _doing.get().get("request"):
            record = logging.makeLogRecord({**record.__dict__, "msg": f"[{request}] {record.msg}"})
        return redact(super().format(record))


class JsonLines(JsonFormatter):
    """A JSON object per line: ``at`` (UTC), ``level``, ``process``, ``logger``, ``message``, and what is being done."""

    def __init__(self, process: str = "prefect") -> None:
        super().__init__("%(levelname)s %(name)s %(message)s", json_ensure_ascii=False)
        self._process = process

    def add_fields(
        self, log_record: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Ours first; then what the record carries besides, and the trace."""
        super().add_fields(log_record, record, message_dict)
        first = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": log_record.pop("levelname", record.levelname),
            "process": self._process,
            "pid": record.process,
            "logger": log_record.pop("name", record.name),
            "message": log_record.pop("message", None),
        }
        rest = {name: _plain(value) for name, value in log_record.items()}
        log_record.clear()
        log_record.update(
            {name: _plain(value) for name, value in (first | dict(_doing.get())).items()} | rest
        )


def _plain(value: Any) -> Any:
    """A value for JSON: what is no number is text, redacted."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(value if isinstance(value, str) else str(value))
