"""What a city asked for comes back to it: a reservation gets an answer, a refusal a version that says what changed."""

from collections.abc import Callable

import pytest
from cast import BOURGES, CITIES, GUICHEN, MANTES, NIORT, Cast

from actions.commitments.settle_commitment import Evidence, Waiver, keep_commitment, waive_commitment
from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from models.commitment import CommitmentStatus
from models.deliverable import LONGEST_NOTE, DeliverableVersion, NoteTooLong
from models.person import Actor, NotAllowed, Person
from models.sign_off import Decision
from models.stored_row import identity
from queries.access.project_access import NotVisible
from queries.commitments.reservations import ReservationShown, read_reservations
from queries.deliverables.deliverable import read_deliverable

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
WITH_RESERVATIONS = Decision.approved_with_reservations
pytestmark = pytest.mark.parametrize("shelf", ["sqlite"], indirect=True)


def shown(cast: Cast, key: str, who: Actor, owner: str | None = None) -> tuple[ReservationShown, ...]:
    number = identity(cast.deliverable(key, owner))
    with cast.db.read() as session:
        return read_reservations(session, cast.slug, number, who.person_id, cast.now)


def answer(cast: Cast, who: Actor, number: int, words: str = "La place des jeunes est en page 4.") -> None:
    keep_commitment(cast.db, who, Evidence(number, words), now=cast.now)


def addresses(cast: Cast, *people: Actor) -> set[str]:
    with cast.db.read() as session:
        return {session.get_one(Person, who.person_id).email for who in people}


# A reservation is answered by who wrote the document


def test_the_anct_answers_what_was_asked_of_its_note_and_the_city_is_told(at: At) -> None:
    cast = at("constitution in review")
    cast.sign(NOTE, NIORT, WITH_RESERVATIONS, reason="La place des jeunes ?")
    (asked,) = shown(cast, NOTE, cast.agent)
    assert (asked.sign_off.reason, asked.sign_off.party_name, asked.commitment.status) == (
        "La place des jeunes ?",
        "Niort",
        CommitmentStatus.to_do,
    )
    assert (asked.commitment.evidence, asked.commitment.may_keep) == (None, True)
    answer(cast, cast.agent, asked.commitment.id)
    (answered,) = shown(cast, NOTE, cast.observer)
    assert (answered.commitment.status, answered.commitment.evidence) == (
        CommitmentStatus.kept,
        "La place des jeunes est en page 4.",
    )
    assert not answered.commitment.may_keep
    assert cast.told("reservation_answered_for_party") == addresses(
        cast, cast.mayor(NIORT), cast.contact(NIORT)
    )
    (mail, *_) = cast.notices("reservation_answered_for_party")
    assert mail.payload["reason"] == "La place des jeunes ?"
    assert mail.payload["answer"] == "La place des jeunes est en page 4."


def test_the_contractor_answers_for_its_synthesis_and_nobody_else_does(at: At) -> None:
    cast = at("diagnosis in review")
    cast.sign("synthese_croisee", BOURGES, WITH_RESERVATIONS)
    may = [cast.contractor, cast.agent, cast.contact(BOURGES), cast.observer]
    assert [shown(cast, "synthese_croisee", who)[0].commitment.may_keep for who in may] == [
        True,
        False,
        False,
        False,
    ]
    number = shown(cast, "synthese_croisee", cast.agent)[0].commitment.id
    with pytest.raises(NotAllowed):
        answer(cast, cast.contact(BOURGES), number)
    answer(cast, cast.contractor, number)
    assert cast.told("reservation_answered_for_party") == addresses(
        cast, cast.mayor(BOURGES), cast.contact(BOURGES)
    )


def test_a_city_that_answers_its_own_reservation_tells_its_mayor_and_not_who_wrote_the_answer(at: At) -> None:
    cast = at("diagnosis in review")
    cast.sign("diagnostic", GUICHEN, WITH_RESERVATIONS)
    (asked,) = shown(cast, "diagnostic", cast.contact(GUICHEN), GUICHEN)
    assert asked.commitment.may_keep
    answer(cast, cast.contact(GUICHEN), asked.commitment.id)
    assert cast.told("reservation_answered_for_party") == addresses(cast, cast.mayor(GUICHEN))


