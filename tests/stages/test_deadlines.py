"""Deadlines per project and party: from the lifecycle's durations, extended by the ANCT with a reason, told at once."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from cast import BOURGES, CITIES, GUICHEN, LEAD, NEWCOMER, NIORT, OBSERVER, PARTNER, Cast
from owed_mails import owed, write

from actions.stages import ask
from actions.stages.extend_deadline import DeadlineNotLater, NotInTheStage
from models.lifecycle import load_lifecycle
from models.notice import Notice
from models.paris_time import paris_day
from models.party import UnknownParty
from models.person import Actor, NotAllowed
from models.sign_off import Decision, ReasonNeeded
from models.stage import StageMovesOn
from models.stored_row import identity
from queries.ledger.find import find_project, find_stage
from queries.stages.deadlines import Deadline, deadlines_of, due_of

At = Callable[[str], Cast]
DIAGNOSIS = "territorial_diagnosis"


def extend(
    cast: Cast,
    days: int,
    party: str | None = None,
    *,
    key: str = DIAGNOSIS,
    reason: str = "Enquête plus longue",
    actor: Actor | None = None,
) -> date:
    """So many days after the stage's present deadline."""
    until = due(cast, key) + timedelta(days=days)
    cast.extend(key, until, party, reason=reason, actor=actor)
    return until


def due(cast: Cast, key: str = DIAGNOSIS) -> date:
    return cast.stage(key).due_on or cast.today


def deadline(cast: Cast, code: str | None, key: str = DIAGNOSIS) -> Deadline:
    with cast.db.read() as session:
        stage = find_stage(session, find_project(session, cast.slug), key)
        return due_of(session, stage, cast.party(code).id if code else None)


def extension_mails(cast: Cast) -> dict[int, list[Notice]]:
    notices: dict[int, list[Notice]] = {}
    for notice in cast.notices("deadline_extended"):
        notices.setdefault(notice.recipient_id, []).append(notice)
    return notices


def number(actor: Actor) -> int:
    return actor.person_id


# Until when


def test_a_stage_lasts_what_the_lifecycle_says_and_its_deadline_is_told_as_it_opens(at: At) -> None:
    cast = at("diagnosis open")
    stage, before = cast.stage(DIAGNOSIS), cast.stage("terms_of_reference")
    lasts = timedelta(days=load_lifecycle().stage(DIAGNOSIS).duration_days)
    assert stage.due_on == (before.due_on or cast.today) + lasts
    assert (stage.due_set_at, stage.due_sequence) == (stage.opened_at, 0)
    assert deadline(cast, NIORT) == deadline(cast, None) == Deadline(stage.due_on, stage.opened_at, 0)


def test_more_time_for_one_city_is_its_own(at: At) -> None:
    cast = at("diagnosis open")
    shared = due(cast)
    until = extend(cast, 10, NIORT)
    assert deadline(cast, NIORT).due_on == until
    assert deadline(cast, BOURGES).due_on == deadline(cast, None).due_on == shared
    assert cast.journal()[-1] == ("deadline.extended", NIORT)


def test_the_later_of_the_two_counts_when_the_stage_is_extended_beyond(at: At) -> None:
    cast = at("diagnosis open")
    extend(cast, 10, NIORT)
    until = extend(cast, 30)
    assert {deadline(cast, code).due_on for code in CITIES} == {until}
    extended = cast.stage(DIAGNOSIS)
    assert deadline(cast, NIORT).told_at == extended.due_set_at != extended.opened_at


def test_more_time_for_all_leaves_its_own_to_the_city_that_had_still_more(at: At) -> None:
    cast = at("diagnosis open")
    own = extend(cast, 30, NIORT)
    until = extend(cast, 10)
    assert (deadline(cast, NIORT).due_on, deadline(cast, BOURGES).due_on) == (own, until)
    assert cast.contact(NIORT).person_id in extension_mails(cast)
    assert [len(extension_mails(cast)[number(cast.contact(code))]) for code in (NIORT, BOURGES)] == [1, 1]


