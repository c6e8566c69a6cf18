"""« Ce qui m’attend » as each person finds it: mine first, then ours, what reminded, and nothing of others."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cast import BOURGES, NIORT
from site_of_tests import Site

from models.paris_time import paris_day
from models.sign_off import Decision

At = Callable[..., Site]


def test_what_another_of_the_party_must_do_comes_second_with_where_it_stands(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.contact(NIORT)) as contact, here.client(here.cast.mayor(NIORT)) as mayor:
        of_contact, of_mayor = contact.read("/a-faire"), mayor.read("/a-faire")
    path = here.deliverable("charte")
    mine, _, ours = of_contact.partition("Attendu de nous")
    assert path not in mine
    assert path in ours
    assert "Voir où cela en est" in ours
    assert "prochain rappel le" in ours
    assert "Attendu de nous" not in of_mayor
    assert path in of_mayor
    assert "Lire et répondre" in of_mayor


def test_who_has_nothing_to_do_is_told_so_kindly(site: At) -> None:
    here = site("charter in review")
    for person in (here.cast.outsider, here.cast.observer):
        with here.client(person) as somebody:
            shown = somebody.read("/a-faire")
        assert "Vous êtes à jour" in shown
        assert "Attendu de" not in shown


def test_one_looks_further_ahead_than_a_quarter_and_never_back(site: At) -> None:
    here = site("charter closed")
    today = paris_day(here.cast.now)
    with here.client(here.cast.contact(NIORT)) as contact:
        near, far = f"{today + timedelta(days=5)}", f"{today + timedelta(days=1200)}"
        assert "Vous êtes à jour" in contact.read(f"/a-faire?jusqu-au={near}")
        assert "/engagements/" in contact.read(f"/a-faire?jusqu-au={far}")
        for wrong, sentence in (("hier", "« hier » n’est pas une date"), ("2020-01-01", "est passé")):
            answer = contact.get("/a-faire", params={"jusqu-au": wrong})
            assert answer.status_code == 400
            assert sentence in answer.text.replace("\u00a0", " ")
            assert f'value="{wrong}"' in answer.text


def test_what_is_late_says_so_in_words(site: At) -> None:
    here = site("charter closed")
    with here.cast.db.write() as session:
        late = paris_day(here.cast.now) - timedelta(days=3)
        session.connection().exec_driver_sql(
            "UPDATE commitment SET due_on = ? WHERE owner = ?", (late.isoformat(), NIORT)
        )
    with here.client(here.cast.contact(NIORT)) as contact:
        shown = contact.read("/a-faire")
    assert "sont en retard" in shown
    assert "en retard de 3\u00a0jours" in shown


def test_the_last_receipts_of_a_signatory_are_there(site: At) -> None:
    here = site("diagnosis in review")
    with here.client(here.cast.mayor(BOURGES)) as mayor:
        number = here.cast.sign("diagnostic", BOURGES, Decision.approved_with_reservations)
        shown = mayor.read("/a-faire")
    assert f'href="/recus/{number}"' in shown
    assert "approuvé avec réserves" in shown


@pytest.mark.parametrize("path", ["/a-faire", "/mon-compte", "/mon-compte/mes-donnees.json"])
def test_nobody_signed_in_is_asked_to_sign_in_first(site: At, path: str) -> None:
    with site("met").client() as nobody:
        answer = nobody.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion?suite=")
