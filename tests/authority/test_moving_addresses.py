"""The address of somebody whose mailbox is dead: proposed by one side, confirmed by the other, told to the old one."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cast import BOURGES, NIORT, Cast
from post_office import PUBLIC_URL, round_of
from site_of_tests import plain

from actions.people.change_address import AddressTaken
from actions.people.move_person import Move, MovesThemselves, move_person
from models.person import Actor
from models.proposal import Proposal
from models.proposal_rules import NotYourKey, SamePerson
from notifications.mail import local_catcher_url
from notifications.mail_catcher import MailCatcher

At = Callable[[str], Cast]
NEW = "solene.guerin@mairie-niort.example"


def move(cast: Cast, actor: Actor, email: str | None = None, new: str = NEW) -> Proposal:
    return move_person(cast.db, actor, Move(email or cast.mayor_email(NIORT), new), now=cast.now)


def test_the_anct_proposes_and_the_city_confirms_and_what_was_signed_stands(at: At) -> None:
    cast = at("constitution in review")
    cast.sign("note_de_cadrage", NIORT)
    mayor = cast.mayor(NIORT)
    proposal = move(cast, cast.agent)
    assert cast.mayor(NIORT) == mayor
    assert mayor.person_id in {each.recipient_id for each in cast.notices("authority_proposed")}
    with pytest.raises(SamePerson):
        cast.confirm(proposal, cast.agent)
    cast.confirm(proposal)
    moved = cast.person(NEW)
    assert moved.person_id == mayor.person_id
    (sign_off,) = cast.sign_offs("note_de_cadrage")
    assert (sign_off.signed_by, sign_off.withdrawn_at) == (mayor.person_id, None)
    assert ("address.changed", None) in cast.journal()


def test_a_contact_does_not_take_their_mayor_s_mailbox_alone(at: At) -> None:
    cast = at("constitution in review")
    with pytest.raises(MovesThemselves):
        move(cast, cast.contact(NIORT), new="hugo.texier+maire@niort.example")
    proposal = move(cast, cast.contact(NIORT))
    with pytest.raises(SamePerson):
        cast.confirm(proposal, cast.contact(NIORT))
    assert cast.mayor(NIORT)
    cast.confirm(proposal, cast.agent)


def test_nobody_of_another_city_proposes_it_and_no_address_is_taken_twice(at: At) -> None:
    cast = at("constitution in review")
    with pytest.raises(NotYourKey):
        move(cast, cast.contact(BOURGES))
    with pytest.raises(AddressTaken):
        move(cast, cast.agent, new=cast.mayor_email(BOURGES))
    with pytest.raises(MovesThemselves):
        move(cast, cast.agent, "camille.roussel@anct.example")
    with pytest.raises(MovesThemselves):
        move(cast, cast.mayor(NIORT))


def test_the_old_mailbox_is_told_even_when_both_keys_turn_before_a_mail_has_left(
    at: At, tmp_path: Path
) -> None:
    cast = at("constitution in review")
    old = cast.mayor_email(NIORT)
    cast.confirm(move(cast, cast.agent))
    with MailCatcher(tmp_path / "mail") as post:
        round_of(cast.db, local_catcher_url(post.port), cast.now)
        mails = {each["To"].addresses[0].addr_spec: each for each in post.mails()}
    assert NEW in mails
    words = plain(mails[old].get_body(("plain",)).get_content())
    assert "vient de changer" in words
    assert "confirmée par Hugo Texier" in words
    assert NEW in words
    assert re.findall(r"https?://\S+", words) == [f"{PUBLIC_URL}/"], (
        "nothing in it opens what is the person’s"
    )
