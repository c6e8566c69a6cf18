"""The documents themselves: versions, published ones, scans of acts; in place where nothing in them can act."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response

from queries.deliverables.files import (
    LostFile,
    departure_file,
    proof_file,
    published_file,
    version_file,
)
from queries.ledger.kept_file import KeptFile
from web.pages.addresses import Number
from web.pages.file_headers import serve_headers
from web.rights import Permission, may
from web.server.conditional import not_modified
from web.visit import PublicVisit, Visit

router = APIRouter()
Download = Annotated[str, Query(alias="telecharger")]
SEEN_AGAIN = "private, no-cache"
"""A browser may keep the answer, and asks each time whether its reader still may have it."""


@router.get(
    "/projets/{slug}/livrables/{deliverable_id}/versions/{number}", dependencies=[may(Permission.read)]
)
def give_version(
    visit: Visit, slug: str, deliverable_id: Number, number: Number, downloads: Download = ""
) -> Response:
    """A version, for the people of the project; ``telecharger`` asks for a download whatever its type."""
    with visit.read() as session:
        kept = version_file(session, slug, deliverable_id, number, visit.person_id, visit.now)
    return give(visit, kept, inline=not downloads)


@router.get("/publics/{slug}/documents/{publication_id}")
def give_published(
    visit: PublicVisit, slug: str, publication_id: Number, downloads: Download = ""
) -> Response:
    """A document that anybody may read and use again."""
    with visit.read() as session:
        kept = published_file(session, slug, publication_id)
    return give(visit, kept, inline=not downloads)


@router.get("/recus/{sign_off_id}/preuve", dependencies=[may(Permission.read)])
def give_proof(visit: Visit, sign_off_id: Number, downloads: Download = "") -> Response:
    """The scan of an act given on paper."""
    with visit.read() as session:
        kept = proof_file(session, sign_off_id, visit.person_id, visit.now)
    return give(visit, kept, inline=not downloads)


@router.get(
    "/projets/{slug}/participants/departs/{departure_id}/document", dependencies=[may(Permission.read)]
)
def give_departure(visit: Visit, slug: str, departure_id: Number, downloads: Download = "") -> Response:
    """The decision by which a city left, for all those of the project."""
    with visit.read() as session:
        kept = departure_file(session, slug, departure_id, visit.person_id, visit.now)
    return give(visit, kept, inline=not downloads)


def give(visit: PublicVisit, kept: KeptFile, *, inline: bool) -> Response:
    """The content, by pieces where pieces are asked for (``Range``); its hash is its ``ETag``."""
    path = visit.site.files.path(kept.sha256)
    if not path.is_file():
        raise LostFile(kept.name)
    headers = serve_headers(visit.site.kinds.kind(kept.sha256, kept.name), kept.name, inline=inline)
    headers |= {"ETag": f'"{kept.sha256}"', "Cache-Control": SEEN_AGAIN}
    return not_modified(visit.request.headers, headers) or FileResponse(path, headers=headers)
