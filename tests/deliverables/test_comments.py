"""What people say of a deliverable: who may, what is kept and what is erased, who hears of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cast import GUICHEN, MANTES, NIORT, OBSERVER, Cast
from departures import leave
from many_projects import counted
from post_office import empty_the_box, notices

from actions.deliverables.add_comment import CommentRequest, add_comment
from actions.deliverables.withdraw_comment import CommentWithdrawal, withdraw_comment
from models.columns import LONGEST_TEXT
from models.comment import (
    MOST_AN_HOUR,
    Comment,
    CommentTooLong,
    EmptyComment,
    TooManyComments,
    UnknownComment,
    WithdrawalUnexplained,
)
from models.outbox import Nudge
from models.person import Actor, MailFrequency, NotAllowed, Person
from models.shared_project import ProjectNotActive
from models.stored_row import identity
from models.tables import NOTICE, PERSON
from models.typed_text import paragraph
from queries.access.project_access import NotVisible
from queries.deliverables.comments import CommentShown, CommentsShown, read_comments
from queries.projects.journal_page import read_journal

At = Callable[[str], Cast]
on_sqlite = pytest.mark.parametrize("shelf", ["sqlite"], indirect=True)
"""Where the kind of database changes nothing."""


@pytest.fixture
def cast(at: At) -> Cast:
    """The cities read each other's diagnoses."""
    cast = at("diagnosis in review")
    empty_the_box(cast.db)
    return cast


def say(
    cast: Cast, who: Actor, text: str = "Et les jeunes ?", owner: str | None = NIORT, **more: int
) -> Comment:
    key = "diagnostic" if owner else "synthese_croisee"
    number = identity(cast.deliverable(key, owner))
    return add_comment(cast.db, who, CommentRequest(cast.slug, number, text, **more), now=cast.now)


def withdraw(cast: Cast, who: Actor, comment: Comment, reason: str | None = None) -> Comment:
    return withdraw_comment(cast.db, who, CommentWithdrawal(comment.id or 0, reason), now=cast.now)


def shown(cast: Cast, who: Actor, owner: str | None = NIORT) -> CommentsShown:
    number = identity(cast.deliverable("diagnostic" if owner else "synthese_croisee", owner))
    with cast.db.read() as session:
        return read_comments(session, cast.slug, number, who.person_id, cast.now)


def lines(cast: Cast, who: Actor) -> list[CommentShown]:
    return list(shown(cast, who).lines)


def address(cast: Cast, who: Actor) -> str:
    with cast.db.read() as session:
        return session.get_one(Person, who.person_id).email


def comments(cast: Cast) -> list[Comment]:
    return list(cast.all(Comment))  # type: ignore[arg-type]


# Who may


def test_everybody_who_stands_in_the_project_comments_in_their_own_quality(cast: Cast) -> None:
    deputy = cast.delegate(MANTES)
    people = {
        cast.agent: ("agent de l’ANCT", None),
        cast.contact(GUICHEN): ("interlocuteur privilégié", "Guichen"),
        cast.mayor(GUICHEN): ("signataire", "Guichen"),
        deputy: ("signataire", "Mantes-la-Jolie"),
        cast.contractor: ("prestataire", None),
        cast.observer: ("collectivité observatrice", "Mérignac"),
    }
    for who in people:
        say(cast, who)
    read = lines(cast, cast.observer)
    assert [(each.author, each.quality, each.party_name) for each in read] == [
        (who.name, quality, party) for who, (quality, party) in people.items()
    ]
    assert {each.version for each in read} == {1}


@on_sqlite
def test_who_acts_for_two_parties_speaks_for_the_one_whose_deliverable_it_is(cast: Cast) -> None:
    with cast.db.write_statements() as connection:
        connection.execute(
            sa.text("UPDATE mandate SET person_id = :one WHERE person_id = :other"),
            {"one": cast.contact(NIORT).person_id, "other": cast.contact(GUICHEN).person_id},
        )
    both = cast.contact(NIORT)
    say(cast, both, owner=GUICHEN)
    say(cast, both, owner=NIORT)
    assert [each.party_id for each in comments(cast)] == [
        identity(cast.party(GUICHEN)),
        identity(cast.party(NIORT)),
    ]


