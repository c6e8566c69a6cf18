"""``projet-partage reminders``: what is shown of a day, what is sent, what is asked by hand."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cast import NIORT, Cast
from command_line import AGENT, CONTACTS, CommandLine
from database_contents import everything
from reminding import At, choose, convene, hold, moment, promise, reminded

import commands.open_database
import commands.reminders
from models.person import MailFrequency

TUESDAY = date(2027, 3, 16)
HUGO = CONTACTS[NIORT]
SLUG = "democratie-culturelle"


class Desk:
    """The command line on the database of a cast, at an instant of its own."""

    def __init__(self, cast: Cast, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cast, self._monkeypatch = cast, monkeypatch
        self.cli = CommandLine(cast.db, folder, monkeypatch)
        monkeypatch.setenv("PROJET_PARTAGE_BASE_URL", "https://projets.example")

    def at(self, now: datetime) -> CommandLine:
        """The clock of the commands stands there."""
        for module in (commands.reminders, commands.open_database):
            self._monkeypatch.setattr(module, "now", lambda: now)
        return self.cli


@pytest.fixture
def desk(at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(at("met"), tmp_path, monkeypatch)


def test_the_preview_in_json_is_the_interface_that_scripts_rely_on(desk: Desk) -> None:
    subject = promise(desk.cast, TUESDAY)
    meeting = convene(desk.cast, TUESDAY, told_at=moment(date(2027, 1, 4)))
    before = everything(desk.cast.db)
    planned = desk.at(moment(TUESDAY - timedelta(days=7), 7)).json(
        "reminders", "preview", "--on", "2027-03-09"
    )
    assert everything(desk.cast.db) == before
    (mine,) = [each for each in planned if each["to"] == HUGO]
    assert {name: mine[name] for name in ("to", "subject", "send_at")} == {
        "to": HUGO,
        "subject": mine["subject"],
        "send_at": "2027-03-09T08:00:00+01:00",
    }
    assert mine["subject"].endswith(" – Démocratie culturelle")
    asked = {"kind", "rung", "due_on", "project", "about"}
    items = [{name: item[name] for name in asked} for item in mine["items"]]
    common = {"rung": "J-7", "due_on": "2027-03-16", "project": SLUG}
    assert items == [
        common | {"kind": "commitment", "about": "Prêter une salle"},
        common | {"kind": "meeting", "about": "Comité de pilotage, à 14 h"},
    ]
    assert [item["subject"] for item in mine["items"]] == [subject, f"meeting-{meeting.id}"]
    assert [each["to"] for each in planned] == sorted(each["to"] for each in planned)


def test_the_preview_in_words_says_who_and_what_and_that_nothing_was_sent(desk: Desk) -> None:
    promise(desk.cast, TUESDAY)
    words = " ".join(desk.at(moment(TUESDAY, 7)).ok("reminders", "preview", "--on", "2027-03-16").split())
    for word in (HUGO, "engagement", "Prêter une salle", "16/03/2027", "08:00", "Rien n’a été envoyé"):
        assert word in words
    nothing = desk.at(moment(TUESDAY, 7)).ok("reminders", "preview", "--on", "2027-01-02")
    assert "Rien ne partirait le 02/01/2027" in nothing.replace("\u00a0", " ")


def test_a_day_gone_by_is_shown_and_not_sent_again(desk: Desk) -> None:
    subject = promise(desk.cast, TUESDAY)
    hold(desk.cast, TUESDAY)
    cli = desk.at(moment(TUESDAY + timedelta(days=30)))
    (mail,) = cli.json("reminders", "preview", "--on", "2027-03-16")
    assert (mail["to"], [item["subject"] for item in mail["items"]]) == (HUGO, [subject])
    refusal = cli.refused("reminders", "send", "--on", "2027-03-16")
    assert "passé" in refusal
    assert "reminders preview --on 2027-03-16" in refusal


def test_send_does_what_the_preview_said_and_once(desk: Desk) -> None:
    promise(desk.cast, TUESDAY)
    cli = desk.at(moment(TUESDAY, 9))
    planned = cli.json("reminders", "preview", "--on", "2027-03-16")
    assert cli.json("reminders", "send") == {"day": "2027-03-16", "digests": 1, "reminders": 1}
    assert cli.json("reminders", "send") == {"day": "2027-03-16", "digests": 0, "reminders": 0}
    assert "déjà écrits" in cli.ok("reminders", "send")
    assert cli.json("reminders", "preview", "--on", "2027-03-16") == planned
    assert len(reminded(desk.cast.db)) == 1


@pytest.mark.parametrize("hour", [0, 7, 18, 23])
def test_nothing_is_sent_outside_the_hours(desk: Desk, hour: int) -> None:
    promise(desk.cast, TUESDAY)
    words = desk.at(moment(TUESDAY, hour, 59 if hour == 7 else 0)).ok("reminders", "send")
    assert "de 08 h à 18 h" in words.replace("\u00a0", " ")
    assert reminded(desk.cast.db) == []


def test_a_day_to_come_can_be_sent_ahead(desk: Desk) -> None:
    promise(desk.cast, TUESDAY)
    cli = desk.at(moment(TUESDAY - timedelta(days=1), 20))
    assert cli.json("reminders", "send", "--on", "2027-03-16")["digests"] == 1
    assert desk.at(moment(TUESDAY, 9)).json("reminders", "send")["digests"] == 0


def test_the_list_gives_what_is_awaited_with_the_last_and_the_next_reminder(desk: Desk) -> None:
    subject = promise(desk.cast, TUESDAY)
    hold(desk.cast, TUESDAY - timedelta(days=7))
    (line,) = desk.at(moment(TUESDAY - timedelta(days=6))).json("reminders", "list", SLUG)
    assert line == {
        "subject": subject,
        "kind": "commitment",
        "about": "Prêter une salle",
        "party": NIORT,
        "due_on": "2027-03-16",
        "last_reminded_on": "2027-03-09",
        "next_reminder_on": "2027-03-15",
    }
    words = " ".join(desk.cli.ok("reminders", "list", SLUG).split())
    for word in (subject, "09/03/2027", "15/03/2027"):
        assert word in words


def test_a_project_that_awaits_nothing_says_so(desk: Desk) -> None:
    assert "Rien n’est attendu" in desk.cli.ok("reminders", "list", SLUG)


def test_the_agent_reminds_at_once_and_not_twice_a_day(desk: Desk) -> None:
    subject = promise(desk.cast, TUESDAY)
    cli = desk.at(moment(TUESDAY, 10))
    assert cli.json("reminders", "now", SLUG, subject, "--as", AGENT) == {"subject": subject, "recipients": 1}
    cli = desk.at(moment(TUESDAY, 11))
    refusal = cli.refused("reminders", "now", SLUG, subject, "--as", AGENT)
    assert "déjà été rappelé le 16/03/2027 à 10:00" in refusal
    assert "17/03/2027 à 10:00" in refusal


def test_refusals_say_what_why_and_what_to_do(desk: Desk) -> None:
    subject = promise(desk.cast, TUESDAY)
    cli = desk.at(moment(TUESDAY, 10))
    assert "ANCT" in cli.refused("reminders", "now", SLUG, subject, "--as", HUGO)
    assert subject in cli.refused("reminders", "now", SLUG, "commitment-999", "--as", AGENT)
    assert "inconnu" in cli.refused("reminders", "list", "inconnu")
    assert cli.run("reminders", "preview").exit_code == 2
    assert cli.run("reminders", "preview", "--on", "demain").exit_code == 2


def test_the_preview_counts_the_news_and_names_the_projects_whose_state_is_told(desk: Desk) -> None:
    cast = desk.cast
    choose(cast, cast.contact(NIORT).person_id, MailFrequency.weekly)
    cast.open("constitution")
    monday = date(2026, 11, 23)  # the next day
    planned = desk.at(cast.now).json("reminders", "preview", "--on", monday.isoformat())
    by_reader: dict[str, Any] = {each["to"]: each for each in planned}
    assert by_reader[AGENT]["states"] == [SLUG]
    assert (by_reader[HUGO]["items"], by_reader[HUGO]["news"]) == ([], 1)