def test_each_move_is_a_later_sequence_of_the_same_entry_of_a_calendar(at: At) -> None:
    cast = at("diagnosis open")
    sequences = [deadline(cast, NIORT).sequence]
    for days, party in ((10, NIORT), (20, NIORT), (5, None), (40, None)):
        extend(cast, days, party)
        sequences.append(deadline(cast, NIORT).sequence)
    assert sequences == [0, 1, 2, 3, 4]
    mails = [each.payload for each in extension_mails(cast)[number(cast.contact(NIORT))]]
    uid = f"echeance-{cast.stage_id(DIAGNOSIS)}-{cast.party(NIORT).id}"
    assert {each["event_uid"] for each in mails} == {uid}
    assert [each["event_sequence"] for each in mails] == [1, 2, 4]


def test_the_deadlines_of_several_stages_are_read_at_once(at: At) -> None:
    cast = at("diagnosis open")
    extend(cast, 10, NIORT)
    keys = ("charter", DIAGNOSIS, "consultation")
    with cast.db.read() as session:
        deadlines = deadlines_of(session.connection(), [cast.stage_id(key) for key in keys])
    for key in keys:
        for code in (None, NIORT, BOURGES):
            party_id = cast.party(code).id if code else None
            assert deadlines.of(cast.stage_id(key), party_id) == deadline(cast, code, key)


# Who may, and when


