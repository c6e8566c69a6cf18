"""Fourteen months, day by day: both changes of the clocks, 29 February, 1 May, two outages, a pause; and no storm."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cast import BOURGES, CITIES, GUICHEN, MANTES, NIORT, Cast, seed_file
from command_line import AGENT, CONTACTS, MAYORS
from reminding import (
    as_planned,
    as_sent,
    choose,
    convene,
    days,
    deliver,
    foretell,
    moment,
    promise,
    reminded,
)

from actions.commitments.settle_commitment import Evidence, keep_commitment
from actions.mail.drop_notices import drop_expired
from actions.reminders.send_reminders import send_reminders
from database.engine import Database
from models.commitment import AGENCY
from models.lifecycle import load_lifecycle
from models.paris_time import PARIS
from models.person import MailFrequency
from models.project_file import moved_to
from models.reminder import latest_rung
from models.stored_row import identity
from models.working_days import first_working_day_of_week, is_working_day
from queries.ledger.find import find_project
from queries.ledger.verify_journal import verify_journal
from queries.mail.claimed import ClaimedNotice

START, END = date(2027, 10, 1), date(2028, 12, 1)
SYSTEM_DOWN = (date(2028, 3, 6), date(2028, 3, 26))
POST_DOWN = (date(2028, 9, 4), date(2028, 9, 17))
PAUSED = (date(2028, 7, 10), date(2028, 8, 10))
LEAP_DAY, LABOUR_DAY = date(2028, 2, 29), date(2028, 5, 1)
DEPARTEMENTS = {MANTES: "78", NIORT: "79", BOURGES: "18", GUICHEN: "35"}
HUGO, INES = CONTACTS[NIORT], CONTACTS[BOURGES]
RULES = load_lifecycle().reminders

Line = tuple[str, str, date, str]
"""Reader, subject, due date, rung: what is told once."""


def within(day: date, span: tuple[date, date]) -> bool:
    return span[0] <= day <= span[1]


def extend(cast: Cast, key: str, until: date, party: str | None = None) -> None:
    cast.extend(key, until, party, reason="Enquête plus longue")


def first_three(cast: Cast, key: str) -> None:
    for code in (MANTES, BOURGES, GUICHEN):
        cast.sign(key, code)


def diagnosis(cast: Cast) -> None:
    cast.open("territorial_diagnosis")
    cast.delegate(NIORT, scope="consultation", days=(cast.today, date(2028, 5, 15)))
    convene(cast, date(2028, 3, 30), told_at=cast.now)


def finish_diagnosis(cast: Cast) -> None:
    cast.sign("diagnostic", NIORT)
    for code in CITIES:
        cast.sign("synthese_croisee", code)
    assert cast.end("territorial_diagnosis")


def keep_some(cast: Cast) -> None:
    """Half of what is promised by the cities is kept."""
    owners = {each: cast.contact(each) for each in CITIES}
    for each in cast.commitments(status="to_do"):
        if each.owner in owners and identity(each) % 2 and each.reference[:5] != "essai":
            keep_commitment(cast.db, owners[each.owner], Evidence(identity(each), "Fait."), now=cast.now)


STORY: dict[date, Callable[[Cast], object]] = {
    date(2027, 10, 1): lambda cast: cast.open("constitution"),
    date(2027, 10, 12): lambda cast: cast.review("constitution"),
    date(2027, 10, 28): lambda cast: cast.finish("constitution"),
    date(2027, 11, 2): lambda cast: cast.open("charter"),
    date(2027, 11, 15): lambda cast: cast.review("charter"),
    date(2027, 12, 15): lambda cast: first_three(cast, "charte"),
    date(2028, 1, 10): lambda cast: (cast.sign("charte", NIORT), cast.end("charter")),
    date(2028, 1, 12): lambda cast: cast.open("terms_of_reference"),
    date(2028, 1, 20): lambda cast: cast.review("terms_of_reference"),
    date(2028, 2, 8): lambda cast: cast.finish("terms_of_reference"),
    date(2028, 2, 10): diagnosis,
    date(2028, 4, 20): lambda cast: cast.review("territorial_diagnosis"),
    date(2028, 5, 2): lambda cast: extend(cast, "territorial_diagnosis", date(2028, 5, 31), NIORT),
    date(2028, 5, 10): lambda cast: first_three(cast, "diagnostic"),
    date(2028, 5, 30): finish_diagnosis,
    date(2028, 5, 31): lambda cast: cast.open("consultation"),
    date(2028, 6, 20): keep_some,
    PAUSED[0]: lambda cast: cast.pause(),
    PAUSED[1]: lambda cast: cast.change("resume"),
    date(2028, 8, 28): lambda cast: extend(cast, "consultation", date(2028, 9, 30)),
    date(2028, 9, 20): lambda cast: convene(cast, date(2028, 10, 12), told_at=cast.now),
    date(2028, 9, 26): lambda cast: cast.review("consultation"),
    date(2028, 10, 5): lambda cast: cast.finish("consultation"),
    date(2028, 10, 6): lambda cast: cast.open("action_plan"),
    date(2028, 11, 14): lambda cast: cast.review("action_plan"),
}


@dataclass
class Lived:
    """All that happened: each mail as it left, with its day."""

    cast: Cast
    subjects: dict[str, str]
    mails: list[tuple[date, ClaimedNotice]] = field(default_factory=list)

    @property
    def digests(self) -> list[tuple[date, ClaimedNotice]]:
        return [(day, each) for day, each in self.mails if each.is_digest]

    def lines(self) -> list[tuple[date, Line]]:
        return [
            (day, (digest.recipient_email, item["subject"], due_on, rung(due_on, day)))
            for day, digest in self.digests
            for item in items(digest)
            for due_on in [date.fromisoformat(item["due_on"])]
        ]

    def rungs(self, reader: str, name: str) -> dict[str, date]:
        """When somebody was told of one of the promises, by rung."""
        subject = self.subjects[name]
        return {line[3]: day for day, line in self.lines() if line[:2] == (reader, subject)}


def items(digest: ClaimedNotice) -> list[dict[str, Any]]:
    return [item for project in digest.payload["projects"] for item in project["items"]]


def rung(due_on: date, day: date) -> str:
    latest = latest_rung(RULES, due_on, day)
    assert latest is not None
    return latest.name


def live(cast: Cast) -> Lived:
    """Each day: the round at eight and the post at half past, unless they are out; then what people do."""
    subjects = {
        "leap day": promise(cast, LEAP_DAY, NIORT),
        "labour day": promise(cast, LABOUR_DAY, BOURGES),
        "kept": promise(cast, date(2028, 2, 1), MANTES),
        "agency": promise(cast, date(2028, 1, 3), AGENCY),
    }
    lived = Lived(cast, subjects)
    for day in days(START, END):
        if day.weekday() < 5 and not within(day, SYSTEM_DOWN):
            one_round(lived, day)
        cast.set_clock(moment(day, 10))
        if day in STORY:
            STORY[day](cast)
    return lived


def one_round(lived: Lived, day: date) -> None:
    """As the schedule has it, on week days; now and then it is compared with what was foretold."""
    cast = lived.cast
    foretold = foretell(cast, day, moment(day, 8)) if day.toordinal() % 15 == 0 else None
    assert send_reminders(cast.db, day=day, now=moment(day, 8)) is not None
    if foretold is not None:
        assert as_sent(cast, day) == as_planned(foretold)
    if within(day, POST_DOWN):
        drop_expired(cast.db, now=moment(day, 18, 1))
    else:
        lived.mails += [(day, each) for each in deliver(cast.db, moment(day, 8, 30))]


@pytest.fixture
def lived(db: Database, tmp_path: Path) -> Lived:
    cast = Cast.meet(db, tmp_path, file=moved_to(seed_file(), START))
    choose(cast, cast.contact(BOURGES).person_id, MailFrequency.weekly)
    choose(cast, cast.mayor(GUICHEN).person_id, MailFrequency.never)
    cast.set_clock(moment(START))
    return live(cast)


@pytest.mark.trials
def test_each_reminder_comes_once_and_nothing_comes_as_a_storm(lived: Lived) -> None:
    cast, lines = lived.cast, lived.lines()
    each_notified_once(lived)
    one_digest_per_day_on_working_days(lived)
    quiet_while_nothing_runs(lived)
    caught_up_once(lived)
    particular_days(lived)
    more_time_begins_again(lived)
    assert len(lines) > 300
    assert len(lived.digests) > 150
    assert verify_journal(cast.db).tamperings == []


def each_notified_once(lived: Lived) -> None:
    counts = Counter(line for _, line in lived.lines())
    assert [line for line, times in counts.items() if times > 1] == []
    recorded = {(one["email"], one["subject"], one["due_on"], one["rung"]) for one in reminded(lived.cast.db)}
    assert set(counts) <= recorded
    keys = Counter(each.key for _, each in lived.mails)
    assert set(keys.values()) == {1}


def one_digest_per_day_on_working_days(lived: Lived) -> None:
    a_day = Counter((day, digest.recipient_email) for day, digest in lived.digests)
    assert set(a_day.values()) == {1}
    homes = {CONTACTS[code]: DEPARTEMENTS[code] for code in CITIES}
    homes |= {MAYORS[code]: DEPARTEMENTS[code] for code in CITIES}
    assert all(is_working_day(day, homes.get(digest.recipient_email)) for day, digest in lived.digests)
    mondays = {day for day, digest in lived.digests if digest.recipient_email == INES}
    assert mondays
    assert all(day == first_working_day_of_week(day) for day in mondays)
    assert MAYORS[GUICHEN] not in {digest.recipient_email for _, digest in lived.digests}
    assert all(digest.payload["projects"] for _, digest in lived.digests)
    states = [day for day, digest in lived.digests if digest.message == "weekly_state"]
    assert all(day == first_working_day_of_week(day) for day in states)


def quiet_while_nothing_runs(lived: Lived) -> None:
    notified_on = {day for day, _ in lived.digests}
    for span in (SYSTEM_DOWN, POST_DOWN):
        assert not any(within(day, span) for day in notified_on)
    assert not any(PAUSED[0] < day <= PAUSED[1] for day in notified_on)
    # Resumed on the 10th at ten: quiet until the 12th, a Saturday; and no rung of the time before is caught up.
    after = [(day, line) for day, line in lived.lines() if PAUSED[1] < day <= PAUSED[1] + timedelta(days=21)]
    assert min(day for day, _ in after) >= PAUSED[1] + timedelta(days=4)
    for day, (_, _, due_on, _) in after:
        reached = latest_rung(RULES, due_on, day)
        assert reached is not None
        assert reached.on > PAUSED[1]


def caught_up_once(lived: Lived) -> None:
    for _, last in (SYSTEM_DOWN, POST_DOWN):
        back = last + timedelta(days=1)  # a Monday
        lines = [line for day, line in lived.lines() if day == back]
        assert lines
        things = Counter((reader, subject) for reader, subject, _, _ in lines)
        assert set(things.values()) == {1}
        next_days = [line for day, line in lived.lines() if back < day <= back + timedelta(days=4)]
        for reader, subject, due_on, name in next_days:
            reached = latest_rung(RULES, due_on, back)
            assert (reader, subject) not in things or reached is None or reached.name != name


def weekly_since(due_on: date) -> dict[date, str]:
    """Every week, or the next day that something can leave, with the latest rung only; none for the pause."""
    expected: dict[date, str] = {}
    for late in range(7, (END - due_on).days + 1, 7):
        day = due_on + timedelta(days=late)
        if within(day, PAUSED):
            continue
        while within(day, SYSTEM_DOWN) or within(day, POST_DOWN) or not is_working_day(day):
            day += timedelta(days=1)
        expected[day] = f"J+{late}"
    return expected


def particular_days(lived: Lived) -> None:
    leap = lived.rungs(HUGO, "leap day")
    assert leap["J"] == LEAP_DAY
    assert leap["J-30"] == date(2028, 1, 31)  # the 30th is a Sunday
    assert "J+7" not in leap  # 7 March: the system was down, and up again on the 27th
    assert leap["J+21"] == date(2028, 3, 27)
    assert leap["J+28"] == date(2028, 3, 28)
    labour = lived.rungs(INES, "labour day")
    assert labour["J"] == date(2028, 5, 2)
    assert {day: name for name, day in leap.items() if name.startswith("J+")} == weekly_since(LEAP_DAY)
    assert lived.rungs(MAYORS[NIORT], "leap day").keys() == {name for name in leap if name.startswith("J+")}
    assert lived.rungs(AGENT, "leap day").keys() >= {"J+21", "J+28"}


def more_time_begins_again(lived: Lived) -> None:
    dues: dict[str, set[date]] = {}
    for _, (reader, subject, due_on, _) in lived.lines():
        if reader == HUGO and subject.startswith("deliverable-") and "/party-" in subject:
            dues.setdefault(subject, set()).add(due_on)
    assert any(date(2028, 5, 31) in each for each in dues.values())
    with lived.cast.db.read() as session:
        assert find_project(session, lived.cast.slug).resumed_at is not None
    sent = [each for _, each in lived.mails if each.message == "deadline_extended"]
    assert sent
    expiry = {
        row.expires_at.astimezone(PARIS).hour for row in lived.cast.notices("daily_digest") if row.expires_at
    }
    assert expiry == {18}
