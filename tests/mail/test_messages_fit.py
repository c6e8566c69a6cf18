"""Every mail that the actions owe can be written: the values of its notice are those its message asks for."""

from collections import defaultdict
from collections.abc import Callable

import pytest
from cast import BOURGES, CITIES, GUICHEN, NIORT, Cast
from departures import leave
from owed_mails import filled, owed, write
from withdrawals import withdraw_charter

from actions.commitments.settle_commitment import Evidence, Waiver, keep_commitment, waive_commitment
from actions.deliverables.add_comment import CommentRequest, add_comment
from actions.deliverables.withdraw_comment import CommentWithdrawal, withdraw_comment
from models.commitment import CommitmentOrigin
from models.person import Role
from models.sign_off import Decision
from models.stored_row import identity
from notifications.messages import MESSAGES

At = Callable[[str], Cast]


def turbulent(cast: Cast) -> None:
    """All that can happen to a charter, short of its end."""
    cast.sign("charte", NIORT, Decision.refused, reason="Il manque <les> associations & les jeunes.")
    cast.submit("charte")
    cast.sign("charte", GUICHEN)
    cast.submit("charte")
    cast.sign("charte", BOURGES, Decision.approved_with_reservations, reason="La place des jeunes.")
    withdraw_charter(cast, BOURGES)
    discuss(cast)
    settle_reservations(cast)
    cast.pause()
    cast.change("resume")
    leave(cast, GUICHEN)
    cast.change("cancel")


def contested(cast: Cast) -> None:
    """A minor revision that a city signed before it objects to, and another signed after."""
    for code in (NIORT, GUICHEN):
        cast.sign("note_de_cadrage", code)
    cast.submit("note_de_cadrage", minor="Une <coquille>")
    cast.sign("note_de_cadrage", BOURGES)
    cast.object_to("note_de_cadrage", NIORT)


TROUBLES = {"charter in review": turbulent, "constitution in review": contested}
"""What happens from each of these points."""


def discuss(cast: Cast) -> None:
    """Two cities comment on the charter, and the ANCT withdraws what one of them said."""
    number = identity(cast.deliverable("charte"))
    for code in (NIORT, BOURGES):
        said = add_comment(
            cast.db, cast.contact(code), CommentRequest(cast.slug, number, "Et <la> jeunesse ?"), now=cast.now
        )
    withdraw_comment(cast.db, cast.agent, CommentWithdrawal(said.id or 0, reason="Doublon"), now=cast.now)
    add_comment(cast.db, cast.mayor(BOURGES), CommentRequest(cast.slug, number, "Très juste."), now=cast.now)


def settle_reservations(cast: Cast) -> None:
    """The ANCT answers a reservation on its charter, and waives another."""
    cast.sign("charte", NIORT, Decision.approved_with_reservations, reason="Et les <aînés> ?")
    first, second = cast.commitments(origin=CommitmentOrigin.reservation)
    keep_commitment(cast.db, cast.agent, Evidence(identity(first), "En <page> 3"), now=cast.now)
    waive_commitment(cast.db, cast.agent, Waiver(identity(second), "Déjà dit"), now=cast.now)


NOT_OF_A_STAGE = {
    *("daily_digest", "weekly_state", "duties_passed", "reminder_from_agent", "deadline_extended"),
    *("meeting_invitation", "meeting_changed", "meeting_cancelled"),
    *("sign_in_link", "delivery_failed", "delegation_revoked", "contact_named"),
    *("role_ended_for_holder", "role_ended_for_others"),
    *("contractor_replaced", "contractor_replaced_for_former"),
    *("name_corrected_for_person", "name_corrected_for_others", "mailbox_shared_for_person"),
    *("address_asked_for_person", "address_link", "address_changed_for_person"),
    *("address_changed_for_former_address", "address_changed_for_others"),
    *("machinery_behind_for_operator", "machinery_well_for_operator"),
}
"""What neither the life of a project nor its troubles owe by themselves; each has its own tests."""


@pytest.mark.parametrize("point", ["met", *TROUBLES, "over"])
def test_each_mail_of_a_project_can_be_written(at: At, point: str) -> None:
    cast = at(point)
    if point in TROUBLES:
        TROUBLES[point](cast)
    wrong: dict[str, list[str]] = defaultdict(list)
    notices = owed(cast)
    receipts = [each for each in notices if each.is_receipt]
    for notice in notices:
        if notice in receipts[3:]:
            continue  # each makes a PDF
        try:
            words = write(filled(cast, notice))
            assert "None" not in words
            assert notice.recipient_name in words
        except (KeyError, ValueError) as error:
            wrong[notice.message].append(str(error))
    assert {message: errors[0] for message, errors in wrong.items()} == {}


def test_a_whole_project_and_a_troubled_one_owe_every_message_there_is(at: At) -> None:
    casts = {point: at(point) for point in ("over", *TROUBLES)}
    for point, trouble in TROUBLES.items():
        trouble(casts[point])
    messages = {notice.message for cast in casts.values() for notice in owed(cast)}
    assert messages | NOT_OF_A_STAGE == set(MESSAGES)


def test_what_people_write_cannot_break_a_mail(at: At) -> None:
    cast = at("constitution in review")
    reason = "Voir <script>alert(1)</script>\r\nBcc: tous@ville.example & « le reste »"
    cast.sign("note_de_cadrage", NIORT, Decision.refused, reason=reason)
    notices = [each for each in owed(cast) if each.message.startswith("deliverable_refused")]
    assert notices
    assert all("<script>" not in write(each).split("<html", 1)[1] for each in notices)


def test_nobody_is_told_the_same_thing_twice(at: At) -> None:
    keys = [notice.key for notice in owed(at("over"))]
    assert len(keys) == len(set(keys)) > len(CITIES)


def test_who_signs_by_delegation_is_invited_to_sign_too(at: At) -> None:
    cast = at("constitution open")
    deputy = cast.delegate(NIORT)
    cast.review("constitution")
    assert deputy.person_id in {each.recipient_id for each in cast.notices("sign_off_requested")}
    assert cast.agent.person_id not in {each.recipient_id for each in cast.notices("sign_off_requested")}


def test_a_new_mayor_gets_the_mails_and_the_former_one_no_more(at: At) -> None:
    cast = at("constitution open")
    former = cast.mayor(NIORT).person_id
    cast.give_role("nouveau@niort.example", "Nouveau Maire", Role.signatory, NIORT)
    cast.review("constitution")
    invited = {each.recipient_id for each in cast.notices("sign_off_requested")}
    assert former not in invited
    assert cast.person("nouveau@niort.example").person_id in invited
