"""How pages are written: one Jinja environment, French typography, what all the templates know."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifications.typography import PARIS, FrenchTypography, french, teach

STATIC = Path(__file__).parent / "static"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[FrenchTypography],
    )
    teach(environment)
    environment.filters |= {"french": french, "stamp": _stamp}
    return environment


def _stamp(instant: datetime) -> str:
    """« 12/05/2026 à 14:05 », as the clocks of Paris show it."""
    return instant.astimezone(PARIS).strftime("%d/%m/%Y à %H:%M")


_TEMPLATES = _environment()


def page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The page of this template; everything in ``values`` is escaped."""
    return HTMLResponse(_TEMPLATES.get_template(template).render(values), status)


def static_files() -> StaticFiles:
    """Style sheets and pictures: the only files a browser may keep."""
    return StaticFiles(directory=STATIC)


def query_of(request: Request, changes: Mapping[str, str | int | None]) -> str:
    """The query of this page with some of its words changed, or taken out (None): « ?objet=charte&page=2 »."""
    words = {**request.query_params, **changes}
    return "?" + urlencode({name: value for name, value in words.items() if value not in (None, "")})