@on_sqlite
def test_an_outsider_neither_comments_nor_reads_nor_withdraws(cast: Cast) -> None:
    comment = say(cast, cast.contact(GUICHEN))
    for act in (
        lambda: say(cast, cast.outsider),
        lambda: shown(cast, cast.outsider),
        lambda: withdraw(cast, cast.outsider, comment),
    ):
        with pytest.raises(NotVisible):
            act()
    assert len(comments(cast)) == 1


@on_sqlite
def test_a_city_that_left_is_an_outsider_but_may_erase_its_own_words(at: At) -> None:
    cast = at("diagnosis in review")
    comment = say(cast, cast.contact(GUICHEN))
    leave(cast, GUICHEN)
    with pytest.raises(NotVisible):
        say(cast, cast.contact(GUICHEN), "Encore un mot")
    withdraw(cast, cast.contact(GUICHEN), comment)
    assert [each.text for each in lines(cast, cast.agent)] == [""]


@on_sqlite
def test_a_deliverable_of_another_project_or_of_none_is_out_of_sight(cast: Cast) -> None:
    number = identity(cast.deliverable("diagnostic", NIORT))
    for slug, deliverable in (("autre-projet", number), (cast.slug, 99999)):
        with pytest.raises(NotVisible):
            add_comment(cast.db, cast.agent, CommentRequest(slug, deliverable, "Bonjour"), now=cast.now)


@on_sqlite
def test_one_comments_while_the_project_is_paused_and_after_it_but_not_once_cancelled(at: At) -> None:
    over = at("over")
    say(over, over.observer)
    cast = at("diagnosis open")
    cast.pause()
    say(cast, cast.observer)
    assert shown(cast, cast.observer).may_comment
    cast.change("cancel")
    with pytest.raises(ProjectNotActive):
        say(cast, cast.observer, "Dommage")
    assert not shown(cast, cast.observer).may_comment
    assert lines(cast, cast.observer)[0].text == "Et les jeunes ?"


@on_sqlite
def test_one_comments_from_the_opening_of_the_stage_before_any_version(at: At) -> None:
    cast = at("diagnosis open")
    say(cast, cast.contact(GUICHEN))
    assert [each.version for each in lines(cast, cast.agent)] == [None]
    assert cast.told("comment_added_for_author") == {address(cast, cast.contact(NIORT))}


# What is kept


@on_sqlite
def test_a_comment_is_on_the_version_that_was_read(cast: Cast) -> None:
    cast.submit("diagnostic", NIORT)
    say(cast, cast.contact(GUICHEN), "Lu avant la nouvelle version", version=1)
    say(cast, cast.contact(GUICHEN), "Lu après")
    say(cast, cast.contact(GUICHEN), "Lu on ne sait quand", version=12)
    assert [each.version for each in lines(cast, cast.agent)] == [1, 2, 2]
    assert shown(cast, cast.agent).version == 2


def test_a_comment_is_plain_text_kept_as_typed_without_what_cannot_be_shown() -> None:
    typed = "  <b>Bravo</b> & merci\r\n\r\n\tà\u00a0vous\u202e !\x00\x1b[31m\ud800 « œ »\u2066\u2028 "
    assert paragraph(typed) == "<b>Bravo</b> & merci\n\n\tà\u00a0vous ![31m « œ »"


@on_sqlite
@pytest.mark.parametrize("text", ["", " \r\n\t ", "\u202e\x00"])
def test_an_empty_comment_is_refused(cast: Cast, text: str) -> None:
    with pytest.raises(EmptyComment):
        say(cast, cast.agent, text)


