"""The page of a link received in a shared mailbox: « Qui êtes-vous ? », before anything else."""

from collections.abc import Callable
from datetime import UTC, datetime

from cast import NIORT, SLUG
from site_of_tests import Site, plain

from actions.access.sign_in_links import LinkRequest, make_link
from actions.people.invite_person import Invitation, invite_person
from models.person import Role

HUGO, MALO = "hugo.texier@niort.example", "Malo Nouvel"


def test_the_page_asks_who_enters_and_opens_nothing_before(site: Callable[..., Site]) -> None:
    here = site("met")
    asked = Invitation(SLUG, HUGO, MALO, Role.local_contact, NIORT, shares_mailbox=True)
    malo = invite_person(here.cast.db, here.cast.agent, asked, now=here.cast.now)
    now = datetime.now(UTC)
    link = make_link(here.cast.db, LinkRequest(HUGO, "x", "/mon-compte"), is_within=True, now=now)
    assert link
    path = f"/connexion/{link.token}"
    with here.client() as anybody:
        page = plain(anybody.read(path))
        assert "Qui êtes-vous ?" in page
        assert "Hugo Texier" in page
        assert MALO in page
        nobody = anybody.http.post(path)
        assert nobody.status_code == 422
        assert "dites laquelle vous êtes" in plain(nobody.text)
        assert anybody.get("/mon-compte").status_code == 303, "nobody is in yet"
        entered = anybody.http.post(path, data={"personne": str(malo.id)})
        assert (entered.status_code, entered.headers["location"]) == (303, "/mon-compte")
        assert MALO in plain(anybody.read("/mon-compte"))
