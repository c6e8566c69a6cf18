"""The mails of a stage's life: each reader hears what is theirs to do, and of one thing once the same day."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, CITIES, GUICHEN, LEAD, MANTES, NIORT, OWN_OF, PARTNER, SHARED_OF, STRANDS, Cast
from owed_mails import owed, write

from actions.stages import ask
from actions.stages.opening_mails import asked_at_opening
from actions.stages.record_strand import HeldStrand, record_strand
from models.deliverable import Deliverable
from models.lifecycle import load_lifecycle
from models.notice import RECEIPT, Notice
from models.paris_time import paris_day
from models.person import Role
from models.sign_off import Decision
from queries.ledger.find import find_project, find_stage

At = Callable[[str], Cast]
CONTRACTOR = {LEAD.contact_email, PARTNER.contact_email}


def payloads(cast: Cast, message: str) -> dict[int, dict[str, object]]:
    """What each person is told by this message."""
    return {each.recipient_id: each.payload for each in cast.notices(message)}


def since(cast: Cast, last: int) -> list[Notice]:
    """What people were told since, but for the receipts of what they did themselves."""
    wanted = (Notice.id > last, Notice.message != RECEIPT)  # type: ignore[operator]
    return list(cast.all(Notice, *wanted))  # type: ignore[arg-type]


def last_notice(cast: Cast) -> int:
    return max((each.id or 0 for each in cast.all(Notice)), default=0)  # type: ignore[attr-defined]


def ask_again(cast: Cast, key: str, *deliverables: str) -> None:
    """What the flow of the stage does each time it comes back, from the top."""
    for deliverable in deliverables:
        ask.ask_for_deliverable(cast.db, cast.stage_id(key), deliverable, now=cast.now)


def cut_contract(cast: Cast) -> None:
    """No contractor any more: the cities write their own diagnoses."""
    with cast.db.write_statements() as connection:
        connection.execute(sa.text("UPDATE contractor SET contact_id = NULL"))


# Opening


def test_a_contact_learns_with_the_opening_what_their_city_has_to_submit_and_is_not_asked_again(
    at: At,
) -> None:
    cast = at("action plan open")
    ask_again(cast, "action_plan", "plan_d_action")
    payload = payloads(cast, "stage_opened_for_contact")[cast.contact(NIORT).person_id]
    stage = cast.stage("action_plan")
    (last,) = [
        each.payload
        for each in cast.notices("stage_opened_for_contact")
        if each.recipient_id == cast.contact(NIORT).person_id
        and each.payload["stage_title"] == "Plan d’action"
    ]
    assert payload["party_name"] == last["party_name"] == "Niort"
    assert last["to_submit"] == ["Plan d’action"]
    assert last["event_uid"] == f"echeance-{stage.id}-{cast.party(NIORT).id}"
    asked = {each.payload["deliverable_title"] for each in cast.notices("deliverable_requested")}
    assert "Plan d’action" not in asked


def test_what_gathers_the_cities_own_work_is_asked_of_its_author_in_its_time(at: At) -> None:
    cast = at("action plan open")
    cast.collect("action_plan")
    road_map = [
        each.recipient_id
        for each in cast.notices("deliverable_requested")
        if each.payload["deliverable_title"] == "Feuille de route partagée"
    ]
    assert cast.contractor.person_id in road_map


def test_the_contractor_learns_with_the_opening_of_every_diagnosis_it_writes(at: At) -> None:
    cast = at("diagnosis open")
    ask_again(cast, "territorial_diagnosis", "diagnostic")
    mails = payloads(cast, "stage_opened_for_contractor")
    assert cast.told("stage_opened_for_contractor") == CONTRACTOR
    assert mails[cast.contractor.person_id]["to_submit"] == [
        f"Diagnostic territorial ({cast.party(code).name})" for code in CITIES
    ]
    assert cast.told("deliverable_requested") & CONTRACTOR == set()


def test_a_city_that_writes_its_own_diagnosis_is_told_so(at: At) -> None:
    cast = at("charter closed")
    cast.play("terms_of_reference")
    cut_contract(cast)
    cast.open("territorial_diagnosis")
    before = last_notice(cast)
    ask_again(cast, "territorial_diagnosis", "diagnostic")
    assert since(cast, before) == []
    payload = cast.notices("stage_opened_for_contact")[-1].payload
    assert payload["to_submit"] == ["Diagnostic territorial"]


def test_a_flow_that_comes_back_weeks_later_asks_nobody_a_second_time(at: At) -> None:
    cast = at("action plan open")
    before = last_notice(cast)
    cast.pause()
    cast.wait(days=60)
    cast.change("resume")
    ask_again(cast, "action_plan", "plan_d_action")
    cast.wait(days=3)
    ask_again(cast, "action_plan", "plan_d_action")
    assert {each.message for each in since(cast, before)} == {"project_paused", "project_resumed"}


def test_a_contact_named_after_the_opening_is_asked(at: At) -> None:
    cast = at("action plan open")
    email = "nouvelle@niort.example"
    cast.give_role(email, "Nouvelle Contact", Role.local_contact, NIORT)
    ask_again(cast, "action_plan", "plan_d_action")
    ask_again(cast, "action_plan", "plan_d_action")
    asked = [
        each.recipient_id
        for each in cast.notices("deliverable_requested")
        if each.payload["deliverable_title"] == "Plan d’action"
    ]
    assert asked == [cast.person(email).person_id]


def plans_asked(cast: Cast) -> list[Notice]:
    notices = cast.notices("deliverable_requested")
    return [each for each in notices if each.payload["deliverable_title"] == "Plan d’action"]


def test_the_opening_names_what_each_city_of_one_contact_submits_and_nothing_is_asked_again(at: At) -> None:
    cast = at("consultation open")
    both = cast.contact(NIORT)
    with cast.db.write_statements() as connection:
        moved = "UPDATE mandate SET person_id = :both WHERE authority_code = :code AND role = 'local_contact'"
        connection.execute(sa.text(moved), {"both": both.person_id, "code": GUICHEN})
    for code in CITIES:
        actor = both if code == GUICHEN else cast.contact(code)
        for strand in STRANDS:
            record_strand(
                cast.db,
                actor,
                HeldStrand(cast.slug, code, strand, held_on=cast.today, participants=9),
                now=cast.now,
            )
        cast.submit("bilan_de_concertation", code, actor=actor)
    ask.start_review(cast.db, cast.stage_id("consultation"), now=cast.now)
    cast.finish("consultation")
    cast.open("action_plan")
    ask_again(cast, "action_plan", "plan_d_action")
    plans = {each.party_id: each for each in cast.all_deliverables("plan_d_action")}
    named = {code: named_at_opening(cast, plans[cast.party(code).id]) for code in (NIORT, GUICHEN)}
    assert named == {NIORT: {both.person_id}, GUICHEN: {both.person_id}}
    assert all(each.recipient_id != both.person_id for each in plans_asked(cast))


def named_at_opening(cast: Cast, deliverable: Deliverable) -> set[int]:
    with cast.db.read() as session:
        stage = find_stage(session, find_project(session, cast.slug), "action_plan")
        return asked_at_opening(session, stage, deliverable)


def test_a_signatory_learns_what_they_will_sign_by_what_act_and_until_when(at: At) -> None:
    cast = at("charter open")
    mails = cast.notices("stage_opened_for_signatory")[-len(CITIES) :]
    assert {each.recipient_id for each in mails} == {cast.mayor(code).person_id for code in CITIES}
    assert mails[0].payload["to_sign"] == [
        {"title": "Charte de projet partagé", "act_label": "une délibération du conseil"}
    ]
    assert mails[0].payload["needs_council"] is True
    assert mails[0].payload["due_on"] == str(cast.stage("charter").due_on)


def test_who_signs_by_delegation_learns_of_the_opening_too(at: At) -> None:
    cast = at("met")
    deputy = cast.delegate(NIORT, scope="constitution")
    cast.open("constitution")
    assert deputy.person_id in payloads(cast, "stage_opened_for_signatory")


def test_the_contacts_of_a_consultation_hear_of_its_opening_by_the_mail_that_asks_for_its_strands(
    at: At,
) -> None:
    cast = at("consultation open")
    ask.ask_for_strands(cast.db, cast.stage_id("consultation"), now=cast.now)
    contacts = {cast.contact(code).person_id for code in CITIES}
    opened = [
        each
        for each in cast.notices("stage_opened_for_contact")
        if each.payload["stage_title"] == "Concertation"
    ]
    assert opened == []
    assert set(payloads(cast, "strands_requested")) == contacts


@pytest.mark.parametrize(
    ("point", "key", "deliverable"),
    [
        ("met", "constitution", "note_de_cadrage"),
        ("charter closed", "terms_of_reference", "cahier_des_charges"),
    ],
)
def test_an_opening_tells_nobody_twice(at: At, point: str, key: str, deliverable: str) -> None:
    cast = at(point)
    before = last_notice(cast)
    cast.open(key)
    ask_again(cast, key, deliverable)
    mails = Counter(each.recipient_id for each in since(cast, before))
    assert set(mails.values()) == {1}
    assert len(mails) == 1 + 2 * len(CITIES)


@pytest.mark.parametrize(
    ("point", "key", "own"),
    [
        ("consultation open", "consultation", ""),
        ("action plan open", "action_plan", "plan_d_action"),
        ("lessons open", "lessons_learned", "ressources"),
        ("diagnosis open", "territorial_diagnosis", "diagnostic"),
    ],
)
def test_nobody_gets_two_mails_about_the_opening_of_a_later_stage(
    at: At, point: str, key: str, own: str
) -> None:
    cast = at(point)
    if key == "consultation":
        ask.ask_for_strands(cast.db, cast.stage_id(key), now=cast.now)
        ask.ask_for_reports(cast.db, cast.stage_id(key), "bilan_de_concertation", now=cast.now)
    else:
        ask_again(cast, key, own)
    path = f"/projets/{cast.slug}/etapes/{key}"
    mails = Counter(each.recipient_id for each in since(cast, 0) if each.payload["path"].startswith(path))
    del mails[cast.agent.person_id]  # told, by the end of the stage before, that this one is theirs to open
    people = {cast.contact(code).person_id for code in CITIES} | {
        cast.mayor(code).person_id for code in CITIES
    }
    assert set(mails) == people | {cast.person(email).person_id for email in CONTRACTOR}
    assert set(mails.values()) == {1}


def test_somebody_who_is_contact_and_mayor_hears_of_the_opening_once(at: At) -> None:
    cast = at("met")
    mayor = cast.mayor_email(GUICHEN)
    cast.give_role(mayor, cast.mayor(GUICHEN).name, Role.local_contact, GUICHEN)
    cast.open("constitution")
    mails = [each.message for each in cast.all(Notice) if each.recipient_id == cast.mayor(GUICHEN).person_id]  # type: ignore[attr-defined]
    assert mails.count("stage_opened_for_contact") == 1
    assert "stage_opened_for_signatory" not in mails


# A new version


def test_a_new_version_tells_each_person_once_what_became_of_their_answer(at: At) -> None:
    cast = at("constitution in review")
    cast.sign("note_de_cadrage", NIORT)
    cast.sign("note_de_cadrage", BOURGES, Decision.refused)
    before = last_notice(cast)
    cast.submit("note_de_cadrage")
    mails = since(cast, before)
    assert Counter(Counter(each.recipient_id for each in mails).values()) == {1: 2 * len(CITIES)}
    mayor, contact = cast.mayor(NIORT).person_id, cast.contact(NIORT).person_id
    fell = {each.recipient_id: each.payload for each in mails if each.message == "sign_off_fell"}
    assert set(fell) == {mayor, contact}
    assert (fell[mayor or 0].get("party_name"), fell[contact or 0]["party_name"]) == (None, "Niort")
    assert fell[mayor or 0]["signed_on"] == paris_day(cast.now).isoformat()


def test_who_acts_for_two_cities_hears_for_each_of_them_of_a_new_version(at: At) -> None:
    cast = at("constitution in review")
    both = cast.contact(MANTES)
    with cast.db.write_statements() as connection:
        moved = "UPDATE mandate SET person_id = :both WHERE authority_code = :code AND role = 'local_contact'"
        connection.execute(sa.text(moved), {"both": both.person_id, "code": NIORT})
    cast.sign("note_de_cadrage", NIORT)
    before = last_notice(cast)
    cast.submit("note_de_cadrage")
    told = {
        each.message: each.payload["for_party"]
        for each in since(cast, before)
        if each.recipient_id == both.person_id
    }
    assert told == {"sign_off_fell": "Niort", "new_version_submitted": "Mantes-la-Jolie"}


def test_who_submits_a_new_version_gets_no_mail_about_it(at: At) -> None:
    cast = at("action plan in review")
    before = last_notice(cast)
    plan = cast.write(
        "titre;porteur;budget;indicateur;debut;echeance\nA;B;1;C;2027-01-01;2028-01-01\n", "p.csv"
    )
    cast.submit("plan_d_action", NIORT, path=plan)
    readers = {each.recipient_id for each in since(cast, before)}
    assert readers == {cast.mayor(NIORT).person_id}


# Closing


def test_the_agent_learns_that_a_stage_is_signed_off_by_what_they_are_asked_to_do(at: At) -> None:
    cast = at("charter in review")
    cast.sign_all("charter")
    before = last_notice(cast)
    ask.tell_signed_off(cast.db, cast.stage_id("charter"), now=cast.now)
    ask.ask_for_agency_signature(cast.db, cast.stage_id("charter"), "charte", now=cast.now)
    mails = Counter(each.recipient_id for each in since(cast, before))
    assert set(mails.values()) == {1}
    assert [each.message for each in since(cast, before) if each.recipient_id == cast.agent.person_id] == [
        "agency_signature_requested"
    ]


def test_the_end_of_a_stage_tells_each_person_once_and_leads_the_agent_to_the_next(at: At) -> None:
    cast = at("diagnosis in review")
    before = last_notice(cast)
    cast.finish("territorial_diagnosis")
    mails = since(cast, before)
    assert set(Counter(each.recipient_id for each in mails).values()) == {1}
    (for_agent,) = [each for each in mails if each.recipient_id == cast.agent.person_id]
    assert for_agent.message == "stage_closed_for_agent"
    assert for_agent.payload["path"] == f"/projets/{cast.slug}/etapes/consultation"


def test_who_was_told_today_that_everybody_has_signed_is_not_told_that_the_stage_is_closed(at: At) -> None:
    cast = at("charter in review")
    cast.sign_all("charter")
    cast.end("charter")
    assert "L’étape va se clore" in "".join(
        write(each) for each in owed(cast) if each.message == "stage_signed_off"
    )
    assert [each for each in cast.notices("stage_closed") if each.payload["stage_title"] == "Charte"] == []


def test_the_day_after_they_are_told(at: At) -> None:
    cast = at("charter in review")
    cast.sign_all("charter")
    stage_id = cast.stage_id("charter")
    ask.tell_signed_off(cast.db, stage_id, now=cast.now)
    cast.wait(days=1)
    cast.sign_for_agency()
    assert cast.close("charter")
    closed = [each for each in cast.notices("stage_closed") if each.payload["stage_title"] == "Charte"]
    assert {each.recipient_id for each in closed} >= {cast.mayor(code).person_id for code in CITIES}


def test_an_agent_who_has_asked_for_the_next_stage_is_not_told_to_open_it(at: At) -> None:
    cast = at("constitution in review")
    cast.sign_all("constitution")
    cast.request("charter")
    assert cast.close("constitution")
    assert cast.told("stage_closed_for_agent") == set()
    assert len(cast.told("stage_closed")) == 2 * len(CITIES) + 1


def test_the_end_of_the_last_stage_is_told_by_the_mail_about_what_follows(at: At) -> None:
    cast = at("over")
    closed = {
        each.payload["stage_title"]
        for each in [*cast.notices("stage_closed"), *cast.notices("stage_closed_for_agent")]
    }
    assert "Capitalisation" not in closed
    assert len(cast.told("project_in_follow_up")) == 1 + 2 * len(CITIES) + 1 + len(CONTRACTOR)


def test_nobody_gets_two_mails_about_the_same_thing_the_same_day_from_the_charter_to_the_follow_up(
    at: At,
) -> None:
    """A thing is the stage, or the deliverable, that the mail's button leads to; each step has its day.

    A proposal is told at once twice, on its day too: when it waits, and what became of it.
    """
    cast = at("constitution in review")
    cast.wait(days=1)
    before = last_notice(cast)
    last_word(cast, "constitution")
    for stage in load_lifecycle().stages[1:]:
        cast.wait(days=1)
        cast.open(stage.key)
        ask_first(cast, stage.key)
        cast.wait(days=1)
        cast.review(stage.key)
        cast.wait(days=1)
        last_word(cast, stage.key)
    mails = Counter(
        (each.recipient_id, paris_day(each.created_at), thing(each)) for each in since(cast, before)
    )
    assert [each for each, times in mails.items() if times > 1] == []


def ask_first(cast: Cast, key: str) -> None:
    """What the flow of a stage asks as it opens."""
    if key == "consultation":
        ask.ask_for_strands(cast.db, cast.stage_id(key), now=cast.now)
        ask.ask_for_reports(cast.db, cast.stage_id(key), OWN_OF[key], now=cast.now)
        return
    ask.ask_for_deliverable(
        cast.db, cast.stage_id(key), OWN_OF.get(key, SHARED_OF.get(key, "")), now=cast.now
    )


def last_word(cast: Cast, key: str) -> None:
    """Every city signs; where the ANCT has something left to do, it does it the day after."""
    cast.sign_all(key)
    stage_id = cast.stage_id(key)
    if key == "charter":
        ask.tell_signed_off(cast.db, stage_id, now=cast.now)
        ask.ask_for_agency_signature(cast.db, stage_id, "charte", now=cast.now)
        cast.wait(days=1)
    if key == "terms_of_reference":
        ask.tell_signed_off(cast.db, stage_id, now=cast.now)
        ask.ask_for_award(cast.db, stage_id, now=cast.now)
        cast.wait(days=1)
    assert cast.end(key)


def thing(notice: Notice) -> str:
    path: str = notice.payload["path"]
    if "/confirmations/" in path:
        return f"{path} {notice.message}"
    return path if "/etapes/" in path or "/livrables/" in path else notice.message


def test_a_person_s_own_deadline_is_the_one_in_the_mails(at: At) -> None:
    cast = at("constitution open")
    later = (cast.stage("constitution").due_on or cast.today) + timedelta(days=10)
    cast.extend("constitution", later, NIORT, reason="Fêtes")
    cast.review("constitution")
    asked = payloads(cast, "sign_off_requested")
    niort, bourges = (asked[cast.mayor(code).person_id] for code in (NIORT, BOURGES))
    assert (niort["due_on"], niort["event_sequence"]) == (later.isoformat(), 1)
    assert (bourges["due_on"], bourges["event_sequence"]) == (str(cast.stage("constitution").due_on), 0)
