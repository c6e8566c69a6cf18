"""What changed between two versions, passage by passage."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from queries.deliverables.comparison import compare_versions
from web.pages.addresses import LARGEST, Number
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter()
Older = Annotated[int | None, Query(alias="de", ge=1, le=LARGEST)]
Newer = Annotated[int | None, Query(alias="a", ge=1, le=LARGEST)]


@router.get("/projets/{slug}/livrables/{deliverable_id}/comparer", dependencies=[may(Permission.read)])
def show_comparison(
    visit: Visit, slug: str, deliverable_id: Number, older: Older = None, newer: Newer = None
) -> HTMLResponse:
    """From one version to another: by default the current one, and the one before it."""
    comparison = compare_versions(
        visit.site.db,
        visit.site.kinds,
        slug,
        deliverable_id,
        visit.person_id,
        older=older,
        newer=newer,
        now=visit.now,
    )
    return visit.page("compare.html", comparison=comparison)
