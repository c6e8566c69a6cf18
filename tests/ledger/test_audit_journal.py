"""Rule 8, nothing is lost and nothing is silent: the journal of each project, and who would rewrite it."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from cast import BOURGES, CITIES, NIORT, Cast
from journal_forgery import change

from models.audit_entry import entry_hash
from models.person import AuthMethod
from models.sign_off import Decision
from models.tables import AUDIT_ENTRY, JOURNAL
from queries.ledger.verify_journal import REGISTER, Tampering, verify_journal

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"


@pytest.fixture
def cast(at: At) -> Cast:
    """A project under review, where two cities have signed."""
    cast = at("constitution in review")
    cast.sign(NOTE, NIORT)
    cast.sign(NOTE, BOURGES, Decision.refused, reason="Il manque les associations.")
    return cast


# Each fact, an entry


def revise_and_object(cast: Cast) -> None:
    cast.submit(NOTE, minor="Une coquille")
    cast.object_to(NOTE, NIORT)


FACTS: dict[str, tuple[Callable[[Cast], object], str, str | None]] = {
    "sign_off.recorded": (lambda c: c.sign(NOTE, CITIES[0]), "mayor 78361", CITIES[0]),
    "sign_off.withdrawn": (lambda c: c.withdraw(NOTE, BOURGES), "mayor 18033", BOURGES),
    "deliverable.submitted": (lambda c: c.submit(NOTE), "agent", None),
    "deliverable.revised_minor": (lambda c: c.submit(NOTE, minor="Une coquille"), "agent", None),
    "deliverable.minor_objected": (lambda c: revise_and_object(c), f"mayor {NIORT}", NIORT),
    "project.pause": (lambda c: c.pause(), "agent", None),
    "project.cancel": (lambda c: c.change("cancel"), "agent", None),
    "contract.awarded": (lambda c: c.award(), "agent", None),
    "party.joined": (lambda c: c.let_in("44109", "Nantes"), "agent", "44109"),
}


@pytest.mark.parametrize("event", FACTS)
def test_each_fact_is_an_entry_with_who_when_for_which_party_and_how_recognised(
    cast: Cast, event: str
) -> None:
    act, who, party = FACTS[event]
    before = {entry["seq"] for entry in cast.entries()}
    act(cast)
    (entry,) = [each for each in cast.entries() if each["seq"] not in before and each["event"] == event]
    role, _, code = who.partition(" ")
    actor = cast.mayor(code) if role == "mayor" else cast.agent
    assert (entry["actor_id"], entry["party_code"]) == (actor.person_id, party)
    assert entry["auth_method"] == AuthMethod.command_line
    assert entry["at"] is not None


def test_the_journal_tells_a_whole_project_in_order(at: At) -> None:
    events = [event for event, _ in at("over").journal()]
    assert events[0] == "project.created"
    assert events[-1] == "project.in_follow_up"
    for once in ("charter.signed_by_agency", "contract.awarded", "project.in_follow_up"):
        assert events.count(once) == 1
    for each_stage in ("stage_transition.requested", "stage.opened", "stage.closed"):
        assert events.count(each_stage) == 7
    assert events.count("consultation_strand.held") == 3 * len(CITIES)
    assert events.count("sign_off.recorded") == 9 * len(CITIES)


def test_what_is_refused_leaves_no_entry(cast: Cast) -> None:
    before = cast.journal()
    with pytest.raises(Exception, match="ne peut pas valider"):
        cast.sign(NOTE, NIORT, actor=cast.outsider)
    assert cast.journal() == before


def test_the_journal_of_a_whole_project_is_clean_and_its_seals_can_be_kept(at: At) -> None:
    cast = at("over")
    verification = verify_journal(cast.db)
    assert verification.tamperings == []
    assert set(verification.heads) == {cast.slug, REGISTER}
    assert verification.heads[cast.slug] == cast.entries()[-1]["hash"]
    assert verification.entries > 100


# Who would rewrite it


def test_a_line_whose_content_was_changed_is_found_and_named(cast: Cast) -> None:
    target = last(cast) - 1
    rewrite(cast, target, reason="tout va bien")
    assert named(cast) == {target}


@pytest.mark.parametrize("column", ["at", "event", "actor_id", "party_code", "auth_method"])
def test_no_part_of_a_line_changes_unseen(cast: Cast, column: str) -> None:
    values = {
        "at": cast.now,
        "event": "sign_off.imagined",
        "actor_id": cast.outsider.person_id,
        "party_code": "01053",
        "auth_method": AuthMethod.proconnect,
    }
    change(cast, sa.update(AUDIT_ENTRY).where(*line(cast, 3)).values({column: values[column]}))
    assert named(cast) == {3}


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_line_that_was_removed_is_found_and_named(cast: Cast, place: str) -> None:
    target = {"first": 1, "middle": 4, "last": last(cast)}[place]
    change(cast, sa.delete(AUDIT_ENTRY).where(*line(cast, target)))
    (fault,) = tampered(cast)
    assert (fault.journal, f"{target} " in fault.text) == (cast.slug, True)


def test_the_end_of_a_journal_cut_off_is_found(cast: Cast) -> None:
    end = last(cast)
    for target in (end - 1, end):
        change(cast, sa.delete(AUDIT_ENTRY).where(*line(cast, target)))
    (fault,) = tampered(cast)
    assert f"{end - 1} à {end}" in fault.text


def test_a_journal_emptied_is_found(cast: Cast) -> None:
    change(cast, sa.delete(AUDIT_ENTRY).where(AUDIT_ENTRY.c.journal_id == journal(cast)))
    assert [each.journal for each in tampered(cast)] == [cast.slug]


def test_a_line_added_at_the_end_is_found_even_with_a_right_hash(cast: Cast) -> None:
    forged = read(cast, last(cast)) | {"seq": last(cast) + 1, "event": "sign_off.recorded"}
    forged["previous_hash"] = forged["hash"]
    forged["hash"] = entry_hash(forged)
    del forged["id"]
    change(cast, sa.insert(AUDIT_ENTRY).values(**forged))
    assert named(cast) == {last(cast)}


def test_a_line_slipped_in_between_is_found(cast: Cast) -> None:
    end = last(cast)
    moved = read(cast, end)
    change(cast, sa.update(AUDIT_ENTRY).where(*line(cast, end)).values(seq=end + 1))
    del moved["id"]
    moved["hash"] = entry_hash(moved | {"event": "forged"})
    change(cast, sa.insert(AUDIT_ENTRY).values(**(moved | {"event": "forged"})))
    assert end + 1 in named(cast)


def test_two_lines_that_changed_places_are_found_and_named(cast: Cast) -> None:
    for origin, target in ((3, 9000), (4, 3), (9000, 4)):
        change(cast, sa.update(AUDIT_ENTRY).where(*line(cast, origin)).values(seq=target))
    assert {3, 4} <= named(cast)


def test_a_forger_who_computes_the_hash_again_is_betrayed_by_the_next_line(cast: Cast) -> None:
    rewrite(cast, 5, reason="tout va bien", rehash=True)
    assert named(cast) == {6}


def test_a_forger_who_rewrites_the_last_line_is_betrayed_by_the_end_of_the_journal(cast: Cast) -> None:
    rewrite(cast, last(cast), reason="tout va bien", rehash=True)
    assert named(cast) == {last(cast)}


def test_a_journal_rewritten_to_its_end_no_longer_has_the_seal_that_was_kept(cast: Cast) -> None:
    kept = verify_journal(cast.db).heads[cast.slug]
    rewrite(cast, last(cast), reason="tout va bien", rehash=True)
    head = read(cast, last(cast))["hash"]
    change(cast, sa.update(JOURNAL).where(JOURNAL.c.id == journal(cast)).values(head=head))
    verification = verify_journal(cast.db)
    assert verification.tamperings == []
    assert verification.heads[cast.slug] != kept


def test_the_register_of_people_is_verified_too(cast: Cast) -> None:
    register = sa.select(JOURNAL.c.id).where(JOURNAL.c.project_id.is_(None)).scalar_subquery()
    change(cast, sa.delete(AUDIT_ENTRY).where(AUDIT_ENTRY.c.journal_id == register, AUDIT_ENTRY.c.seq == 2))
    assert [each.journal for each in tampered(cast)] == [REGISTER]


def rewrite(cast: Cast, seq: int, *, reason: str, rehash: bool = False) -> None:
    forged = read(cast, seq)
    forged["payload"] = forged["payload"] | {"reason": reason}
    values = {"payload": forged["payload"]} | ({"hash": entry_hash(forged)} if rehash else {})
    change(cast, sa.update(AUDIT_ENTRY).where(*line(cast, seq)).values(**values))


def read(cast: Cast, seq: int) -> dict[str, Any]:
    with cast.db.read() as session:
        query = sa.select(AUDIT_ENTRY).where(*line(cast, seq))
        return dict(session.connection().execute(query).mappings().one())


def line(cast: Cast, seq: int) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return AUDIT_ENTRY.c.journal_id == journal(cast), AUDIT_ENTRY.c.seq == seq


def journal(cast: Cast) -> int:
    with cast.db.read() as session:
        query = sa.select(JOURNAL.c.id).where(JOURNAL.c.project_id == cast.project().id)
        return int(session.connection().execute(query).scalar_one())


def last(cast: Cast) -> int:
    return int(cast.entries()[-1]["seq"])


def tampered(cast: Cast) -> list[Tampering]:
    return verify_journal(cast.db).tamperings


def named(cast: Cast) -> set[int]:
    """The lines that the verification names, all of the project's journal."""
    assert {each.journal for each in tampered(cast)} == {cast.slug}
    return {each.seq for each in tampered(cast)}