def test_only_the_anct_gives_more_time_and_says_why(at: At) -> None:
    cast = at("diagnosis open")
    for who in (cast.contact(NIORT), cast.mayor(NIORT), cast.contractor, cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            extend(cast, 10, NIORT, actor=who)
    with pytest.raises(ReasonNeeded):
        extend(cast, 10, NIORT, reason=" ")
    assert deadline(cast, NIORT) == deadline(cast, None)
    assert extension_mails(cast) == {}


def test_a_city_s_own_deadline_only_moves_to_a_later_day(at: At) -> None:
    cast = at("diagnosis open")
    with pytest.raises(DeadlineNotLater):
        extend(cast, 0, NIORT)
    until = extend(cast, 10, NIORT)
    for days in (5, 10):
        with pytest.raises(DeadlineNotLater, match=f"{until:%d/%m/%Y}"):
            extend(cast, days, NIORT)


def test_a_deadline_that_has_passed_is_extended_to_a_day_to_come(at: At) -> None:
    cast = at("diagnosis open")
    cast.set_clock(cast.now + (due(cast) - cast.today) + timedelta(days=20))
    with pytest.raises(DeadlineNotLater, match="à venir"):
        extend(cast, 20, NIORT)
    assert extend(cast, 21, NIORT) == deadline(cast, NIORT).due_on


def test_more_time_is_given_to_a_party_of_whom_something_is_asked(at: At) -> None:
    cast = at("diagnosis open")
    with pytest.raises(NotInTheStage, match="Mérignac"):
        extend(cast, 10, OBSERVER)
    cast.let_in(NEWCOMER, "Nantes")
    with pytest.raises(NotInTheStage, match="Nantes"):
        extend(cast, 10, NEWCOMER)
    with pytest.raises(UnknownParty):
        extend(cast, 10, "59350")
    with pytest.raises(StageMovesOn):
        extend(cast, 10, NIORT, key="charter")


# Who is told


def test_everybody_concerned_is_told_at_once_of_more_time_for_all(at: At) -> None:
    cast = at("diagnosis open")
    before = due(cast)
    until = extend(cast, 10)
    people = {number(each(code)) for code in CITIES for each in (cast.contact, cast.mayor)}
    people |= {number(cast.person(each.contact_email)) for each in (LEAD, PARTNER)}
    assert set(extension_mails(cast)) == people | {number(cast.agent)}
    assert {len(notices) for notices in extension_mails(cast).values()} == {1}
    (mail,) = extension_mails(cast)[number(cast.mayor(NIORT))]
    values = (
        mail.payload["old_due_on"],
        mail.payload["due_on"],
        mail.payload["party_name"],
        mail.payload["reason"],
    )
    assert values == (before.isoformat(), until.isoformat(), None, "Enquête plus longue")
    assert not mail.is_held
    (mail,) = extension_mails(cast)[number(cast.agent)]
    assert mail.payload["event_uid"] == f"echeance-{cast.stage_id(DIAGNOSIS)}-0"


def test_more_time_for_one_city_is_told_to_its_people_to_the_contractor_and_to_the_agent(at: At) -> None:
    cast = at("diagnosis open")
    deputy = cast.delegate(NIORT)
    extend(cast, 10, NIORT)
    people = {number(each) for each in (cast.contact(NIORT), cast.mayor(NIORT), deputy, cast.agent)}
    assert set(extension_mails(cast)) == people | {
        number(cast.person(each.contact_email)) for each in (LEAD, PARTNER)
    }
    assert {each.payload["party_name"] for each in cast.notices("deadline_extended")} == {"Niort"}
    assert "event_uid" not in extension_mails(cast)[number(cast.agent)][0].payload


def test_each_of_these_mails_can_be_written_with_its_entry_for_the_calendar(at: At) -> None:
    cast = at("diagnosis open")
    extend(cast, 10, NIORT)
    extend(cast, 30)
    mails = [write(each) for each in owed(cast) if each.message == "deadline_extended"]
    assert len(mails) == 5 + 1 + 2 * len(CITIES) + 2
    assert all("Enquête plus longue" in mail for mail in mails)


def test_while_a_stage_is_not_open_its_new_deadline_is_told_by_its_opening(at: At) -> None:
    cast = at("charter closed")
    until = cast.today + timedelta(days=200)
    own = until + timedelta(days=20)
    for day, party in ((until, None), (own, NIORT)):
        cast.extend("terms_of_reference", day, party)
    assert extension_mails(cast) == {}
    cast.open("terms_of_reference")
    assert cast.stage("terms_of_reference").due_on == until
    opened = {
        each.recipient_id: each.payload["due_on"] for each in cast.notices("stage_opened_for_contact")[-4:]
    }
    days = {code: opened[number(cast.contact(code))] for code in (NIORT, GUICHEN)}
    assert days == {NIORT: own.isoformat(), GUICHEN: until.isoformat()}


# What follows


def test_what_a_city_owes_at_the_end_of_the_stage_follows_its_own_deadline(at: At) -> None:
    cast = at("diagnosis open")
    shared = due(cast)
    until = extend(cast, 10, NIORT)
    owed_by = {
        each.owner: (each.due_on, each.due_set_at)
        for each in cast.commitments()
        if each.reference.startswith(f"communicate/{DIAGNOSIS}@")
    }
    assert owed_by[NIORT][0] == until
    assert owed_by[BOURGES][0] == shared
    assert owed_by[NIORT][1] is not None
    assert owed_by[BOURGES][1] is not None
    assert owed_by[NIORT][1] > owed_by[BOURGES][1]


def test_every_commitment_that_has_a_day_says_since_when(at: At) -> None:
    cast = at("over")
    cast_review = at("constitution in review")
    cast_review.sign("note_de_cadrage", NIORT, Decision.approved_with_reservations)
    for each in (*cast.commitments(), *cast_review.commitments()):
        assert (each.due_on is None) == (each.due_set_at is None)


def test_a_refused_document_is_due_by_the_city_s_own_day(at: At) -> None:
    cast = at("diagnosis in review")
    until = extend(cast, 10, NIORT)
    cast.sign("diagnostic", NIORT, Decision.refused)
    (mail,) = cast.notices("deliverable_refused_for_author")
    assert mail.payload["due_on"] == until.isoformat()


def test_the_request_for_a_deliverable_names_the_city_s_own_day(at: At) -> None:
    cast = at("consultation open")
    until = extend(cast, 10, NIORT, key="consultation")
    ask.ask_for_strands(cast.db, cast.stage_id("consultation"), now=cast.now)
    days = {each.payload["party_name"]: each.payload["due_on"] for each in cast.notices("strands_requested")}
    assert days["Niort"] == until.isoformat()
    assert days["Bourges"] == due(cast, "consultation").isoformat()
    cast.hold_strands(NIORT)
    ask.ask_for_reports(cast.db, cast.stage_id("consultation"), "bilan_de_concertation", now=cast.now)
    mail = cast.notices("deliverable_requested")[-1].payload
    party_id = identity(cast.party(NIORT))
    assert (mail["due_on"], mail["event_sequence"]) == (until.isoformat(), 1)
    assert mail["event_uid"] == f"echeance-{cast.stage_id('consultation')}-{party_id}"


def test_a_resumed_project_remembers_since_when(at: At) -> None:
    cast = at("diagnosis open")
    assert cast.project().resumed_at is None
    cast.pause()
    assert cast.project().resumed_at is None
    cast.wait(days=30)
    cast.change("resume")
    resumed_at = cast.project().resumed_at
    assert resumed_at is not None
    assert paris_day(resumed_at) == paris_day(cast.now)
