"""The documents themselves: versions, published ones, scans of acts; in place where nothing in them can act."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, Response

from queries.deliverables.files import KeptFile, LostFile, proof_file, published_file, version_file
from web.access.signed_in import Visitor
from web.dependencies import db_of, files_of
from web.pages.addresses import Number
from web.pages.file_headers import serve_headers
from web.rights import Permission, may

router = APIRouter()
Download = Annotated[str, Query(alias="telecharger")]
SEEN_AGAIN = "private, no-cache"
"""A browser may keep the answer, and asks each time whether its reader still may have it."""


@router.get(
    "/projets/{slug}/livrables/{deliverable_id}/versions/{number}", dependencies=[may(Permission.read)]
)
def give_version(
    request: Request,
    slug: str,
    deliverable_id: Number,
    number: Number,
    who: Visitor,
    downloads: Download = "",
) -> Response:
    """A version, for the people of the project; ``telecharger`` asks for a download whatever its type."""
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        kept = version_file(session, slug, deliverable_id, number, who.person_id, now)
    return give(request, kept, inline=not downloads)


@router.get("/publics/{slug}/documents/{publication_id}")
def give_published(request: Request, slug: str, publication_id: Number, downloads: Download = "") -> Response:
    """A document that anybody may read and use again."""
    with db_of(request).read() as session:
        kept = published_file(session, slug, publication_id)
    return give(request, kept, inline=not downloads)


@router.get("/recus/{sign_off_id}/preuve", dependencies=[may(Permission.read)])
def give_proof(request: Request, sign_off_id: Number, who: Visitor, downloads: Download = "") -> Response:
    """The scan of an act given on paper."""
    with db_of(request).read() as session:
        kept = proof_file(session, sign_off_id, who.person_id, datetime.now(UTC))
    return give(request, kept, inline=not downloads)


def give(request: Request, kept: KeptFile, *, inline: bool) -> Response:
    """The content, by pieces where pieces are asked for (``Range``); its hash is its ``ETag``."""
    path = files_of(request).path(kept.sha256)
    if not path.is_file():
        raise LostFile(kept.name)
    headers = serve_headers(files_of(request).kind(kept.sha256, kept.name), kept.name, inline=inline)
    headers |= {"ETag": f'"{kept.sha256}"', "Cache-Control": SEEN_AGAIN}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={name: headers[name] for name in ("ETag", "Cache-Control")})
    return FileResponse(path, headers=headers)
