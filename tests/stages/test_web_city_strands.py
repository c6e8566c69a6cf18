"""The three strands of the Assises: recorded by each city's contact, corrected, read by all; refused without loss."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cast import BOURGES, NIORT
from site_of_tests import Site

from models.consultation_strand import ConsultationStrand
from models.paris_time import paris_day

At = Callable[..., Site]


def volet(here: Site, key: str = "citizens", party: str = NIORT) -> str:
    return f"{here.project}/etapes/consultation/volets/{party}/{key}"


def strand(here: Site, key: str = "citizens", party: str = NIORT) -> ConsultationStrand:
    (row,) = (
        each
        for each in here.cast.all(ConsultationStrand, ConsultationStrand.key == key)  # type: ignore[arg-type]
        if each.party_id == here.cast.party(party).id  # type: ignore[attr-defined]
    )
    return row  # type: ignore[return-value]


def test_a_contact_records_a_strand_then_corrects_it_and_all_read_it(site: At) -> None:
    here = site("consultation open")
    stage = f"{here.project}/etapes/consultation"
    fields = {
        "tenu-le": f"{paris_day(here.cast.now)}",
        "participants": "1 240",
        "resume": "Des <jeunes>.\nÀ 20 h.",
    }
    with here.client(here.cast.contact(NIORT)) as contact:
        assert f'href="{volet(here)}"' in contact.read(stage)
        assert f'href="{volet(here, party=BOURGES)}"' not in contact.read(stage)
        answer = contact.send(volet(here), fields)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{stage}#volets")
        assert 'value="1240"' in contact.read(volet(here))
        assert contact.send(volet(here), fields | {"participants": "1250"}).status_code == 303
    assert (strand(here).participants, strand(here).summary) == (1250, "Des <jeunes>.\nÀ 20 h.")
    for person in (here.cast.observer, here.cast.contractor, here.cast.contact(BOURGES), here.cast.agent):
        with here.client(person) as somebody:
            shown = somebody.read(stage)
        assert "Des &lt;jeunes&gt;." in shown
        assert "1250" in shown
        assert volet(here) not in shown


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tenu-le": ""}, "Tenu le : la date manque"),
        ({"tenu-le": "le mois dernier"}, "n’est pas une date"),
        ({"tenu-le": "tomorrow"}, "dans l’avenir"),
        ({"participants": "beaucoup"}, "n’est pas un nombre entier"),
        ({"participants": "-3"}, "ne peut pas être négatif"),
        ({"participants": "2000000"}, "vérifiez le nombre"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(
    site: At, changes: dict[str, str], sentence: str
) -> None:
    here = site("consultation open")
    today = paris_day(here.cast.now)
    if changes.get("tenu-le") == "tomorrow":
        changes = {"tenu-le": f"{today + timedelta(days=1)}"}
    fields = {"tenu-le": f"{today}", "participants": "12", "resume": "Une longue soirée."} | changes
    with here.client(here.cast.contact(NIORT)) as contact:
        answer = contact.send(volet(here), fields)
    assert answer.status_code == 422
    assert sentence in answer.text.replace("\u00a0", " ")
    for value in filter(None, fields.values()):
        assert value in answer.text
    assert strand(here).held_on is None


def test_a_day_is_written_by_hand_too(site: At) -> None:
    here = site("consultation open")
    today = paris_day(here.cast.now)
    with here.client(here.cast.contact(NIORT)) as contact:
        contact.send(volet(here), {"tenu-le": f"{today:%d/%m/%Y}", "participants": "12"})
    assert strand(here).held_on == today


def test_only_who_acts_for_the_city_records_its_strands(site: At) -> None:
    here = site("consultation open")
    fields = {"tenu-le": f"{paris_day(here.cast.now)}", "participants": "12"}
    for person in (here.cast.agent, here.cast.observer, here.cast.contractor, here.cast.contact(BOURGES)):
        with here.client(person) as somebody:
            assert somebody.send(volet(here), fields).status_code == 403
    with here.client(here.cast.contact(BOURGES)) as other:
        assert "<textarea" not in other.read(volet(here))
    with here.client(here.cast.outsider) as somebody:
        assert somebody.get(volet(here)).status_code == 404
    with here.client(here.cast.contact(NIORT)) as contact:
        assert contact.http.post(volet(here), data=fields).status_code == 403, "only our own forms"
        assert contact.get(volet(here, "fireworks")).status_code == 404
        assert contact.get(volet(here, party="99999")).status_code == 404
    assert strand(here).held_on is None


def test_once_the_stage_is_closed_nothing_is_corrected(site: At) -> None:
    here = site("action plan open")
    with here.client(here.cast.contact(NIORT)) as contact:
        shown = contact.read(volet(here))
        assert "L’étape est close" in shown
        assert "<textarea" not in shown
        fields = {"tenu-le": f"{paris_day(here.cast.now)}", "participants": "1"}
        assert contact.send(volet(here), fields).status_code == 409
        assert "Corriger" not in contact.read(f"{here.project}/etapes/consultation")
