"""The journal of a project, as « audit log » gives it: each fact, who did it, how they were recognised."""

from queries.ledger.verify_journal import EntryShown, count_entries, read_journal, show_entries
from web.api.caller import Caller
from web.api.paging import PAGE_SIZE, Page
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import Slug

router = ApiRouter(prefix="/projects/{slug}/journal", tags=[Tag.journal])


@router.reads("", "read_journal", "Le journal", paged=True)
def read(caller: Caller, slug: Slug, page: Page) -> list[EntryShown]:
    """Les faits du projet, du plus ancien au plus récent."""
    with caller.read(slug) as (session, project):
        entries = read_journal(session, project, after=page.start, most=PAGE_SIZE)
        page.link(count_entries(session, project))
        return show_entries(session, entries)
