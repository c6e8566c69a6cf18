"""A person's calendar at its secret address (RFC 5545): their meetings, and the days by which they owe something."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa
from cast import BOURGES, GUICHEN, NIORT, Cast, seed_file
from icalendar import Calendar, Event
from served import served

from actions.meetings.change_meeting import MeetingCancellation, cancel_meeting
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from models.meeting import Meeting
from models.person import Actor, Person
from models.stored_row import identity
from notifications.personal_links import PersonalLinks
from queries.reminders.calendar import Entry, MeetingEntry, StageEntry, calendar_of
from settings import Settings
from web.app import make_app

SECRET = "un secret d’essai, long et sans hasard"


def entries(cast: Cast, actor: Actor, now: datetime | None = None) -> list[Entry]:
    """What the person's feed holds."""
    with cast.db.read() as session:
        return calendar_of(session.connection(), actor.person_id, now=now or cast.now)


def deadlines(cast: Cast, actor: Actor) -> dict[str, date]:
    return {each.name: each.due_on for each in entries(cast, actor) if isinstance(each, StageEntry)}


def meetings(cast: Cast, actor: Actor, now: datetime) -> list[MeetingEntry]:
    return [each for each in entries(cast, actor, now) if isinstance(each, MeetingEntry)]


def uid(cast: Cast, stage_key: str, code: str | None = None) -> str:
    return f"echeance-{cast.stage_id(stage_key)}-{cast.party(code).id if code else 0}"


def convene(cast: Cast, title: str = "Comité de pilotage", **hours: int) -> Meeting:
    starts_at = cast.now + timedelta(**(hours or {"days": 10}))
    ends_at = starts_at + timedelta(hours=2)
    plan = MeetingPlan(cast.slug, title, starts_at, ends_at, "Mairie de Niort", "La charte ; le calendrier")
    return convene_meeting(cast.db, cast.agent, plan, now=cast.now)


def test_each_city_has_one_entry_a_stage_as_long_as_something_is_awaited_of_it(
    at: Callable[[str], Cast],
) -> None:
    cast = at("charter in review")
    due_on = cast.stage("charter").due_on
    mayor = cast.mayor(NIORT)
    assert deadlines(cast, mayor) == {uid(cast, "charter", NIORT): due_on}
    cast.sign("charte", NIORT)
    assert deadlines(cast, mayor) == {}
    assert deadlines(cast, cast.mayor(BOURGES)) == {uid(cast, "charter", BOURGES): due_on}


def test_the_agent_and_the_contractor_have_the_stage_itself_once(at: Callable[[str], Cast]) -> None:
    cast = at("diagnosis open")
    the_stage = {uid(cast, "territorial_diagnosis"): cast.stage("territorial_diagnosis").due_on}
    assert deadlines(cast, cast.agent) == the_stage
    assert deadlines(cast, cast.contractor) == the_stage
    assert deadlines(cast, cast.contact(GUICHEN)) == {}


def test_a_day_moved_for_one_city_moves_in_its_calendar_only_and_its_number_grows(
    at: Callable[[str], Cast],
) -> None:
    cast = at("charter in review")
    before = deadlines(cast, cast.mayor(BOURGES))
    later = cast.stage("charter").due_on + timedelta(days=20)
    cast.extend("charter", later, NIORT, reason="Conseil reporté")
    (entry,) = entries(cast, cast.mayor(NIORT))
    assert isinstance(entry, StageEntry)
    assert (entry.name, entry.due_on, entry.sequence) == (uid(cast, "charter", NIORT), later, 1)
    assert deadlines(cast, cast.mayor(BOURGES)) == before


def test_what_was_promised_by_a_day_is_there_until_it_is_kept(at: Callable[[str], Cast]) -> None:
    cast = at("charter closed")
    dated = [each for each in cast.commitments() if each.due_on and each.party_id == cast.party(NIORT).id]
    assert dated, "the charter's commitments have their days"
    names = {each.name for each in entries(cast, cast.contact(NIORT))}
    assert {f"engagement-{each.id}" for each in dated} <= names


def test_somebody_who_has_nothing_to_do_with_it_has_an_empty_calendar(at: Callable[[str], Cast]) -> None:
    cast = at("charter in review")
    convene(cast)
    assert entries(cast, cast.outsider) == []


