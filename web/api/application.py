"""The API as an application of its own, beside the pages: its failures are never pages, theirs never JSON."""

import re
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from web.access.rate import Rate
from web.api import (
    authority,
    catalogue,
    comments,
    commitments,
    delegations,
    deliverables,
    journal,
    me,
    meetings,
    objections,
    paper_acts,
    projects,
    register,
    reminders,
    sign_offs,
    stage_acts,
    stages,
)
from web.api.bearer import Bearer
from web.api.failures import answer_failures, answer_outage, refuse_request
from web.api.problem import Problem
from web.api.router import DONE
from web.api.tags import described_tags
from web.server.clean_requests import CleanRequests
from web.server.outages import Outages
from web.server.requests import NoteRoute

PATH = "/api/v1"
CONTACT = {"name": "L’exploitant de cette plateforme, que disent ses mentions légales"}
ROUTERS = (
    me,
    projects,
    stages,
    stage_acts,
    deliverables,
    objections,
    sign_offs,
    paper_acts,
    comments,
    delegations,
    authority,
    commitments,
    reminders,
    meetings,
    journal,
    register,
    catalogue,
)
ABOUT = """\
Les mêmes règles, refus et données que la ligne de commande et les pages.

Chaque demande porte un jeton personnel (« Authorization: Bearer pp_… »), créé à la page « Mes jetons » ; elle est
faite au nom de son titulaire, avec ses droits. Un refus est un problème RFC 9457 : « detail » est une phrase qui dit
quoi faire, « type » et « code » sont stables. Les codes (INSEE, SIREN) sont des textes, les instants portent leur
décalage horaire.
"""


class _Below(Mount):
    """Also mounts paths that contain a line feed, which the pages would otherwise answer instead of the API."""

    def __init__(self, path: str, app: ASGIApp) -> None:
        super().__init__(path, app)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


def mount_api(pages: FastAPI) -> None:
    """Put the API beside these pages, under ``PATH``; it shares their state."""
    pages.router.routes.append(_Below(PATH, make_api(pages.state)))


def make_api(state: Any) -> FastAPI:
    """The application, which shares ``state`` with the pages (``web.site`` reads it)."""
    api = FastAPI(
        title="Territoires en commun",
        version="1",
        description=ABOUT,
        license_info={"name": "EUPL 1.2", "identifier": "EUPL-1.2"},
        contact=CONTACT,
        openapi_tags=described_tags(),
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PATH}],
        root_path_in_servers=False,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    api.state = state
    api.state.rate = Rate()
    api.router.routes.extend(_routes())
    answer_failures(api)
    api.add_middleware(NoteRoute)
    api.add_middleware(Bearer)
    api.add_middleware(CleanRequests, refuse=refuse_request)
    api.add_middleware(Outages, answer=answer_outage)
    api.openapi = lambda: api.openapi_schema or _described(api)  # type: ignore[method-assign]
    return api


@cache
def _routes() -> list[BaseRoute]:
    """Those of every operation, worked out once, however many applications a process makes."""
    every = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for each in ROUTERS:
        every.include_router(each.router)
    return every.routes


def _described(api: FastAPI) -> dict[str, Any]:
    """The description that FastAPI makes, with the problems, and without what our classes say to developers."""
    described = get_openapi(
        title=api.title,
        version=api.version,
        description=api.description,
        routes=api.routes,
        servers=api.servers,
        tags=api.openapi_tags,
        license_info=api.license_info,
        contact=api.contact,
    )
    schemas = described["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    for schema in schemas.values():
        schema.pop("description", None)
    for operation in (each for path in described["paths"].values() for each in path.values()):
        for answer in operation["responses"].values():
            if answer["description"] == "Successful Response":
                answer["description"] = DONE
    api.openapi_schema = described
    return described
