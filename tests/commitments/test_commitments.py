"""The commitments: when they fall due, who keeps them, who waives them, and what a reservation becomes."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from cast import BOURGES, CITIES, NEWCOMER, NIORT, START, Cast

from actions.commitments.settle_commitment import (
    Evidence,
    EvidenceNeeded,
    Waiver,
    keep_commitment,
    waive_commitment,
)
from actions.stages.extend_deadline import DeadlineNotLater
from models.commitment import (
    Commitment,
    CommitmentOrigin,
    CommitmentSettled,
    CommitmentStatus,
    UnknownCommitment,
)
from models.person import NotAllowed
from models.sign_off import Decision, ReasonNeeded
from models.stored_row import identity

At = Callable[[str], Cast]
TODAY = START.date()


def named(cast: Cast, reference: str) -> Commitment:
    (commitment,) = cast.commitments(reference=reference)
    return commitment


# When they fall due


@pytest.mark.parametrize(
    ("reference", "days"),
    [
        (f"name_local_contact@{NIORT}", 15),
        (f"provide_people@{NIORT}", 30),
        ("identify_observers@ANCT", 15),
    ],
)
def test_a_commitment_falls_due_some_days_after_its_stage_was_closed(
    at: At, reference: str, days: int
) -> None:
    assert named(at("charter closed"), reference).due_on == TODAY + timedelta(days=days)


def test_a_commitment_that_counts_from_a_later_stage_has_its_date_once_that_stage_is_closed(at: At) -> None:
    reference = f"host_contractors@{NIORT}"
    cast = at("charter closed")
    assert named(cast, reference).due_on is None
    cast.wait(days=20)
    cast.play("terms_of_reference")
    assert named(cast, reference).due_on == TODAY + timedelta(days=20 + 45)


def test_what_is_due_at_the_end_of_each_stage_comes_again_with_each_stage(at: At) -> None:
    cast = at("diagnosis open")
    again = [each for each in cast.commitments(owner=NIORT) if each.reference.startswith("communicate/")]
    assert [each.reference for each in again] == [
        f"communicate/terms_of_reference@{NIORT}",
        f"communicate/territorial_diagnosis@{NIORT}",
    ]
    for each, key in zip(again, ("terms_of_reference", "territorial_diagnosis"), strict=True):
        assert each.due_on == cast.stage(key).due_on


def test_a_city_that_joins_after_the_charter_takes_all_its_commitments(at: At) -> None:
    cast = at("charter closed")
    cast.let_in(NEWCOMER, "Nantes")
    of_niort = {each.reference.partition("@")[0] for each in cast.commitments(owner=NIORT)}
    mine = {each.reference.partition("@")[0]: each for each in cast.commitments(owner=NEWCOMER)}
    assert len(mine) == 9
    assert set(mine) == of_niort
    assert mine["provide_people"].due_on == cast.today + timedelta(days=30)
    assert mine["host_contractors"].due_on is None
    cast.open("terms_of_reference")
    again = {each.reference.partition("@")[0]: each for each in cast.commitments(owner=NEWCOMER)}
    assert set(again) == of_niort
    assert again["communicate/terms_of_reference"].due_on == cast.stage("terms_of_reference").due_on


def test_extending_a_stage_extends_what_is_due_at_its_end(at: At) -> None:
    cast = at("diagnosis open")
    later = (cast.stage("territorial_diagnosis").due_on or TODAY) + timedelta(days=30)
    before = named(cast, f"communicate/terms_of_reference@{NIORT}").due_on
    cast.extend("territorial_diagnosis", later, reason="Enquête plus longue")
    assert cast.stage("territorial_diagnosis").due_on == later
    assert named(cast, f"communicate/territorial_diagnosis@{NIORT}").due_on == later
    assert named(cast, f"communicate/terms_of_reference@{NIORT}").due_on == before
    assert ("deadline.extended", None) in cast.journal()


def test_a_deadline_is_extended_by_the_anct_with_a_reason_and_to_a_later_day(at: At) -> None:
    cast = at("constitution open")
    due_on = cast.stage("constitution").due_on or TODAY

    def extend(until: date, reason: str = "Vacances", **who: object) -> None:
        actor = who.get("actor", cast.agent)
        cast.extend("constitution", until, reason=reason, actor=actor)  # type: ignore[arg-type]

    with pytest.raises(ReasonNeeded):
        extend(due_on + timedelta(days=5), " ")
    for day in (due_on, due_on - timedelta(days=1), date(2020, 1, 1)):
        with pytest.raises(DeadlineNotLater):
            extend(day)
    with pytest.raises(NotAllowed):
        extend(due_on + timedelta(days=5), actor=cast.contact(NIORT))
    assert cast.stage("constitution").due_on == due_on


# Keeping


def test_its_owner_keeps_a_commitment_with_its_evidence(at: At) -> None:
    cast = at("charter closed")
    promised = named(cast, f"provide_people@{NIORT}")
    keep_commitment(
        cast.db, cast.contact(NIORT), Evidence(identity(promised), "Deux postes ouverts."), now=cast.now
    )
    kept = named(cast, f"provide_people@{NIORT}")
    assert (kept.status, kept.evidence) == (CommitmentStatus.kept, "Deux postes ouverts.")
    assert kept.settled_at is not None
    assert cast.journal()[-1] == ("commitment.kept", NIORT)


@pytest.mark.parametrize("who", ["agent", "observer", "outsider", "another city"])
def test_nobody_but_its_owner_keeps_a_commitment(at: At, who: str) -> None:
    cast = at("charter closed")
    actor = cast.contact(BOURGES) if who == "another city" else getattr(cast, who)
    number = identity(named(cast, f"provide_people@{NIORT}"))
    with pytest.raises(NotAllowed):
        keep_commitment(cast.db, actor, Evidence(number, "Fait."), now=cast.now)
    assert named(cast, f"provide_people@{NIORT}").status is CommitmentStatus.to_do


def test_the_anct_keeps_its_own(at: At) -> None:
    cast = at("charter closed")
    number = identity(named(cast, "identify_observers@ANCT"))
    with pytest.raises(NotAllowed):
        keep_commitment(cast.db, cast.contact(NIORT), Evidence(number, "Fait."), now=cast.now)
    keep_commitment(cast.db, cast.agent, Evidence(number, "Mérignac observe."), now=cast.now)


def test_a_commitment_kept_twice_is_one_fact_and_does_not_change_any_more(at: At) -> None:
    cast = at("charter closed")
    number, contact = identity(named(cast, f"provide_people@{NIORT}")), cast.contact(NIORT)
    keep_commitment(cast.db, contact, Evidence(number, "Fait."), now=cast.now)
    facts = cast.journal()
    keep_commitment(cast.db, contact, Evidence(number, "Fait."), now=cast.now)
    assert cast.journal() == facts
    with pytest.raises(CommitmentSettled):
        keep_commitment(cast.db, contact, Evidence(number, "Autrement."), now=cast.now)
    with pytest.raises(CommitmentSettled):
        waive_commitment(cast.db, cast.agent, Waiver(number, "Sans objet"), now=cast.now)


def test_keeping_needs_evidence_and_a_commitment_that_exists(at: At) -> None:
    cast = at("charter closed")
    with pytest.raises(EvidenceNeeded):
        keep_commitment(cast.db, cast.contact(NIORT), Evidence(1, "  "), now=cast.now)
    with pytest.raises(UnknownCommitment, match="987654"):
        keep_commitment(cast.db, cast.contact(NIORT), Evidence(987654, "Fait."), now=cast.now)


# Waiving


def test_the_anct_waives_a_commitment_and_says_why(at: At) -> None:
    cast = at("charter closed")
    number = identity(named(cast, f"provide_people@{NIORT}"))
    with pytest.raises(ReasonNeeded):
        waive_commitment(cast.db, cast.agent, Waiver(number, " "), now=cast.now)
    for who in (cast.contact(NIORT), cast.mayor(NIORT), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            waive_commitment(cast.db, who, Waiver(number, "Sans objet"), now=cast.now)
    waive_commitment(cast.db, cast.agent, Waiver(number, "Sans objet"), now=cast.now)
    assert named(cast, f"provide_people@{NIORT}").status is CommitmentStatus.waived
    assert cast.journal()[-1] == ("commitment.waived", NIORT)


# Answers to reservations


@pytest.mark.parametrize(
    ("key", "point", "author", "owner"),
    [
        ("note_de_cadrage", "constitution in review", "agent", "ANCT"),
        ("synthese_croisee", "diagnosis in review", "contractor", "prestataire"),
        ("diagnostic", "diagnosis in review", "contact", NIORT),
    ],
)
def test_a_reservation_becomes_a_commitment_of_the_author_who_answers_it(
    at: At, key: str, point: str, author: str, owner: str
) -> None:
    cast = at(point)
    cast.sign(key, NIORT, Decision.approved_with_reservations, reason="Préciser la place des jeunes.")
    (promised,) = cast.commitments(origin=CommitmentOrigin.reservation)
    assert promised.owner == owner
    people = {"agent": cast.agent, "contact": cast.contact(NIORT)}
    answers = people.get(author) or cast.contractor
    with pytest.raises(NotAllowed):
        keep_commitment(cast.db, cast.contact(BOURGES), Evidence(identity(promised), "Non."), now=cast.now)
    keep_commitment(cast.db, answers, Evidence(identity(promised), "Une annexe est ajoutée."), now=cast.now)
    assert named(cast, promised.reference).status is CommitmentStatus.kept


def test_each_reservation_is_answered_on_its_own(at: At) -> None:
    cast = at("constitution in review")
    for code in CITIES:
        cast.sign("note_de_cadrage", code, Decision.approved_with_reservations, reason=f"Réserve de {code}.")
    assert len(cast.commitments(origin=CommitmentOrigin.reservation)) == len(CITIES)


def test_a_reservation_that_is_withdrawn_still_has_to_be_answered(at: At) -> None:
    cast = at("constitution in review")
    cast.sign("note_de_cadrage", NIORT, Decision.approved_with_reservations)
    cast.withdraw("note_de_cadrage", NIORT)
    (promised,) = cast.commitments(origin=CommitmentOrigin.reservation)
    assert promised.status is CommitmentStatus.to_do
