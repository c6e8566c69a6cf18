"""The pages of a project and of its stages: what is missing, opening what comes next, and steering."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from cast import BOURGES, CITIES, GUICHEN, MANTES, NIORT
from site_of_tests import Site, Visitor, plain

from models.shared_project import ProjectStatus
from models.sign_off import Decision
from models.stage import StageStatus

At = Callable[..., Site]


def read(visitor: Visitor, path: str) -> str:
    return plain(visitor.read(path))


def test_while_something_is_missing_the_page_says_what_and_the_button_is_disabled(site: At) -> None:
    here = site("charter in review")
    here.cast.sign("charte", NIORT)
    with here.client(here.cast.agent) as agent:
        html = agent.read(here.project)
        assert "Elle ne peut pas encore s’ouvrir : il manque 4 choses." in plain(html)
        assert "Bourges : valider « Charte de projet partagé »" in plain(html)
        assert re.search(r'<button [^>]*disabled aria-describedby="pourquoi"', html)
        assert "/ouverture" not in html
        answer = agent.send(f"{here.project}/etapes/terms_of_reference/ouverture")
    assert answer.status_code == 409
    assert "Rien n’a été enregistré" in answer.text
    assert "Bourges : valider" in plain(answer.text)
    assert here.cast.status("terms_of_reference") is StageStatus.planned


def test_the_next_stage_is_asked_for_then_shown_as_opening(site: At) -> None:
    here = site("charter closed")
    with here.client(here.cast.agent) as agent:
        assert f'action="{here.project}/etapes/terms_of_reference/ouverture"' in agent.read(here.project)
        answer = agent.send(f"{here.project}/etapes/terms_of_reference/ouverture")
        assert (answer.status_code, answer.headers["location"]) == (303, here.project)
        page = agent.read(here.project)
        assert "L’ouverture de l’étape est demandée." in page
        assert "data-wait" in page
        assert "Ouverture en cours" in page
        again = agent.send(f"{here.project}/etapes/terms_of_reference/ouverture")
        assert again.status_code == 303
    assert here.cast.status("terms_of_reference") is StageStatus.opening


@pytest.mark.parametrize("who", ["mayor", "contact", "observer"])
def test_others_read_and_open_nothing(site: At, who: str) -> None:
    here = site("charter closed")
    person = here.cast.observer if who == "observer" else getattr(here.cast, who)(NIORT)
    with here.client(person) as visitor:
        page = visitor.read(here.project)
        assert "/ouverture" not in page
        assert "Conduire le projet" not in page
        for path in (
            "etapes/terms_of_reference/ouverture",
            "pause",
            "prise-en-charge",
            "etapes/charter/signature",
        ):
            assert visitor.send(f"{here.project}/{path}").status_code == 403
    assert here.cast.status("terms_of_reference") is StageStatus.planned


def test_a_form_without_its_token_does_nothing(site: At) -> None:
    here = site("charter closed")
    with here.client(here.cast.agent) as agent:
        answer = agent.http.post(f"{here.project}/etapes/terms_of_reference/ouverture")
    assert answer.status_code == 403
    assert here.cast.status("terms_of_reference") is StageStatus.planned


def test_the_matrix_tells_city_deliverable_and_version(site: At) -> None:
    here = site("diagnosis in review")
    here.cast.sign("diagnostic", NIORT, Decision.approved_with_reservations)
    here.cast.sign("diagnostic", BOURGES, Decision.refused)
    here.cast.submit("diagnostic", BOURGES)
    with here.client(here.cast.mayor(MANTES)) as mayor:
        page = plain(mayor.read(here.project))
    matrix = page[page.index("Qui a validé quoi") : page.index("Les étapes")]
    assert "Collectivité Diagnostic territorial Synthèse croisée" in matrix
    assert re.search(r"Niort approuvé avec réserves version 1", matrix, re.IGNORECASE)
    assert "Bourges à valider version 2 , avait répondu sur la version 1" in matrix
    assert all(here.cast.party(code).name in matrix for code in CITIES)


def test_a_project_is_read_from_its_first_day_to_its_last(site: At) -> None:
    for point in ("met", "consultation open", "lessons open", "over"):
        here = site(point)
        with here.client(here.cast.agent) as agent:
            page = read(agent, here.project)
            for stage in ("constitution", "consultation", "lessons_learned"):
                agent.read(f"{here.project}/etapes/{stage}")
        assert page.count("Conduire le projet") == 1
    assert "Toutes les étapes sont closes." in page
    assert "engagements à tenir" in page


def test_the_drawing_keeps_every_bar_within_its_width(site: At) -> None:
    here = site("consultation open")
    with here.client(here.cast.agent) as agent:
        page = agent.read(here.project)
    bars = re.findall(r'<rect x="([\d.]+)%" y="5" width="([\d.]+)%"', page)
    assert len(bars) == 7
    assert all(float(x) >= 0 and float(x) + float(width) <= 101.01 for x, width in bars)
    assert 2 <= page.count("<text ") <= 5
    assert 'style="' not in page


def test_an_agent_pauses_and_resumes_with_a_reason(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.agent) as agent:
        empty = agent.send(f"{here.project}/pause", {"motif-pause": " "})
        assert empty.status_code == 422
        assert "Motif : ce champ est vide" in plain(empty.text)
        assert 'id="pause" open' in empty.text
        assert agent.send(f"{here.project}/pause", {"motif-pause": "x" * 2001}).status_code == 422
        assert agent.send(f"{here.project}/pause", {"motif-pause": "Élections"}).status_code == 303
        page = read(agent, here.project)
        assert "Le projet est en pause" in page
        assert "Élections" in page
        twice = agent.send(f"{here.project}/pause", {"motif-pause": "Encore"})
        assert twice.status_code == 409
        assert agent.send(f"{here.project}/reprise", {"motif-resume": "Conseil élu"}).status_code == 303
    assert here.cast.project().status is ProjectStatus.active


def test_a_cancellation_is_meant(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.agent) as agent:
        unsure = agent.send(f"{here.project}/annulation", {"motif-cancel": "Plus de budget"})
        assert unsure.status_code == 422
        assert "Plus de budget" in unsure.text
        assert here.cast.project().status is ProjectStatus.active
        sure = agent.send(f"{here.project}/annulation", {"motif-cancel": "Plus de budget", "certain": "oui"})
        assert sure.status_code == 303
        page = agent.read(here.project)
    assert here.cast.project().status is ProjectStatus.cancelled
    assert "/pause" not in page
    assert "/annulation" not in page


def test_an_agent_takes_charge_of_a_project_that_nobody_has(site: At) -> None:
    here = site("charter in review")
    with here.cast.db.write() as session:
        session.connection().exec_driver_sql("UPDATE shared_project SET agency_agent_id = NULL")
    with here.client(here.cast.agent) as agent:
        assert "Personne n’a encore la charge" in read(agent, here.project)
        assert agent.send(f"{here.project}/prise-en-charge").status_code == 303
        page = agent.read(here.project)
    assert "mailto:camille.roussel@anct.example" in page
    assert "/prise-en-charge" not in page


# The page of a stage


def test_the_page_of_a_stage_has_an_anchor_for_each_deliverable(site: At) -> None:
    here = site("diagnosis in review")
    for who in (
        here.cast.agent,
        here.cast.mayor(NIORT),
        here.cast.contact(GUICHEN),
        here.cast.contractor,
        here.cast.observer,
    ):
        with here.client(who) as visitor:
            page = visitor.read(f"{here.project}/etapes/territorial_diagnosis")
        for deliverable in here.cast.all_deliverables("diagnostic"):
            assert f'id="livrable-{deliverable.id}"' in page
            assert f"{here.project}/livrables/{deliverable.id}/versions/1" in page
        assert "Étape suivante : Concertation" in plain(page)
        assert "Étape 4 sur 7" in plain(page)
        assert 'data-fr-current-step="4" data-fr-steps="7"' in page
        assert ("/echeance" in page) == (who == here.cast.agent)


def test_the_anct_signs_the_charter_last_and_what_it_read(site: At) -> None:
    here = site("charter in review")
    path = f"{here.project}/etapes/charter"
    with here.client(here.cast.agent) as agent:
        early = agent.read(path)
        assert "/signature" not in early
        charter = {"sha256": here.cast.deliverable("charte").sha256 or "", "lu": "oui"}
        assert agent.send(f"{path}/signature", charter).status_code == 409
        here.cast.sign_all("charter")
        page = agent.read(path)
        assert f'value="{charter["sha256"]}"' in page
        assert "cochez la case" in agent.send(f"{path}/signature", {"sha256": charter["sha256"]}).text
        other = agent.send(f"{path}/signature", charter | {"sha256": "0" * 64})
        assert other.status_code == 409
        assert "Camille Roussel a signé la charte" not in plain(agent.read(path))
        assert agent.send(f"{path}/signature", charter).status_code == 303
        signed = agent.read(path)
    assert "Camille Roussel a signé la charte pour l’ANCT" in plain(signed)
    assert "/signature" not in signed


def test_the_deadline_is_extended_for_all_or_for_one_city(site: At) -> None:
    here = site("charter in review")
    path, due = f"{here.project}/etapes/charter", here.cast.stage("charter").due_on or date.max
    later, latest = due + timedelta(days=10), due + timedelta(days=20)
    with here.client(here.cast.agent) as agent:
        wrong = agent.send(f"{path}/echeance", {"jusqu-au": "demain", "motif": "Conseil reporté"})
        assert wrong.status_code == 422
        assert "n’est pas une date" in plain(wrong.text)
        assert "Conseil reporté" in wrong.text
        earlier = {"jusqu-au": (due - timedelta(days=5)).isoformat(), "motif": "Conseil reporté"}
        assert agent.send(f"{path}/echeance", earlier).status_code == 409
        for fields in (
            {"jusqu-au": later.isoformat(), "motif": "Conseil reporté"},
            {"jusqu-au": latest.isoformat(), "motif": "Crue", "partie": NIORT},
        ):
            assert agent.send(f"{path}/echeance", fields).status_code == 303
        page = read(agent, path)
    assert here.cast.stage("charter").due_on == later
    assert "sauf pour : Niort" in page
    assert "Crue" in page


def test_a_city_gets_more_time_before_its_stage_is_even_open(site: At) -> None:
    here = site("charter in review")
    path = f"{here.project}/etapes/action_plan"
    due = here.cast.stage("action_plan").due_on or here.cast.today
    with here.client(here.cast.agent) as agent:
        assert f'<option value="{NIORT}"' in agent.read(path)
        fields = {"jusqu-au": (due + timedelta(days=10)).isoformat(), "motif": "Élections", "partie": NIORT}
        assert agent.send(f"{path}/echeance", fields).status_code == 303
        assert "sauf pour : Niort" in read(agent, path)


def test_during_a_pause_the_page_says_that_the_project_waits(site: At) -> None:
    here = site("charter in review")
    here.cast.pause()
    with here.client(here.cast.agent) as agent:
        html = agent.read(here.project)
    assert "est en pause (Élections municipales) : demandez à l’ANCT de le reprendre" in plain(html)
    assert 'id="manque"' not in html
    assert "disabled" in html


def test_an_outsider_does_not_learn_that_the_project_is_there(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.outsider) as outsider:
        for path in ("", "/etapes/charter"):
            assert outsider.get(here.project + path).status_code == 404
        assert outsider.send(f"{here.project}/pause", {"motif-pause": "Moi"}).status_code == 404
    with here.client(here.cast.agent) as agent:
        assert agent.get(f"{here.project}/etapes/inconnue").status_code == 404
