"""« Mes jetons »: made, shown once, revoked, by who is signed in; and as the command line reads them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from api import PATH
from browser import PHONE, fits_its_width
from cast import MANTES, NIORT
from command_line import CommandLine
from playwright.sync_api import Browser
from site_of_tests import Site, Visitor

from models.api_token import MOST_LIVE, ApiToken
from queries.access.tokens import list_tokens

At = Callable[[str], Site]
HERE = "/mes-jetons"
SECRET = re.compile(r'value="(pp_[\w-]{43})"')


@pytest.fixture
def here(site: At) -> Site:
    return site("met")


def tokens(here: Site) -> list[ApiToken]:
    with here.cast.db.read() as session:
        return list_tokens(session, here.cast.mayor(NIORT).person_id)


def create(somebody: Visitor, **fields: str) -> str:
    """The secret that the page shows."""
    answer = somebody.send(HERE, {"nom": "Tableau de bord", "droits": "lecture", "duree": "30"} | fields)
    assert answer.status_code == 200, answer.text
    match = SECRET.search(answer.text)
    assert match
    return match[1]


def asks(somebody: Visitor, secret: str, method: str = "GET", path: str = "/me") -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    return somebody.http.request(method, PATH + path, headers=headers).status_code


def test_a_token_is_made_shown_once_and_opens_the_api(here: Site) -> None:
    with here.client(here.cast.mayor(NIORT)) as mayor:
        assert "aucun jeton en service" in mayor.read(HERE)
        secret = create(mayor)
        assert "Tableau de bord" in mayor.read(HERE)
        assert secret not in mayor.read(HERE)
        assert secret not in str(dict(mayor.http.cookies))
        assert asks(mayor, secret) == 200
        assert asks(mayor, secret, "POST", f"/projects/{here.cast.slug}/pause") == 403
    (token,) = tokens(here)
    assert (token.is_read_only, (token.expires_at - token.created_at).days) == (True, 30)


def test_a_token_that_writes_is_asked_for(here: Site) -> None:
    with here.client(here.cast.mayor(NIORT)) as mayor:
        create(mayor, droits="ecriture", duree="365")
    assert not tokens(here)[0].is_read_only


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"nom": " "}, "à quoi il sert"),
        ({"duree": "4000"}, "d’un jour à un an"),
        ({"duree": "x"}, "d’un jour"),
    ],
)
def test_a_refused_token_says_why_and_what_was_typed_stays(
    here: Site, fields: dict[str, str], refusal: str
) -> None:
    with here.client(here.cast.mayor(NIORT)) as mayor:
        answer = mayor.send(HERE, {"nom": "Sauvegarde", "droits": "ecriture", "duree": "30"} | fields)
    assert answer.status_code == 422
    assert refusal in answer.text
    assert 'value="ecriture" required checked' in answer.text
    assert tokens(here) == []


def test_the_eleventh_token_is_refused(here: Site) -> None:
    with here.client(here.cast.mayor(NIORT)) as mayor:
        for _ in range(MOST_LIVE):
            create(mayor)
        assert f"{MOST_LIVE} jetons en service" in mayor.send(HERE, {"nom": "Un de trop"}).text


def test_one_is_revoked_then_all_and_signing_out_everywhere_revokes_none(here: Site) -> None:
    with here.client(here.cast.mayor(NIORT)) as mayor:
        first, second, third = create(mayor), create(mayor), create(mayor)
        number = min(each.id or 0 for each in tokens(here))
        assert mayor.send(f"{HERE}/{number}/fin").headers["location"] == HERE
        assert [asks(mayor, each) for each in (first, second, third)] == [401, 200, 200]
        mayor.send("/deconnexion", {"partout": "oui"})
        assert asks(mayor, second) == 200
    with here.client(here.cast.mayor(NIORT)) as mayor:
        mayor.send(f"{HERE}/fin")
        assert [asks(mayor, each) for each in (second, third)] == [401, 401]
        assert "révoqué le" in mayor.read(HERE)


def test_nobody_touches_another_s_tokens_nor_sends_the_form_from_elsewhere(here: Site) -> None:
    with here.client(here.cast.mayor(NIORT)) as mayor:
        secret = create(mayor)
        number = tokens(here)[0].id
        assert mayor.http.post(HERE, data={"nom": "Ailleurs"}).status_code == 403
        assert mayor.http.post(f"{HERE}/{number}/fin", data={"jeton": "0" * 64}).status_code == 403
        with here.client(here.cast.mayor(MANTES)) as other:
            assert "Tableau de bord" not in other.read(HERE)
            assert other.send(f"{HERE}/{number}/fin").status_code == 404
        assert asks(mayor, secret) == 200
    with here.client() as nobody:
        assert nobody.get(HERE).headers["location"].startswith("/connexion")


def test_the_command_line_lists_them_and_revokes_for_their_holder(
    here: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = here.cast
    shell, email = CommandLine(cast.db, tmp_path, monkeypatch), cast.mayor_email(NIORT)
    with here.client(cast.mayor(NIORT)) as mayor:
        secret = create(mayor)
        (listed,) = shell.json("token", "list", email)
        assert (listed["name"], listed["is_read_only"], listed["is_live"]) == ("Tableau de bord", True, True)
        assert "token_hash" not in listed
        assert "en service" in shell.ok("token", "list", email)
        refusal = shell.refused("token", "revoke", email, listed["id"], "--as", cast.mayor_email(MANTES))
        assert "seul un agent de l’ANCT le peut" in refusal
        shell.ok("token", "revoke", email, listed["id"], "--as", "camille.roussel@anct.example")
        assert asks(mayor, secret) == 401
        assert "révoqué" in shell.ok("token", "list", email)


def test_it_is_made_with_the_keyboard_on_a_phone(here: Site, chrome: Browser, tmp_path: Path) -> None:
    with here.browser(chrome, here.cast.mayor(NIORT), PHONE) as page:
        page.goto(HERE)
        page.get_by_label("Nom").focus()
        page.keyboard.type("Tableau de bord")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=copiez-le maintenant")
        assert page.get_by_label("Jeton", exact=True).input_value().startswith("pp_")
        page.screenshot(path=tmp_path / "jetons.png", full_page=True)
        assert fits_its_width(page)
