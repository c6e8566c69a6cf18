"""Search on its page: by kind, of one's own projects only; and kind to who finds nothing."""

from collections.abc import Callable

from cast import NIORT
from site_of_tests import Site

At = Callable[..., Site]


def test_what_is_found_stands_under_its_kind_with_where_it_is(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.mayor(NIORT)) as mayor:
        by_city, by_title = mayor.read("/recherche?mots=niort"), mayor.read("/recherche?mots=CHART")
    assert f'href="{here.project}"' in by_city
    assert by_city.index("<h2>Projets") < by_city.index(f'href="{here.project}"')
    charter = here.deliverable("charte")
    assert "<h2>Livrables" in by_title
    assert by_title.count(f'href="{charter}"') == 2, "the deliverable, and what awaits the mayor"
    assert by_title.index("<h2>Livrables") < by_title.index("<h2>Ce qui vous attend")


def test_an_outsider_finds_nothing_and_learns_nothing(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.outsider) as somebody:
        shown = somebody.read("/recherche?mots=democratie")
    assert "Rien ne répond à" in shown
    assert here.project not in shown
    assert "Démocratie" not in shown


def test_who_types_nothing_is_told_what_can_be_found(site: At) -> None:
    here = site("met")
    with here.client(here.cast.agent) as agent:
        assert "Cherchez parmi vos projets" in agent.read("/recherche")
        assert "Cherchez parmi vos projets" in agent.read("/recherche?mots=%20")


def test_what_is_typed_is_text_and_nothing_else(site: At) -> None:
    here = site("met")
    with here.client(here.cast.agent) as agent:
        shown = agent.read("/recherche?mots=%22%3E%3Cscript%3E%25")
        assert "<script>%" not in shown
        assert "&gt;&lt;script&gt;%" in shown
        assert agent.get("/recherche", params={"mots": "x" * 5000}).status_code == 200
    with here.client() as nobody:
        assert (
            nobody.get("/recherche?mots=a").headers["location"] == "/connexion?suite=%2Frecherche%3Fmots%3Da"
        )
