"""A minor revision on the pages: what is offered, what each sign-off shows, and the one button that objects."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, GUICHEN, MANTES, NIORT
from site_of_tests import Site, plain

from models.stage import StageStatus
from models.tables import VERSION

TakeSite = Callable[..., Site]
NOTE = "note_de_cadrage"


@pytest.fixture
def review(site: TakeSite) -> Site:
    """Niort has signed the note, then the ANCT corrected it."""
    review = site("constitution in review")
    review.cast.submit(NOTE, text="Le comité se réunit le 12 mars.\nLe budget est de 10 euros.\n")
    review.cast.sign(NOTE, NIORT)
    review.cast.submit(
        NOTE, text="Le comité se réunit le 21 mars.\nLe budget est de 10 euros.\n", minor="Une <date>"
    )
    return review


def end_delay(site: Site) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date()
    with site.cast.db.write_statements() as connection:
        connection.execute(
            sa.update(VERSION)
            .where(VERSION.c.objections_until.is_not(None))
            .values(objections_until=yesterday)
        )


@pytest.mark.parametrize(
    ("point", "key", "owner", "why"),
    [
        ("charter in review", "charte", None, "la charte est approuvée par chaque conseil"),
        ("action plan in review", "plan_d_action", NIORT, "devient un engagement"),
    ],
)
def test_where_no_revision_is_minor_the_box_is_not_offered_and_the_act_is_refused(
    site: TakeSite, point: str, key: str, owner: str | None, why: str
) -> None:
    review = site(point)
    with review.client(review.cast.agent) as agent:
        path = review.deliverable(key, owner)
        page = agent.read(path)
        assert 'name="mineure"' not in page
        if key == "charte":  # the plans are the cities' to submit
            assert why in page
        fields = {"mineure": "oui", "motif_mineur": "Une coquille"}
        answer = agent.send(f"{path}/depot", fields, file=("fichier", "charte.md", b"# Un autre texte"))
    assert (answer.status_code, why in answer.text) == (409, True)
    assert review.cast.deliverable(key, owner).number == 1


def test_the_mail_leads_to_what_changed_and_to_one_button_that_reading_does_not_press(review: Site) -> None:
    path = f"{review.deliverable(NOTE)}/objection"
    with review.client(review.cast.mayor(NIORT)) as mayor:
        page = mayor.read(path)
        assert mayor.http.head(path).status_code == 200
    main = page[page.index("<main") : page.index("</main")]
    assert main.count("<button") == 1
    assert "M’opposer pour Niort" in main
    assert "<del>" in main
    assert "Une &lt;date&gt;" in main
    assert "jusqu’au" in plain(main)
    assert review.cast.deliverable(NOTE).round == 2


def test_one_click_makes_it_a_new_version_and_the_next_one_hears_so(review: Site) -> None:
    path = review.deliverable(NOTE)
    with review.client(review.cast.mayor(NIORT)) as mayor:
        answer = mayor.send(f"{path}/objection", {"partie": NIORT})
        assert (answer.status_code, answer.headers["location"]) == (303, path)
        page = plain(mayor.read(path))
        assert "Votre réponse pour Niort" in page
        assert "Niort s’y est opposée" in page
        assert "Objection déjà faite" in mayor.read(f"{path}/objection")
    review.cast.sign(NOTE, NIORT)
    with review.client(review.cast.mayor(BOURGES)) as other:
        answer = other.send(f"{path}/objection", {"partie": BOURGES})
    assert (answer.status_code, "s’est déjà opposée" in answer.text) == (409, True)
    assert review.cast.deliverable(NOTE).round == 3


def test_the_page_of_the_document_has_the_button_too(review: Site) -> None:
    path = review.deliverable(NOTE)
    form = f'<form method="post" action="{path}/objection">'
    with review.client(review.cast.mayor(NIORT)) as mayor:
        assert mayor.read(path).count(form) == 1
    for who in (review.cast.agent, review.cast.contact(NIORT), review.cast.mayor(BOURGES)):
        with review.client(who) as visitor:
            assert form not in visitor.read(path)


def test_in_a_paused_project_the_button_stays(review: Site) -> None:
    review.cast.pause()
    path = f"{review.deliverable(NOTE)}/objection"
    with review.client(review.cast.mayor(NIORT)) as mayor:
        assert "M’opposer pour Niort" in mayor.read(path)
        assert mayor.send(path, {"partie": NIORT}).status_code == 303


def test_who_may_not_object_has_no_button_and_is_refused(review: Site) -> None:
    path = f"{review.deliverable(NOTE)}/objection"
    for who, status in (
        (review.cast.agent, 403),
        (review.cast.contact(NIORT), 403),
        (review.cast.observer, 403),
        (review.cast.mayor(BOURGES), 403),
    ):
        with review.client(who) as visitor:
            assert "M’opposer" not in visitor.read(path)
            assert visitor.send(path, {"partie": NIORT}).status_code == status
    with review.client(review.cast.outsider) as outsider:
        assert outsider.get(path).status_code == 404
    assert review.cast.deliverable(NOTE).round == 2


def test_after_the_delay_the_button_is_gone_and_the_refusal_says_what_is_left(review: Site) -> None:
    end_delay(review)
    path = f"{review.deliverable(NOTE)}/objection"
    with review.client(review.cast.mayor(NIORT)) as mayor:
        page = mayor.read(path)
        assert "Délai d’objection écoulé" in page
        assert "M’opposer" not in page
        answer = mayor.send(path, {"partie": NIORT})
    assert (answer.status_code, "peut être retirée" in answer.text) == (409, True)


def test_the_pages_say_until_when_the_stage_waits(review: Site) -> None:
    for code in (MANTES, BOURGES, GUICHEN):
        review.cast.sign(NOTE, code)
    assert review.cast.status("constitution") is StageStatus.signed_off
    with review.client(review.cast.agent) as agent:
        for path in (review.deliverable(NOTE), f"{review.project}/etapes/constitution"):
            assert "objections possibles jusqu’au" in plain(agent.read(path)).replace(
                "Objections", "objections"
            )
        project = plain(agent.read(review.project))
        assert "les signataires peuvent s’opposer à la révision mineure" in project
        answer = agent.send(f"{review.project}/etapes/charter/ouverture")
    assert answer.status_code == 409
    assert "Elle se clôt d’elle-même ensuite" in answer.text
    assert review.cast.status("charter") is StageStatus.planned


def test_each_sign_off_shows_the_bytes_it_was_given_on_and_what_was_revised_since(review: Site) -> None:
    cast, path = review.cast, review.deliverable(NOTE)
    (recorded,) = [each for each in cast.sign_offs(NOTE) if each.voided_at is None]
    compare = f"{path}/comparer?de=2&amp;a=3"
    with review.client(cast.observer) as reader:
        shown = reader.read(path)
        assert re.search(rf'Donnée sur la <a href="({path}/versions/2\?telecharger=1)">version 2</a>', shown)
        assert recorded.sha256[:12] in shown
        assert "révisée depuis" in shown
        assert compare in shown
        signed = reader.get(f"{path}/versions/2?telecharger=1")
        assert signed.content == cast.files.path(recorded.sha256).read_bytes()
        receipt = reader.read(f"/recus/{recorded.id}")
        assert f"{path}/versions/2?telecharger=1" in receipt
        assert "Révisé depuis" in receipt
        assert "Une &lt;date&gt;" in receipt
        assert compare in receipt
        assert recorded.sha256 in receipt
        stage = reader.read(f"{review.project}/etapes/constitution")
        assert "révisée depuis" in stage
        assert compare in stage
        assert reader.get(f"/recus/{recorded.id}/attestation.pdf").status_code == 200