def test_everybody_has_the_meetings_and_a_cancelled_one_stays_a_month(at: Callable[[str], Cast]) -> None:
    cast = at("constitution open")
    meeting = convene(cast)
    for actor in (cast.agent, cast.contact(NIORT), cast.mayor(BOURGES), cast.observer):
        (entry,) = meetings(cast, actor, cast.now)
        assert (entry.name, entry.is_cancelled) == (f"reunion-{meeting.id}", False)
    cancelled = cancel_meeting(
        cast.db, cast.agent, MeetingCancellation(identity(meeting), "Grève"), now=cast.now
    )
    (entry,) = meetings(cast, cast.observer, cast.now + timedelta(days=29))
    assert entry.is_cancelled
    assert entry.sequence == cancelled.sequence > meeting.sequence
    assert meetings(cast, cast.observer, cast.now + timedelta(days=31)) == []


def test_a_meeting_that_is_over_is_remembered_for_a_year(at: Callable[[str], Cast]) -> None:
    cast = at("constitution open")
    convene(cast)
    assert len(meetings(cast, cast.agent, cast.now + timedelta(days=300))) == 1
    assert meetings(cast, cast.agent, cast.now + timedelta(days=400)) == []


@pytest.mark.parametrize(("event", "keeps_meetings"), [("pause", True), ("cancel", False)])
def test_a_project_that_sleeps_or_is_cancelled_asks_for_nothing(
    at: Callable[[str], Cast], event: str, keeps_meetings: bool
) -> None:
    cast = at("charter in review")
    convene(cast)
    assert deadlines(cast, cast.contact(NIORT))
    cast.change(event)
    assert deadlines(cast, cast.contact(NIORT)) == {}
    assert bool(meetings(cast, cast.contact(NIORT), cast.now)) is keeps_meetings


class Feed:
    """The feed of a person of the cast, served."""

    def __init__(self, cast: Cast, address: str, actor: Actor) -> None:
        self.cast = cast
        with cast.db.read() as session:
            person = session.get_one(Person, actor.person_id)
        published = PersonalLinks(SECRET, "https://projets.example").calendar(person.id, person.links_version)
        self.url = published.replace("https://projets.example", address)

    def get(self, **headers: str) -> httpx.Response:
        return httpx.get(self.url, headers=headers)

    def events(self) -> dict[str, Event]:
        calendar = Calendar.from_ical(self.get().content)
        return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


@pytest.fixture
def feed(at: Callable[[str], Cast]) -> Iterator[Feed]:
    """The feed of Niort's mayor while the charter is in review, a meeting convened."""
    cast = at("charter in review")
    now = datetime.now(UTC)
    with cast.db.write() as session:  # the pages go by the clock of the machine, the cast by its own
        project = cast.project()
        session.add(
            Meeting(
                project_id=identity(project), title="Comité ; « pilotage »\nBEGIN:VEVENT", place="Niort", sequence=2,
                starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=3, hours=2), agenda="Un\nDeux",
                convened_by=cast.agent.person_id, convened_at=now, told_at=now,
            )
        )  # fmt: skip
    settings = Settings(
        _env_file=None, data_dir=cast.folder, secret_key=SECRET, base_url="https://projets.example"
    )
    with served(make_app(cast.db, settings)) as address:
        yield Feed(cast, address, cast.mayor(NIORT))


def test_a_calendar_program_reads_the_feed(feed: Feed) -> None:
    answer = feed.get()
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["cache-control"].startswith("private, max-age=")
    calendar = Calendar.from_ical(answer.content)
    assert (calendar["METHOD"], calendar["X-WR-CALNAME"]) == ("PUBLISH", "Projets partagés")
    events = feed.events()
    assert set(events) == {f"{uid(feed.cast, 'charter', NIORT)}@projets.example", "reunion-1@projets.example"}
    deadline = events[f"{uid(feed.cast, 'charter', NIORT)}@projets.example"]
    assert deadline["DTSTART"].dt == feed.cast.stage("charter").due_on
    assert deadline["URL"] == f"https://projets.example/projets/{feed.cast.slug}/etapes/charter"
    assert int(events["reunion-1@projets.example"]["SEQUENCE"]) == 2


def test_a_feed_that_has_not_changed_is_not_sent_again(feed: Feed) -> None:
    whole = feed.get()
    etag = whole.headers["etag"]
    again = feed.get(**{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert set(whole.headers) - set(again.headers) <= {"content-length", "content-type"}
    feed.cast.sign("charte", NIORT)
    changed = feed.get(**{"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag
    assert httpx.head(feed.url).status_code == 200


def test_an_agent_with_more_projects_costs_no_more_queries(at: Callable[[str], Cast]) -> None:
    cast = at("charter in review")
    asked: list[str] = []
    sa.event.listen(cast.db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    def cost() -> int:
        asked.clear()
        entries(cast, cast.agent)
        return len(asked)

    before = cost()
    for number in range(3):
        cast.create(seed_file(), f"autre-{number}")
    assert cost() == before
