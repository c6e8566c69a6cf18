"""An agent follows a project: reminds by hand, convenes the committee, reads the journal."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cast import BOURGES, NIORT
from many_projects import add_projects, counted
from shelf import Shelf
from site_of_tests import Site, plain, site_at

from models.commitment import Commitment
from models.meeting import Meeting

At = Callable[..., Site]


@pytest.fixture(scope="module")
def still(sqlite_shelf: Shelf) -> Iterator[Site]:
    """A site on which everything that is tried is refused."""
    with site_at(sqlite_shelf, "charter in review") as here:
        yield here


def subjects(page: str) -> list[str]:
    """What can be reminded from the page now."""
    return re.findall(r'name="sujet" value="([^"]+)"', page)


# Reminders by hand


def test_each_thing_awaited_has_its_button_its_readers_and_its_reminders(site: At) -> None:
    here = site("charter in review")
    here.cast.sign("charte", BOURGES)
    with here.client(here.cast.agent) as agent:
        html = agent.read(f"{here.project}/relances")
    page = plain(html)
    assert len(subjects(html)) == 3
    assert "Niort : « Charte de projet partagé »" in page
    assert f"Le message ira à {here.cast.contact(NIORT).name}" in page
    assert "Jamais rappelé ; le prochain partira de lui-même le" in page
    assert "Bourges :" not in page


def test_a_reminder_leaves_at_once_then_says_when_the_next_is_possible(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.agent) as agent:
        first, *rest = subjects(agent.read(f"{here.project}/relances"))
        answer = agent.send(f"{here.project}/relances", {"sujet": first})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{here.project}/relances")
        html = agent.read(f"{here.project}/relances")
        assert "est parti." in plain(html)
        assert "Rappelé il y a moins de 24 heures : possible de nouveau le" in plain(html)
        assert subjects(html) == rest
        again = agent.send(f"{here.project}/relances", {"sujet": first})
        assert again.status_code == 409
        assert "un rappel par jour suffit" in again.text
        assert agent.send(f"{here.project}/relances", {"sujet": "commitment-99999"}).status_code == 409
    assert len(here.cast.notices("reminder_from_agent")) > 0


def test_only_an_agent_reminds(site: At) -> None:
    here = site("charter in review")
    for who in (here.cast.contact(NIORT), here.cast.mayor(NIORT)):
        with here.client(who) as visitor:
            assert visitor.get(f"{here.project}/relances").status_code == 403
            assert visitor.send(f"{here.project}/relances", {"sujet": "x"}).status_code == 403
    assert here.cast.notices("reminder_from_agent") == []


def test_nothing_is_awaited_during_a_pause(site: At) -> None:
    here = site("charter in review")
    here.cast.pause()
    with here.client(here.cast.agent) as agent:
        assert "Le projet est en pause : rien n’y est attendu" in plain(
            agent.read(f"{here.project}/relances")
        )


# Meetings


def convocation(site: Site, **changes: str) -> dict[str, str]:
    day = (site.cast.today + timedelta(days=20)).isoformat()
    fields = {"titre": "Comité de pilotage", "jour": day, "debut": "14:00", "fin": "16:00", "lieu": "Niort"}
    return fields | {"ordre": "La charte\nLa suite"} | changes


def meeting(site: Site) -> Meeting:
    (convened,) = site.cast.all(Meeting)
    return convened  # type: ignore[return-value]


def test_an_agent_convenes_moves_and_cancels_a_meeting(site: At) -> None:
    here = site("charter in review")
    path = f"{here.project}/reunions"
    with here.client(here.cast.agent) as agent:
        assert agent.send(path, convocation(here)).status_code == 303
        number = meeting(here).id
        html = agent.read(path)
        assert f'id="reunion-{number}"' in html
        assert "de 14 h à 16 h, Niort" in plain(html)
        moved = {
            f"jour-{number}": convocation(here)["jour"],
            f"debut-{number}": "9h30",
            f"fin-{number}": "11:00",
        }
        moved |= {
            f"lieu-{number}": "Guichen",
            f"ordre-{number}": "La charte",
            f"motif-{number}": "Salle prise",
        }
        assert agent.send(f"{path}/{number}/deplacement", moved).status_code == 303
        assert "de 9 h 30 à 11 h, Guichen" in plain(agent.read(path))
        same = agent.send(f"{path}/{number}/deplacement", moved)
        assert same.status_code == 409
        assert "est déjà ainsi" in same.text
        assert agent.send(f"{path}/{number}/annulation", {f"pourquoi-{number}": ""}).status_code == 422
        answer = agent.send(f"{path}/{number}/annulation", {f"pourquoi-{number}": "Canicule"})
        assert answer.headers["location"] == f"{path}#reunion-{number}"
        page = plain(agent.read(path))
    assert "Annulée : Canicule" in page
    assert "Aucune réunion n’est convoquée." in page
    assert here.cast.told("meeting_invitation") >= {here.cast.mayor_email(NIORT)}


def test_what_is_three_weeks_late_stands_on_the_agenda_of_the_next_meeting(site: At) -> None:
    here = site("charter closed")
    with here.cast.db.write() as session:
        promised = session.get_one(Commitment, here.cast.commitments(owner=NIORT)[0].id)
        promised.due_on = here.cast.today - timedelta(days=30)
    with here.client(here.cast.agent) as agent:
        agent.send(f"{here.project}/reunions", convocation(here))
        html = plain(agent.read(f"{here.project}/reunions"))
    assert "Niort : tenir son engagement" in html
    assert "en retard de 30 jours" in html


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"jour": ""}, "Jour : la date manque"),
        ({"debut": "midi"}, "Début : « midi » n’est pas une heure"),
        ({"fin": "13:00"}, "avant d’avoir commencé"),
        ({"jour": "2020-01-01"}, "dans le passé"),
        ({"titre": " "}, "Titre : ce champ est vide"),
        ({"lieu": "x" * 301}, "Lieu : 301 caractères"),
    ],
)
def test_a_meeting_that_cannot_be_loses_nothing_of_what_was_typed(
    still: Site, changes: dict[str, str], sentence: str
) -> None:
    with still.client(still.cast.agent) as agent:
        answer = agent.send(f"{still.project}/reunions", convocation(still, **changes))
    assert answer.status_code == 422
    assert sentence in plain(answer.text)
    assert 'id="convoquer" open' in answer.text
    assert "La charte\nLa suite" in answer.text
    assert still.cast.all(Meeting) == []


def test_a_meeting_of_another_project_is_out_of_sight_and_others_convene_nothing(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.agent) as agent:
        agent.send(f"{here.project}/reunions", convocation(here))
        number = meeting(here).id or 0
        for act in ("deplacement", "annulation"):
            assert agent.send(f"{here.project}/reunions/{number + 1}/{act}").status_code == 404
    with here.client(here.cast.contact(NIORT)) as contact:
        assert "Convoquer" not in contact.read(f"{here.project}/reunions")
        assert contact.send(f"{here.project}/reunions", convocation(here)).status_code == 403
        path = f"{here.project}/reunions/{number}/annulation"
        assert contact.send(path, {f"pourquoi-{number}": "Non"}).status_code == 403
    assert meeting(here).cancelled_at is None


# The journal


def test_the_journal_is_read_by_all_and_says_that_it_was_verified(site: At) -> None:
    here = site("charter closed")
    with here.client(here.cast.observer) as observer:
        page = plain(observer.read(f"{here.project}/journal"))
        assert "journal vérifié" in page
        assert page.index("Étape « Charte » close") < page.index("Étape « Charte » ouverte")
        narrowed = plain(observer.read(f"{here.project}/journal?partie={NIORT}"))
        assert "au nom de Niort" in narrowed
        assert "au nom de Bourges" not in narrowed
        assert "Aucun fait" in plain(observer.read(f"{here.project}/journal?partie=inconnue&page=12"))


def test_a_line_changed_behind_the_application_s_back_is_told(site: At) -> None:
    here = site("charter closed")
    with here.cast.db.write() as session:
        session.connection().exec_driver_sql("DROP TRIGGER audit_entry_no_update")
        session.connection().exec_driver_sql(
            "UPDATE audit_entry SET actor_id = NULL WHERE event = 'stage_transition.requested'"
        )
    with here.client(here.cast.agent) as agent:
        page = plain(agent.read(f"{here.project}/journal"))
    assert "journal vérifié" not in page
    assert "son contenu a été modifié" in page


def test_these_pages_take_as_many_queries_for_many_projects_as_for_one(site: At, tmp_path: Path) -> None:
    here = site("charter in review")
    counts = []
    for number in (1, 5):
        with here.client(here.cast.agent) as agent:
            agent.read(here.project)
            for path in ("/relances", "/reunions", "/journal"):
                with counted(here.cast.db) as seen:
                    agent.read(here.project + path)
                counts.append(len(seen))
        add_projects(here.cast, tmp_path, number, number + 2)
    assert counts[:3] == counts[3:]
    assert max(counts) <= 42
