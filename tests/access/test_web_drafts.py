"""A form sent after its session has ended: what was typed is given back to its author, and to nobody else."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import httpx
import pytest
from browser import chromium
from cast import BOURGES, NIORT
from site_of_tests import Site, Visitor, plain

from actions.access.sign_in import sign_out, who_is_signed_in
from models.comment import Comment
from models.person import Actor
from web.access import drafts
from web.access.signed_in import COOKIE

NOTE = "note_de_cadrage"
TYPED = "Et <la> place des « jeunes » ?\nEt des aînés."


@pytest.fixture
def review(site: Callable[..., Site]) -> Site:
    return site("constitution in review")


def ends(site: Site, visitor: Visitor) -> None:
    """The person signs out on another browser."""
    now, secret = datetime.now(UTC), visitor.http.cookies[COOKIE]
    who = who_is_signed_in(site.cast.db, secret, now=now)
    assert who
    sign_out(site.cast.db, who, everywhere=True, now=now)


def comes_back(site: Site, visitor: Visitor, who: Actor) -> None:
    visitor.http.cookies.set(COOKIE, site.session_of(who))


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def typed_form(site: Site, visitor: Visitor) -> tuple[str, dict[str, str]]:
    """The form of a comment, filled in from its page."""
    page = visitor.read(site.deliverable(NOTE))
    words = hidden(page)
    return f"{site.deliverable(NOTE)}/commentaires", {
        "jeton": words["jeton"], "auteur": words["auteur"], "texte": TYPED,
    }  # fmt: skip


def sent_too_late(site: Site, visitor: Visitor) -> httpx.Response:
    path, form = typed_form(site, visitor)
    ends(site, visitor)
    return visitor.http.post(path, data=form)


def comments(site: Site) -> list[str]:
    return [each.text for each in site.cast.all(Comment)]  # type: ignore[attr-defined]


def test_what_was_typed_is_back_in_its_form_once_its_author_is_in_again(review: Site) -> None:
    with review.client(review.cast.mayor(NIORT)) as mayor:
        kept = sent_too_late(review, mayor)
        assert kept.status_code == 401
        assert "jeunes" not in kept.text, "who comes to this browser reads nothing of it"
        assert "rien n’est perdu" in plain(kept.text)
        locked = hidden(kept.text)["brouillon"]
        comes_back(review, mayor, review.cast.mayor(NIORT))
        given = mayor.http.post("/reprise", data={"brouillon": locked})
        (again,) = re.findall(r'action="([^"]+reprise=1)"', given.text)
        words = hidden(given.text[given.text.index(again) :])
        assert words["texte"] == TYPED
        shown = mayor.http.post(unescape(again), data=words)
        assert "rien n’est encore enregistré" in plain(shown.text)
        assert TYPED in unescape(shown.text)
        assert comments(review) == []
        sent = mayor.send(f"{review.deliverable(NOTE)}/commentaires", {"texte": TYPED})
        assert sent.status_code == 303
    assert comments(review) == [TYPED]


def test_another_person_who_signs_in_on_that_browser_is_shown_nothing_of_it(review: Site) -> None:
    other = review.cast.mayor(BOURGES)
    with review.client(review.cast.mayor(NIORT)) as browser:
        kept = sent_too_late(review, browser)
        locked = hidden(kept.text)["brouillon"]
        comes_back(review, browser, other)
        refused = browser.http.post("/reprise", data={"brouillon": locked})
    assert refused.status_code == 403
    assert "jeunes" not in refused.text
    assert f"Vous êtes {other.name} dans ce navigateur" in plain(refused.text)
    assert comments(review) == []


def test_a_form_of_a_former_session_of_the_same_person_is_given_back_at_once(review: Site) -> None:
    with review.client(review.cast.mayor(NIORT)) as mayor:
        path, form = typed_form(review, mayor)
        comes_back(review, mayor, review.cast.mayor(NIORT))
        given = mayor.http.post(path, data=form)
    assert given.status_code == 409
    assert hidden(given.text)["texte"] == TYPED
    assert comments(review) == []


def test_a_form_with_a_file_gives_back_all_but_the_file(review: Site) -> None:
    with review.client(review.cast.contact(NIORT)) as contact:
        path = f"{review.deliverable(NOTE)}/acte-papier"
        words = hidden(contact.read(path))
        form = {"jeton": words["jeton"], "auteur": words["auteur"], "motif": TYPED}
        ends(review, contact)
        kept = contact.http.post(path, data=form, files={"fichier": ("acte.pdf", b"%PDF-1.7 secret" * 9000)})
        comes_back(review, contact, review.cast.contact(NIORT))
        given = contact.http.post("/reprise", data={"brouillon": hidden(kept.text)["brouillon"]})
    assert hidden(given.text)["motif"] == TYPED
    assert "multipart/form-data" in given.text
    assert "Le fichier est à choisir de nouveau" in plain(given.text)


@pytest.mark.parametrize("author", ["", "forged", "W10.x.y"])
def test_a_form_that_no_page_of_ours_made_is_kept_for_nobody(review: Site, author: str) -> None:
    form = {"jeton": "x", "auteur": author, "texte": TYPED}
    with review.client() as nobody, review.client(review.cast.mayor(NIORT)) as mayor:
        path = f"{review.deliverable(NOTE)}/commentaires"
        assert nobody.http.post(path, data=form).status_code == 303
        assert mayor.http.post(path, data=form).status_code == 403


def test_a_draft_is_forgotten_after_an_hour(review: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with review.client(review.cast.mayor(NIORT)) as mayor:
        kept = sent_too_late(review, mayor)
        monkeypatch.setattr(drafts, "DRAFT_LIFE", -1)
        comes_back(review, mayor, review.cast.mayor(NIORT))
        gone = mayor.http.post("/reprise", data={"brouillon": hidden(kept.text)["brouillon"]})
    assert gone.status_code == 404


@pytest.mark.trials
def test_in_a_real_browser_without_scripts_what_was_typed_comes_back(review: Site) -> None:
    who = review.cast.mayor(NIORT)
    with chromium() as chrome, review.browser(chrome, who, java_script_enabled=False) as page:
        page.goto(review.deliverable(NOTE))
        page.locator("textarea[name=texte]").first.fill(TYPED)
        page.context.clear_cookies()
        page.locator("form:has(textarea[name=texte]) button").first.click()
        assert page.get_by_role("heading", name="Votre connexion a pris fin").is_visible()
        page.context.add_cookies([{"name": COOKIE, "value": review.session_of(who), "url": review.address}])
        page.get_by_role("button", name="Retrouver ma saisie").click()
        page.get_by_role("button", name="Reprendre le formulaire").click()
        assert page.locator("textarea[name=texte]").first.input_value() == TYPED
