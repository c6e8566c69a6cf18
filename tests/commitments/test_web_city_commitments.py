"""The commitments on their pages: found, begun, kept with a note, a link or a document, waived, and by whom."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from cast import BOURGES, NIORT, Cast
from sample_files import pdf
from site_of_tests import Site, Visitor

from models.columns import LONGEST_TEXT
from models.commitment import Commitment, CommitmentStatus
from models.paris_time import paris_day

At = Callable[..., Site]


def promised(cast: Cast, reference: str = f"provide_people@{NIORT}") -> Commitment:
    (commitment,) = cast.commitments(reference=reference)
    return commitment


def path_of(here: Site, reference: str = f"provide_people@{NIORT}") -> str:
    return f"{here.project}/engagements/{promised(here.cast, reference).id}"


def keep(who: Visitor, path: str, *, file: tuple[str, bytes] | None = None, **fields: str) -> tuple[int, str]:
    """Send the form of the page as a browser does: always as a form with a file, chosen or not."""
    name, content = file or ("", b"")
    answer = who.send(f"{path}/tenu", {"note": "", "lien": "", **fields}, file=("fichier", name, content))
    return answer.status_code, answer.text


# The list


def test_everybody_in_the_project_reads_the_list_and_only_its_owner_is_asked(site: At) -> None:
    here = site("charter closed")
    number = promised(here.cast).id
    asked = f'href="{path_of(here)}">Dire où cela en est'
    for person in (here.cast.agent, here.cast.contact(BOURGES), here.cast.observer):
        with here.client(person) as somebody:
            shown = somebody.read(f"{here.project}/engagements")
        assert f'id="engagement-{number}"' in shown
        assert asked not in shown
    with here.client(here.cast.contact(NIORT)) as contact:
        assert asked in contact.read(f"{here.project}/engagements")
    with here.client(here.cast.outsider) as somebody:
        for path in (f"{here.project}/engagements", path_of(here), f"{path_of(here)}/preuve"):
            assert somebody.get(path).status_code == 404


def test_it_is_narrowed_to_an_owner_a_state_or_what_is_late(site: At) -> None:
    here = site("charter closed")
    with here.cast.db.write() as session:
        late = paris_day(here.cast.now) - timedelta(days=3)
        session.get_one(Commitment, promised(here.cast).id).due_on = late
    with here.client(here.cast.agent) as agent:
        listed = lambda query: _owners(agent.read(f"{here.project}/engagements?{query}"))  # noqa: E731
        assert listed(f"de={NIORT}") == {"Niort"}
        assert listed("de=tous&etat=en-retard") == {"Niort"}
        assert listed("de=ANCT&etat=to_do") == {"ANCT"}
        assert listed("etat=kept") == set()
        assert "Aucun engagement ne répond à ce choix" in agent.read(f"{here.project}/engagements?etat=kept")
        assert "en retard de 3\u00a0jours" in agent.read(f"{here.project}/engagements?etat=en-retard")
        narrowed = agent.read(f"{here.project}/engagements?de={NIORT}&etat=to_do")
        assert re.findall(r'<option value="(\w+)" selected>', narrowed) == [NIORT, "to_do"]
        assert agent.get(f"{here.project}/engagements?page=nulle").status_code == 400


def _owners(shown: str) -> set[str]:
    return set(re.findall(r'class="thing-project">n° [0-9]+ · ([^<(]+?) ·', shown))


def test_before_the_charter_is_signed_it_says_where_commitments_come_from(site: At) -> None:
    here = site("met")
    with here.client(here.cast.contact(NIORT)) as contact:
        assert "ils naissent avec la signature de la charte" in contact.read(f"{here.project}/engagements")


# Begin, keep


def test_its_owner_begins_it_then_keeps_it_with_a_note_and_a_link(site: At) -> None:
    here = site("charter closed")
    path = path_of(here)
    with here.client(here.cast.contact(NIORT)) as contact:
        assert contact.send(f"{path}/en-cours").status_code == 303
        shown = contact.read(path)
        assert "est en cours" in shown
        assert f"{path}/en-cours" not in shown
        assert promised(here.cast).status is CommitmentStatus.in_progress
        assert (
            keep(
                contact, path, note="Deux postes <b>ouverts</b>.", lien="https://niort.example/postes?a=1&b=2"
            )[0]
            == 303
        )
        shown = contact.read(path)
    assert "Deux postes &lt;b&gt;ouverts&lt;/b&gt;." in shown
    assert 'href="https://niort.example/postes?a=1&amp;b=2"' in shown
    assert f"{path}/tenu" not in shown
    assert promised(here.cast).status is CommitmentStatus.kept
    assert [event for event, _ in here.cast.journal()[-2:]] == ["commitment.begun", "commitment.kept"]


def test_a_document_alone_is_evidence_and_the_project_downloads_it(site: At) -> None:
    here = site("charter closed")
    path, content = path_of(here), pdf()
    with here.client(here.cast.contact(NIORT)) as contact:
        assert keep(contact, path, file=("Délibération du 3 mars.pdf", content))[0] == 303
    assert promised(here.cast).evidence == "Délibération du 3 mars.pdf"
    with here.client(here.cast.observer) as observer:
        assert f'href="{path}/preuve"' in observer.read(path)
        answer = observer.get(f"{path}/preuve")
    assert answer.content == content
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="engagement-{promised(here.cast).id}-preuve.pdf"'
    )
    with here.client(here.cast.agent) as agent:
        assert agent.get(f"{path_of(here, 'identify_observers@ANCT')}/preuve").status_code == 404


@pytest.mark.parametrize(
    ("fields", "file", "refused", "sentence"),
    [
        ({}, None, 422, "Dites comment l’engagement a été tenu"),
        (
            {"note": "Fait."},
            ("page.html", b"<html><script>alert(1)</script></html>"),
            415,
            "ne peut pas être déposé",
        ),
        ({"note": "Fait."}, ("vide.pdf", b""), 422, "est vide"),
        ({"note": "Fait.", "lien": "javascript:alert(1)"}, None, 422, "doit commencer par https://"),
        ({"note": "x" * (LONGEST_TEXT + 1)}, None, 422, "raccourcissez-le"),
    ],
)
def test_a_refusal_says_why_and_loses_nothing_typed(
    site: At, fields: dict[str, str], file: tuple[str, bytes] | None, refused: int, sentence: str
) -> None:
    here = site("charter closed")
    before = set(here.cast.files.incoming.glob("*"))  # the story's own acts share the folder
    with here.client(here.cast.contact(NIORT)) as contact:
        status, shown = keep(contact, path_of(here), file=file, **fields)
    assert status == refused
    assert sentence in shown.replace("\u00a0", " ")
    for value in fields.values():
        assert value in shown
    assert promised(here.cast).status is CommitmentStatus.to_do
    assert set(here.cast.files.incoming.glob("*")) <= before


def test_nobody_but_its_owner_begins_or_keeps_it(site: At) -> None:
    here = site("charter closed")
    path = path_of(here)
    for person in (here.cast.agent, here.cast.contact(BOURGES), here.cast.observer):
        with here.client(person) as somebody:
            assert f"{path}/tenu" not in somebody.read(path)
            assert keep(somebody, path, note="Fait.")[0] == 403
            assert somebody.send(f"{path}/en-cours").status_code == 403
    with here.client(here.cast.contact(NIORT)) as contact:
        assert contact.http.post(f"{path}/en-cours").status_code == 403, "only our own forms"
    assert promised(here.cast).status is CommitmentStatus.to_do


def test_what_was_kept_does_not_change_any_more(site: At) -> None:
    here = site("charter closed")
    path = path_of(here)
    with here.client(here.cast.contact(NIORT)) as contact:
        keep(contact, path, note="Fait.")
        status, shown = keep(contact, path, note="Refait autrement.")
        assert status == 409
        assert "il ne change plus" in shown
        assert contact.send(f"{path}/en-cours").status_code == 409
    assert promised(here.cast).evidence == "Fait."


# Waive


def test_the_anct_waives_one_with_a_reason_which_everybody_reads(site: At) -> None:
    here = site("charter closed")
    path = path_of(here)
    with here.client(here.cast.agent) as agent:
        refused = agent.send(f"{path}/leve", {"motif": " "})
        assert refused.status_code == 422
        assert "donnez un motif" in refused.text
        assert agent.send(f"{path}/leve", {"motif": "Poste supprimé."}).status_code == 303
    with here.client(here.cast.contact(NIORT)) as contact:
        shown = contact.read(path)
        assert "Poste supprimé." in shown
        assert contact.send(f"{path}/leve", {"motif": "x"}).status_code == 403
    assert promised(here.cast).status is CommitmentStatus.waived


def test_a_number_of_another_project_or_of_none_is_not_there(site: At) -> None:
    here = site("charter closed")
    with here.client(here.cast.agent) as agent:
        for number in ("999999", "2147483647"):
            assert agent.get(f"{here.project}/engagements/{number}").status_code == 404
            assert agent.send(f"{here.project}/engagements/{number}/en-cours").status_code == 404
        assert agent.get(f"{here.project}/engagements/99999999999999999999").status_code == 404
