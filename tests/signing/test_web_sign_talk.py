"""What is said around a deliverable: comments and answers, reservations answered, versions compared."""

import re
from collections.abc import Callable

import httpx
import pytest
from cast import BOURGES, GUICHEN, NIORT
from site_of_tests import Site

from models.comment import Comment
from models.commitment import CommitmentOrigin, CommitmentStatus
from models.person import Actor
from models.sign_off import Decision

TakeSite = Callable[..., Site]
NOTE = "note_de_cadrage"


@pytest.fixture
def review(site: TakeSite) -> Site:
    return site("constitution in review")


def say(site: Site, who: Actor, text: str, **more: str) -> httpx.Response:
    with site.client(who) as visitor:
        return visitor.send(f"{site.deliverable(NOTE)}/commentaires", {"texte": text, "version": "1"} | more)


def comments(site: Site) -> list[Comment]:
    return list(site.cast.all(Comment))  # type: ignore[arg-type]


def test_everybody_in_the_project_comments_and_answers(review: Site) -> None:
    cast = review.cast
    posted = say(review, cast.observer, "Et <la> jeunesse ?\r\nElle manque.")
    (first,) = comments(review)
    assert posted.headers["location"] == f"{review.deliverable(NOTE)}#commentaire-{first.id}"
    answered = say(review, cast.agent, "Elle y sera.", repond=str(first.id))
    assert answered.status_code == 303
    assert comments(review)[1].answers == first.id
    with review.client(cast.mayor(NIORT)) as mayor:
        page = mayor.read(review.deliverable(NOTE))
    assert f'id="commentaire-{first.id}"' in page
    assert (
        "Et &lt;la&gt; jeunesse\u00a0?\nElle manque." in page
        or "Et &lt;la&gt; jeunesse ?\nElle manque." in page
    )
    assert "Commentaires (2)" in page
    assert "collectivité observatrice de Mérignac" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_comment_refused_comes_back_where_it_was_written(review: Site) -> None:
    cast = review.cast
    say(review, cast.observer, "Bien.")
    (first,) = comments(review)
    empty = say(review, cast.agent, "  ", repond=str(first.id))
    assert (empty.status_code, "est vide" in empty.text) == (422, True)
    assert f'id="repondre-{first.id}" open' in empty.text
    long = say(review, cast.agent, "a" * 5001)
    assert (long.status_code, "a" * 5001 in long.text) == (422, True)
    assert say(review, cast.agent, "Bien", repond="9999").status_code == 422
    assert say(review, cast.agent, "Bien", repond="x").status_code == 400
    assert say(review, cast.outsider, "Bien").status_code == 404
    assert len(comments(review)) == 1


def test_words_are_taken_back_by_their_author_or_by_the_agency_that_says_why(review: Site) -> None:
    cast, path = review.cast, review.deliverable(NOTE)
    for text in ("Une première chose.", "Une deuxième chose."):
        say(review, cast.contact(NIORT), text)
    first, second = (f"{path}/commentaires/{each.id}/retrait" for each in comments(review))
    with review.client(cast.contact(BOURGES)) as other:
        assert "Retirer ce commentaire" not in other.read(path)
        assert other.send(first).status_code == 403
    with review.client(cast.agent) as agent:
        unexplained = agent.send(first, {"motif": " "})
        assert (unexplained.status_code, "donnez un motif" in unexplained.text) == (422, True)
        assert agent.send(first, {"motif": "Hors sujet"}).status_code == 303
    with review.client(cast.contact(NIORT)) as author:
        assert author.send(second).headers["location"].startswith(path)
        page = author.read(path)
    assert "chose." not in page
    assert "par l’ANCT\u00a0: Hors sujet" in page
    assert "par son auteur" in page


def test_the_author_answers_a_reservation_from_the_page(review: Site) -> None:
    cast, path = review.cast, review.deliverable(NOTE)
    cast.sign(NOTE, NIORT, Decision.approved_with_reservations, reason="Et les <aînés> ?")
    (promised,) = cast.commitments(origin=CommitmentOrigin.reservation)
    answer = f"{path}/reserves/{promised.id}"
    with review.client(cast.contact(NIORT)) as contact:
        page = contact.read(path)
        assert "Et les &lt;aînés&gt; ?" in page
        assert "réponse attendue" in page
        assert "Répondre à cette réserve" not in page
        assert contact.send(answer, {"texte": "Non"}).status_code == 403
    with review.client(cast.agent) as agent:
        assert "Répondre à cette réserve" in agent.read(path)
        assert agent.send(answer, {"texte": " "}).status_code == 422
        assert agent.send(answer, {"texte": "En page 3."}).headers["location"] == f"{path}#reserves"
        assert "En page 3." in agent.read(path)
    assert cast.commitments(origin=CommitmentOrigin.reservation)[0].status is CommitmentStatus.kept


def test_a_refusal_is_shown_to_who_has_to_revise(review: Site) -> None:
    review.cast.sign(NOTE, GUICHEN, Decision.refused, reason="Il manque le budget.")
    with review.client(review.cast.agent) as agent:
        page = agent.read(review.deliverable(NOTE))
    assert "<strong>Guichen</strong> a refusé la version 1" in page
    assert '<section class="my-answer" id="deposer"' in page


def test_two_versions_are_compared_for_who_may_read(review: Site) -> None:
    cast, path = review.cast, review.deliverable(NOTE)
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE, text="note_de_cadrage de toutes, version <deux>")
    with review.client(cast.mayor(NIORT)) as mayor:
        link = f"{path}/comparer?de=1&amp;a=2"
        assert f'href="{link}"' in mayor.read(path)
        page = mayor.read(link.replace("&amp;", "&"))
        assert "</span>1<span" in page
        assert "&lt;deux" in page
        assert mayor.get(f"{path}/comparer?de=1&a=9").status_code == 404
        assert mayor.get(f"{path}/comparer?de=x").status_code == 400
    with review.client(cast.outsider) as outsider:
        assert outsider.get(f"{path}/comparer?de=1&a=2").status_code == 404
