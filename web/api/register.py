"""The register, as « audit log register » gives it, for the agents of the ANCT."""

from queries.ledger.verify_journal import EntryShown, count_entries, read_journal, show_entries
from queries.people.register_page import require_register_reader
from web.api.caller import Caller
from web.api.paging import PAGE_SIZE, Page
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import now

router = ApiRouter(prefix="/register", tags=[Tag.journal])


@router.reads("", "read_register", "Le registre", statuses=(403, 422), paged=True)
def read(caller: Caller, page: Page) -> list[EntryShown]:
    """Réservé à l’ANCT. Ce qui ne tient à aucun projet (fonctions, délégations, personnes, jetons), du plus ancien
    fait au plus récent.
    """
    with caller.db.read() as session:
        require_register_reader(session, caller.holder.actor, now())
        entries = read_journal(session, None, after=page.start, most=PAGE_SIZE)
        page.link(count_entries(session, None))
        return show_entries(session, entries)