def test_who_answers_twice_tells_once(at: At) -> None:
    cast = at("constitution in review")
    cast.sign(NOTE, NIORT, WITH_RESERVATIONS)
    number = shown(cast, NOTE, cast.agent)[0].commitment.id
    answer(cast, cast.agent, number)
    answer(cast, cast.agent, number)
    assert len(cast.notices("reservation_answered_for_party")) == 2  # the mayor and the contact


def test_a_reservation_that_the_anct_waives_is_told_to_the_city_with_the_reason(at: At) -> None:
    cast = at("diagnosis in review")
    cast.sign("synthese_croisee", BOURGES, WITH_RESERVATIONS)
    number = shown(cast, "synthese_croisee", cast.agent)[0].commitment.id
    waive_commitment(cast.db, cast.agent, Waiver(number, "Retiré en comité"), now=cast.now)
    (notice, *_) = cast.notices("reservation_waived_for_party")
    assert notice.payload["why"] == "Retiré en comité"
    assert shown(cast, "synthese_croisee", cast.observer)[0].commitment.evidence == "Retiré en comité"


def test_other_commitments_are_settled_without_a_word(at: At) -> None:
    cast = at("charter closed")
    promise = cast.commitments(reference=f"name_local_contact@{NIORT}")[0]
    answer(cast, cast.contact(NIORT), promise.id or 0, "C’est fait")
    assert cast.notices("reservation_answered_for_party") == []


def test_a_reservation_stays_when_its_sign_off_falls(at: At) -> None:
    cast = at("constitution in review")
    cast.sign(NOTE, NIORT, WITH_RESERVATIONS, reason="Les jeunes ?")
    cast.submit(NOTE)
    cast.sign(NOTE, NIORT, WITH_RESERVATIONS, reason="Et les aînés ?")
    cast.sign(NOTE, MANTES)
    found = shown(cast, NOTE, cast.contact(NIORT))
    assert [(each.sign_off.reason, each.sign_off.is_live) for each in found] == [
        ("Les jeunes ?", False),
        ("Et les aînés ?", True),
    ]
    assert len({each.sign_off.id for each in found}) == 2


def test_an_outsider_reads_no_reservation(at: At) -> None:
    cast = at("constitution in review")
    with pytest.raises(NotVisible):
        shown(cast, NOTE, cast.outsider)


# A refusal gets a new version, which says what changed


def submit(cast: Cast, note: str | None, text: str = "La note, revue") -> DeliverableVersion:
    file = cast.files.receive_path(cast.write(text))
    submission = Submission(cast.slug, "constitution", NOTE, file, note=note)
    return submit_deliverable(cast.db, cast.agent, submission, now=cast.now)


def test_who_refused_reads_what_the_new_version_changes(at: At) -> None:
    cast = at("constitution in review")
    cast.sign(NOTE, MANTES)
    cast.sign(NOTE, BOURGES, Decision.refused, reason="Il manque les associations.")
    submit(cast, " Les associations ont leur partie.\r\nUne coquille.\u202e ")
    note = "Les associations ont leur partie.\nUne coquille."
    mails = cast.notices("new_version_submitted") + cast.notices("sign_off_fell")
    assert {each.payload["change_note"] for each in mails} == {note}
    assert {each.recipient_id for each in mails} >= {cast.mayor(code).person_id for code in CITIES}
    number = identity(cast.deliverable(NOTE))
    with cast.db.read() as session:
        page = read_deliverable(session, cast.slug, number, cast.mayor(BOURGES).person_id, cast.now)
    assert [each.change_note for each in page.deliverable.versions] == [note, None]


def test_a_version_may_say_nothing_of_what_it_changes_but_no_more_than_a_summary(at: At) -> None:
    cast = at("constitution in review")
    assert submit(cast, "  ").change_note is None
    with pytest.raises(NoteTooLong, match="2001 caractères"):
        submit(cast, "a" * (LONGEST_NOTE + 1), "Une autre")
    assert submit(cast, "a" * LONGEST_NOTE, "Une autre").number == 3
