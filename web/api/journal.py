"""The journal of a project, as « audit log » gives it: each fact, who did it, how they were recognised."""

from fastapi import APIRouter, Request, Response

from queries.ledger.verify_journal import EntryShown, count_entries, read_journal, show_entries
from web.api.bearer import Caller
from web.api.declared import A_PAGE, PAGED, Page, Slug, link_pages, problems
from web.api.project_access import caller_access
from web.dependencies import db_of

router = APIRouter(prefix="/projects/{slug}/journal", tags=["Journal"])


@router.get("", operation_id="read_journal", summary="Le journal", responses=problems(404, 422) | PAGED)
def read(
    request: Request, response: Response, caller: Caller, slug: Slug, page: Page = 1
) -> list[EntryShown]:
    """Les faits du projet, du plus ancien au plus récent."""
    project = caller_access(request, caller, slug).project
    with db_of(request).read() as session:
        entries = read_journal(session, project, after=(page - 1) * A_PAGE, most=A_PAGE)
        count = count_entries(session, project)
        shown = show_entries(session, entries)
    link_pages(request, response, page, count)
    return shown