@on_sqlite
def test_a_comment_has_a_greatest_length_counted_as_people_typed_it(cast: Cast) -> None:
    say(cast, cast.agent, "a\r\n" * (LONGEST_TEXT // 2) + "  ")
    with pytest.raises(CommentTooLong, match="5001 caractères"):
        say(cast, cast.agent, "a" * (LONGEST_TEXT + 1))


def test_a_double_click_is_one_comment_and_the_same_words_later_are_another(cast: Cast) -> None:
    now, who = cast.now, cast.contact(GUICHEN)
    number = identity(cast.deliverable("diagnostic", NIORT))
    first, again, later = (
        add_comment(
            cast.db, who, CommentRequest(cast.slug, number, "D’accord"), now=now + timedelta(seconds=seconds)
        )
        for seconds in (0, 2, 61)
    )
    assert first.id == again.id != later.id
    thanks = [say(cast, who, "Merci", answers=each.id) for each in (first, later)]
    assert len({each.id for each in thanks}) == 2
    assert len([event for event, _ in cast.journal() if event == "comment.added"]) == 4


@on_sqlite
def test_nobody_writes_more_than_so_many_comments_an_hour(cast: Cast) -> None:
    who, now = cast.contact(GUICHEN), cast.now
    number = identity(cast.deliverable("diagnostic", NIORT))
    for each in range(MOST_AN_HOUR):
        add_comment(
            cast.db,
            who,
            CommentRequest(cast.slug, number, f"Remarque {each}"),
            now=now + timedelta(seconds=each),
        )
    with pytest.raises(TooManyComments):
        add_comment(
            cast.db, who, CommentRequest(cast.slug, number, "Une de trop"), now=now + timedelta(minutes=59)
        )
    cast.set_clock(now + timedelta(minutes=59))
    say(cast, cast.contact(MANTES), "Un autre le peut")
    add_comment(
        cast.db, who, CommentRequest(cast.slug, number, "Une heure après"), now=now + timedelta(minutes=61)
    )


# Answers


@on_sqlite
def test_an_answer_stands_under_what_it_answers_and_so_does_the_answer_to_it(cast: Cast) -> None:
    question = say(cast, cast.contact(GUICHEN), "D’où viennent les chiffres ?")
    other = say(cast, cast.observer, "Beau travail")
    answer = say(cast, cast.contact(NIORT), "De l’Insee", answers=question.id)
    say(cast, cast.contact(GUICHEN), "Merci", answers=answer.id)
    read = lines(cast, cast.agent)
    assert [(each.text, [one.text for one in each.answers]) for each in read] == [
        ("D’où viennent les chiffres ?", ["De l’Insee", "Merci"]),
        ("Beau travail", []),
    ]
    assert shown(cast, cast.agent).count == 4
    assert read[1].path.endswith(f"/livrables/{other.deliverable_id}#commentaire-{other.id}")


@on_sqlite
def test_what_is_withdrawn_or_of_another_deliverable_is_not_answered(cast: Cast) -> None:
    here, elsewhere = say(cast, cast.observer), say(cast, cast.observer, owner=GUICHEN)
    withdraw(cast, cast.observer, here)
    for number in (here.id, elsewhere.id, 99999):
        with pytest.raises(UnknownComment):
            say(cast, cast.agent, "Oui", answers=number)


# Withdrawing


def test_its_author_withdraws_a_comment_and_its_words_are_kept_nowhere(cast: Cast) -> None:
    secret = "Madame Untel, 12 rue des Lilas"
    with cast.db.write_statements() as connection:
        choice = {"mail_frequency": MailFrequency.weekly}
        connection.execute(sa.update(PERSON).where(PERSON.c.id == cast.contractor.person_id).values(choice))
    cast.submit("diagnostic", NIORT, actor=cast.contractor)
    empty_the_box(cast.db)
    comment = say(cast, cast.contact(GUICHEN), secret)
    say(cast, cast.contact(NIORT), "Retirez ce nom", answers=comment.id)
    withdraw(cast, cast.contact(GUICHEN), comment)
    withdraw(cast, cast.contact(GUICHEN), comment)
    (line,) = lines(cast, cast.agent)
    assert (line.text, line.author, len(line.answers)) == ("", cast.contact(GUICHEN).name, 1)
    assert line.withdrawn_at is not None
    assert (line.withdrawn_reason, line.may_withdraw) == (None, False)
    with cast.db.read() as session:
        connection = session.connection()
        for table in sa.inspect(connection).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')):  # noqa: S608
                assert "Lilas" not in repr(row), table
    mails = sa.and_(NOTICE.c.key.like(f"%comment-{comment.id}:%"), NOTICE.c.dropped_at.is_(None))
    assert notices(cast.db, mails) == []
    assert [event for event, _ in cast.journal()].count("comment.withdrawn") == 1


@on_sqlite
def test_the_anct_withdraws_a_comment_with_a_reason_that_its_author_is_told(cast: Cast) -> None:
    comment = say(cast, cast.observer)
    with pytest.raises(WithdrawalUnexplained):
        withdraw(cast, cast.agent, comment, " ")
    withdraw(cast, cast.agent, comment, "Hors sujet")
    (line,) = lines(cast, cast.contact(NIORT))
    assert (line.text, line.withdrawn_reason) == ("", "Hors sujet")
    assert cast.told("comment_withdrawn_for_author") == {f"contact-{OBSERVER}@ville.example"}


@on_sqlite
def test_nobody_else_withdraws_a_comment(cast: Cast) -> None:
    comment = say(cast, cast.observer)
    with pytest.raises(NotAllowed, match="seul son auteur, ou un agent"):
        withdraw(cast, cast.contact(NIORT), comment, "Non")
    with pytest.raises(NotVisible):
        withdraw_comment(cast.db, cast.agent, CommentWithdrawal(99999, reason="Non"), now=cast.now)
    may = {
        who.name: (line.may_withdraw, line.must_say_why)
        for who in (cast.observer, cast.agent, cast.contact(NIORT))
        for line in lines(cast, who)
    }
    assert list(may.values()) == [(True, False), (True, True), (False, False)]


# Who hears of it


@on_sqlite
def test_the_city_whose_own_it_is_and_who_submitted_it_hear_of_a_comment_as_news(cast: Cast) -> None:
    cast.submit("diagnostic", NIORT, actor=cast.contractor)
    empty_the_box(cast.db)
    say(cast, cast.observer)
    assert cast.told("comment_added_for_author") == {
        address(cast, cast.contractor),
        address(cast, cast.contact(NIORT)),
    }
    assert cast.told("comment_added_for_commenter") == set()


def test_those_who_commented_before_hear_of_the_next_comment_once_and_its_author_never(cast: Cast) -> None:
    say(cast, cast.contact(NIORT), "Vos avis ?", owner=None)
    gone = say(cast, cast.contact(MANTES), "Sans avis", owner=None)
    withdraw(cast, cast.contact(MANTES), gone)
    say(cast, cast.observer, "Très clair", owner=None)
    empty = len(notices(cast.db))
    last = say(cast, cast.observer, "Sauf la page 3", owner=None)
    mails = [row for row in notices(cast.db) if f"comment-{last.id}:" in row["key"]]
    assert {(row["message"], row["recipient_id"]) for row in mails} == {
        ("comment_added_for_author", cast.contractor.person_id),
        ("comment_added_for_commenter", cast.contact(NIORT).person_id),
    }
    assert len(notices(cast.db)) == empty + 2


@on_sqlite
def test_a_comment_wakes_no_stage_and_weekly_readers_find_it_in_their_digest(cast: Cast) -> None:
    niort = cast.contact(NIORT).person_id
    with cast.db.write_statements() as connection:
        weekly = sa.update(PERSON).where(PERSON.c.id == niort)
        connection.execute(weekly.values(mail_frequency=MailFrequency.weekly))
    before = len(cast.all(Nudge))
    say(cast, cast.observer)
    (held,) = [row for row in notices(cast.db) if row["message"] == "comment_added_for_author"]
    assert held["is_held"]
    assert len(cast.all(Nudge)) == before


# What is shown, and what stays


@on_sqlite
def test_the_journal_tells_the_fact_and_never_the_words(cast: Cast) -> None:
    comment = say(cast, cast.contact(GUICHEN), "Des mots à moi")
    say(cast, cast.contact(NIORT), "Les miens", answers=comment.id)
    withdraw(cast, cast.agent, comment, "Des mots de trop")
    with cast.db.read() as session:
        page = read_journal(session, cast.slug, cast.observer.person_id, cast.now)
    assert [(line.sentence, line.reason, line.party) for line in page.lines[:3]] == [
        ("Commentaire retiré de «\u00a0Diagnostic territorial\u00a0» par l’ANCT", None, None),
        ("Réponse à un commentaire sur «\u00a0Diagnostic territorial\u00a0»", None, "Niort"),
        ("Commentaire sur «\u00a0Diagnostic territorial\u00a0»", None, "Guichen"),
    ]
    assert "mots" not in repr(cast.entries())


@on_sqlite
def test_comments_are_read_in_so_many_queries_however_many_there_are(cast: Cast) -> None:
    say(cast, cast.observer)
    with counted(cast.db) as few:
        shown(cast, cast.agent)
    for number in range(10):
        comment = say(cast, cast.contact(GUICHEN), f"Remarque {number}")
        say(cast, cast.contact(NIORT), f"Réponse {number}", answers=comment.id)
    with counted(cast.db) as many:
        assert shown(cast, cast.agent).count == 21
    assert len(many) == len(few)
