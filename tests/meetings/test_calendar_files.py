"""Meetings and deadlines as calendar programs read them (RFC 5545)."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar
from mail_examples import EXAMPLES, NOW, render

from notifications.calendar import (
    Attendee,
    CalendarEvent,
    as_ics,
    deadline_event,
    event_uid,
    meeting_event,
)
from notifications.message import Message
from notifications.messages import message_from

PARIS = ZoneInfo("Europe/Paris")
URL = "https://projets.example:8443/projets/democratie-culturelle/reunions#reunion-5"

COPIL = meeting_event(
    "reunion-5",
    0,
    title="Comité de pilotage",
    project_title="Démocratie culturelle",
    starts_at=datetime(2027, 3, 25, 10, 0, tzinfo=PARIS),
    ends_at=datetime(2027, 3, 25, 11, 30, tzinfo=PARIS),
    place="Mairie de Niort, 1 place Martin-Bastard ; salle du conseil",
    agenda="Lecture croisée.\nCalendrier.",
    url=URL,
)
CHARTER = deadline_event(
    "echeance-2-0",
    1,
    stage_title="Charte",
    project_title="Démocratie culturelle",
    due_on=date(2027, 1, 15),
    url=URL,
)


def only_event(content: bytes) -> Calendar:
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return event


def read(message: str, **values: object) -> tuple[Message, Calendar, str]:
    example = message_from(message, EXAMPLES[message] | values)
    part = render(example).calendar
    assert part is not None
    return example, only_event(part.content), part.method


def test_lines_end_by_crlf_and_none_is_longer_than_75_bytes() -> None:
    content = as_ics([replace(COPIL, description="é" * 500), CHARTER], method="PUBLISH", now=NOW)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert str(
        only_event(as_ics([replace(COPIL, description="é" * 500)], method="PUBLISH", now=NOW))["DESCRIPTION"]
    ) == ("é" * 500)


def test_a_meeting_is_at_its_hour_wherever_it_is_read() -> None:
    event = only_event(as_ics([COPIL], method="PUBLISH", now=NOW))
    assert event.start == datetime(2027, 3, 25, 9, 0, tzinfo=UTC)
    assert event.end == datetime(2027, 3, 25, 10, 30, tzinfo=UTC)
    assert event["DTSTAMP"].dt == NOW
    summer = replace(COPIL, start=datetime(2027, 3, 29, 10, 0, tzinfo=PARIS), end=None)
    assert only_event(as_ics([summer], method="PUBLISH", now=NOW)).start.hour == 8


def test_a_deadline_lasts_all_day_and_makes_nobody_busy() -> None:
    event = only_event(as_ics([CHARTER], method="PUBLISH", now=NOW))
    assert (event.start, event.end) == (date(2027, 1, 15), date(2027, 1, 16))
    assert event["TRANSP"] == "TRANSPARENT"
    assert "TRANSP" not in only_event(as_ics([COPIL], method="PUBLISH", now=NOW))


def test_an_event_keeps_its_identity_and_counts_its_changes() -> None:
    assert event_uid("reunion-5", URL) == "reunion-5@projets.example"
    invited, changed, cancelled = (
        read(name)[1] for name in ("meeting_invitation", "meeting_changed", "meeting_cancelled")
    )
    assert invited["UID"] == changed["UID"] == cancelled["UID"] == "reunion-5@projets-partages.example"
    assert [int(each["SEQUENCE"]) for each in (invited, changed, cancelled)] == [0, 1, 2]


def test_an_invitation_says_who_convenes_and_who_is_invited() -> None:
    _, event, method = read("meeting_invitation")
    assert method == "REQUEST"
    assert event["ORGANIZER"] == "mailto:camille.renaud@anct.example"
    assert event["ATTENDEE"] == "mailto:helene.marchand@niort.example"
    assert event["ATTENDEE"].params["CN"] == "Hélène Marchand"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"


def test_a_cancellation_takes_the_meeting_out_of_the_calendar() -> None:
    _, event, method = read("meeting_cancelled")
    assert (method, event["STATUS"]) == ("CANCEL", "CANCELLED")
    fed = only_event(as_ics([replace(COPIL, is_cancelled=True)], method="PUBLISH", now=NOW))
    assert fed["STATUS"] == "CANCELLED"


def test_who_convenes_and_who_has_no_address_get_an_entry_to_keep_and_no_invitation() -> None:
    agent = {"recipient_name": "Camille Renaud", "recipient_email": "camille.renaud@anct.example"}
    unknown: list[dict[str, object]] = [agent, {"recipient_email": None}, {"agent_email": ""}]
    for values in unknown:
        _, event, method = read("meeting_invitation", **values)
        assert method == "PUBLISH"
        assert "ATTENDEE" not in event
    _, event, method = read("meeting_cancelled", **agent)
    assert (method, event["STATUS"]) == ("PUBLISH", "CANCELLED")


def test_the_mail_and_the_feed_say_a_deadline_with_the_same_words() -> None:
    message, event, method = read("sign_off_requested")
    assert method == "PUBLISH"
    fed = deadline_event(
        "echeance-2-0",
        0,
        stage_title="Charte",
        project_title="Démocratie culturelle",
        due_on=date(2027, 1, 15),
        url=message.link,
    )
    assert message.event() == fed
    assert (
        str(event["SUMMARY"])
        == fed.summary
        == "Échéance de l’étape «\u00a0Charte\u00a0» – Démocratie culturelle"
    )


def test_without_a_day_or_a_number_there_is_nothing_to_put_in_a_calendar() -> None:
    example = EXAMPLES["sign_off_requested"]
    for values in ({"due_on": None}, {"event_uid": None}):
        mail = render(message_from("sign_off_requested", example | values))
        assert mail.calendar is None
        assert "agenda" not in mail.text
    assert "ajouter à votre agenda" in render(message_from("sign_off_requested", example)).text


def test_a_feed_has_a_name_and_says_when_to_come_back() -> None:
    feed = Calendar.from_ical(as_ics([COPIL, CHARTER], method="PUBLISH", now=NOW, name="Projets partagés"))
    assert str(feed["X-WR-CALNAME"]) == "Projets partagés"
    assert feed["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert feed["METHOD"] == "PUBLISH"
    assert len(feed.walk("VEVENT")) == 2
    assert not Calendar.from_ical(as_ics([], method="PUBLISH", now=NOW, name="Vide")).walk("VEVENT")


def test_what_people_type_stays_in_its_own_property() -> None:
    typed = 'Ville"; RSVP=TRUE,x\r\nEND:VEVENT\rATTENDEE:mailto:tous@example.org\n\u2028\x00\\n; fin'
    mean = CalendarEvent(
        "reunion-1@x.example",
        0,
        typed,
        date(2027, 1, 1),
        location=typed,
        description=typed,
        url="https://x.example/\r\nATTENDEE:mailto:d@x.example",
        organizer=Attendee(typed, "a@x.example\r\nATTENDEE:mailto:b@x.example"),
        attendee=Attendee(typed, "c@x.example"),
    )
    content = as_ics([mean], method="REQUEST", now=NOW, name=typed)
    unfolded = content.replace(b"\r\n ", b"").decode()
    assert unfolded.count("\r\nEND:VEVENT\r\n") == 1
    assert len(re.findall(r"^ATTENDEE", unfolded, flags=re.MULTILINE)) == 1
    assert not re.search(r"[\x00\u2028]", unfolded)
    event = only_event(content)
    assert str(event["DESCRIPTION"]).startswith('Ville"; RSVP=TRUE,x\nEND:VEVENT\nATTENDEE')
    assert event["ATTENDEE"].params["ROLE"] == "REQ-PARTICIPANT"
