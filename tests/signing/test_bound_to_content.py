"""A sign-off is bound to the content that was read (rule 2)."""

from collections.abc import Callable

import pytest
from cast import BOURGES, CITIES, GUICHEN, MANTES, NIORT, Cast
from owed_mails import addresses_of

from models.deliverable import MinorNeedsReason, NothingToRevise, SameContent
from models.person import NotAllowed
from models.sign_off import (
    Decision,
    OtherContent,
)
from models.stage import StageStatus

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
APPROVED, RESERVED, REFUSED = Decision


def test_a_sign_off_names_the_version_and_its_hash(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    (recorded,) = cast.sign_offs(NOTE)
    note = cast.deliverable(NOTE)
    assert (recorded.version_id, recorded.sha256, recorded.round) == (
        note.version_id,
        note.sha256,
        note.round,
    )


def test_a_sign_off_that_names_another_hash_is_refused_and_says_what_changed(cast: Cast) -> None:
    read = cast.deliverable(NOTE).sha256
    cast.submit(NOTE)
    with pytest.raises(OtherContent, match=r"version 1 .* version 2 l’a remplacée") as refused:
        cast.sign(NOTE, NIORT, sha256=read)
    assert refused.value.current_sha256 == cast.deliverable(NOTE).sha256
    assert cast.sign_offs(NOTE) == []


def test_a_hash_that_was_never_a_version_is_refused(cast: Cast) -> None:
    with pytest.raises(OtherContent, match="n’est celle d’aucune version"):
        cast.sign(NOTE, NIORT, sha256="0" * 64)


def test_a_new_version_voids_the_sign_offs_on_the_old_one_and_opens_a_new_round(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    cast.sign(NOTE, BOURGES, RESERVED)
    before = cast.deliverable(NOTE).round
    cast.submit(NOTE)
    assert all(recorded.voided_at is not None for recorded in cast.sign_offs(NOTE))
    assert cast.deliverable(NOTE).round == before + 1
    assert {each.party for each in cast.missing("constitution") if each.what == "sign_off"} == set(CITIES)


def test_a_new_version_is_told_to_each_party_by_what_it_had_answered(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    cast.sign(NOTE, GUICHEN, RESERVED)
    cast.sign(NOTE, BOURGES, REFUSED)
    cast.submit(NOTE)
    assert cast.told("sign_off_fell") == addresses_of(cast, NIORT) | addresses_of(cast, GUICHEN)
    assert cast.told("new_version_submitted") == addresses_of(cast, MANTES) | addresses_of(cast, BOURGES)
    answered = {
        notice.recipient_id
        for notice in cast.notices("new_version_submitted")
        if notice.payload["had_refused"]
    }
    assert answered == {cast.mayor(BOURGES).person_id, cast.contact(BOURGES).person_id}


def test_a_city_signs_again_after_a_new_version(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE)
    cast.sign(NOTE, NIORT)
    old, new = cast.sign_offs(NOTE)
    assert (old.voided_at is None, new.voided_at) == (False, None)
    assert old.sha256 != new.sha256 == cast.deliverable(NOTE).sha256


def test_coming_back_to_an_older_content_is_a_new_version_all_the_same(cast: Cast) -> None:
    cast.submit(NOTE, text="autre")
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE, text="note_de_cadrage de toutes, version 1")
    assert cast.deliverable(NOTE).number == 3
    assert all(recorded.voided_at is not None for recorded in cast.sign_offs(NOTE))


def test_a_minor_revision_keeps_the_sign_offs_and_the_fact_is_recorded(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    round_before = cast.deliverable(NOTE).round
    version = cast.submit(NOTE, minor="Une coquille page 3")
    (recorded,) = cast.sign_offs(NOTE)
    assert (recorded.voided_at, cast.deliverable(NOTE).round) == (None, round_before)
    assert (version.is_minor, version.minor_reason) == (True, "Une coquille page 3")
    assert "deliverable.revised_minor" in dict(cast.journal())
    assert {"deliverable.revised_minor"} & {entry["event"] for entry in cast.entries()}
    assert NIORT not in {each.party for each in cast.missing("constitution")}
    assert cast.told("minor_revision_recorded") >= addresses_of(cast, NIORT)


def test_after_a_minor_revision_the_others_sign_the_new_content(cast: Cast) -> None:
    read = cast.deliverable(NOTE).sha256
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE, minor="Une date")
    with pytest.raises(OtherContent):
        cast.sign(NOTE, BOURGES, sha256=read)
    for code in (MANTES, BOURGES, GUICHEN):
        cast.sign(NOTE, code)
    assert cast.status("constitution") is StageStatus.signed_off


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_minor_revision_needs_a_reason(cast: Cast, reason: str) -> None:
    with pytest.raises(MinorNeedsReason):
        cast.submit(NOTE, minor=reason)
    assert cast.deliverable(NOTE).number == 1


def test_only_an_agent_of_the_anct_may_call_a_revision_minor(at: At) -> None:
    cast = at("diagnosis in review")
    for who in (cast.contractor, cast.contact(NIORT), cast.mayor(NIORT), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed, match="agent de l’ANCT"):
            cast.submit("diagnostic", NIORT, minor="Une coquille", actor=who)


def test_a_first_version_is_never_a_minor_revision(at: At) -> None:
    with pytest.raises(NothingToRevise):
        at("constitution open").submit(NOTE, minor="Une coquille")


def test_the_same_content_is_not_a_new_version(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    with pytest.raises(SameContent):
        cast.submit(NOTE, text="note_de_cadrage de toutes, version 1")
    assert cast.sign_offs(NOTE)[0].voided_at is None
