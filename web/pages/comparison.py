"""What changed between two versions, passage by passage."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from queries.deliverables.comparison import compare_versions
from web.access.signed_in import Visitor
from web.dependencies import db_of, files_of
from web.pages.addresses import LARGEST, Number
from web.pages.rendering import page
from web.rights import Permission, may

router = APIRouter()
Older = Annotated[int | None, Query(alias="de", ge=1, le=LARGEST)]
Newer = Annotated[int | None, Query(alias="a", ge=1, le=LARGEST)]


@router.get("/projets/{slug}/livrables/{deliverable_id}/comparer", dependencies=[may(Permission.read)])
def show_comparison(
    request: Request,
    slug: str,
    deliverable_id: Number,
    who: Visitor,
    older: Older = None,
    newer: Newer = None,
) -> HTMLResponse:
    """From one version to another: by default the current one, and the one before it."""
    comparison = compare_versions(
        db_of(request),
        files_of(request),
        slug,
        deliverable_id,
        who.person_id,
        older=older,
        newer=newer,
        now=datetime.now(UTC),
    )
    return page(request, "compare.html", comparison=comparison)
