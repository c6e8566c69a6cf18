"""The page of a proposal: who confirms, who takes it back, who only reads it, and who does not learn of it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from browser import PHONE, fits_its_width
from cast import BOURGES, NIORT, Cast
from judges import barriers, faults_of_html
from playwright.sync_api import Browser
from site_of_tests import Site, Visitor, plain

from actions.people.add_person import Registration, add_person
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from models.columns import LONGEST_REASON
from models.person import Actor, Role
from models.proposal import Proposal, ProposalKind, ProposalState
from models.signature_delegation import SignatureDelegation
from models.stored_row import identity
from models.tables import PROPOSAL

TakeSite = Callable[..., Site]
DEPUTY, NEW_MAYOR = "adjointe@niort.example", "nadege.roy@niort.example"
BUTTON = '<button class="fr-btn fr-btn--lg">Confirmer</button>'
ORDER = b"%PDF-1.7\nArrete 2026-118"


@pytest.fixture
def here(site: TakeSite) -> Site:
    return site("constitution in review")


def propose(cast: Cast, file: str = "arrete.pdf") -> Proposal:
    """The contact of Niort records an order, with its file, for a deputy."""
    cast.register(DEPUTY, "Odile Fournier")
    path: Path = cast.folder / file
    path.write_bytes(ORDER)
    order = DelegationRequest(
        authority_code=NIORT,
        delegate_email=DEPUTY,
        order_reference="2026-118",
        scope="charter",
        valid_from=cast.today,
        valid_until=cast.today + timedelta(days=300),
        to_elected=True,
        order_file=cast.files.receive_path(path),
    )
    return delegate_signature(cast.db, cast.contact(NIORT), order, now=cast.now)


def propose_mayor(cast: Cast) -> Proposal:
    """The ANCT names a new mayor of Niort."""
    add_person(cast.db, Registration(NEW_MAYOR, "Nadège Roy", Role.signatory, NIORT), now=cast.now)
    (proposal,) = cast.open_proposals(ProposalKind.office)
    return proposal


def page_of(proposal: Proposal) -> str:
    return f"/confirmations/{proposal.id}"


def state(cast: Cast, proposal: Proposal) -> ProposalState:
    with cast.db.read() as session:
        return session.get_one(Proposal, identity(proposal)).state


def delegations(cast: Cast) -> int:
    return len(cast.all(SignatureDelegation))


def confirm(visitor: Visitor, proposal: Proposal) -> str:
    answer = visitor.send(f"{page_of(proposal)}/confirmer")
    return plain(answer.text) if answer.status_code == 200 else str(answer.status_code)


def test_who_may_confirm_reads_what_it_gives_and_has_the_button(here: Site) -> None:
    proposal = propose(here.cast)
    for who in (here.cast.mayor(NIORT), here.cast.agent):
        with here.client(who) as visitor:
            html = visitor.read(page_of(proposal))
        words = plain(html)
        assert BUTTON in html
        assert "Hugo Texier le propose" in words
        assert "ne donne rien avant d’être confirmé par un agent de l’ANCT ou le maire ou président" in words
        assert "Odile Fournier (adjointe@niort.example)" in words
        assert "Arrêté 2026-118" in words
        assert f'href="{page_of(proposal)}/document"' in html
        assert "vous avez lu le document" in words
        assert "Écarter cette proposition" in words


def test_the_second_key_gives_the_power_and_the_page_says_who_turned_it(here: Site) -> None:
    proposal = propose(here.cast)
    assert delegations(here.cast) == 0
    with here.client(here.cast.mayor(NIORT)) as visitor:
        answer = visitor.send(f"{page_of(proposal)}/confirmer")
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, page_of(proposal))
        words = plain(visitor.read(answer.headers["location"]))
    assert "C’est confirmé : Délégation de signature de Niort (arrêté 2026-118)." in words
    assert "Cette proposition est confirmée" in words
    assert "Solène Guérin, le" in words
    assert delegations(here.cast) == 1


def test_who_proposed_it_may_take_it_back_and_not_confirm_it(here: Site) -> None:
    proposal = propose(here.cast)
    with here.client(here.cast.contact(NIORT)) as visitor:
        html = visitor.read(page_of(proposal))
        assert BUTTON not in html
        assert "Retirer ma proposition" in plain(html)
        refused = visitor.send(f"{page_of(proposal)}/confirmer")
        assert refused.status_code == 403
        assert "par une autre personne, d’une autre adresse" in plain(refused.text)
        assert delegations(here.cast) == 0
        dropped = visitor.send(f"{page_of(proposal)}/ecarter", {"motif": "Arrêté à refaire"})
        words = plain(visitor.read(dropped.headers["location"]))
    assert "Cette proposition est retirée" in words
    assert "Arrêté à refaire" in words
    assert state(here.cast, proposal) is ProposalState.dropped


def test_the_other_side_declines_it_with_a_reason(here: Site) -> None:
    proposal = propose(here.cast)
    with here.client(here.cast.mayor(NIORT)) as visitor:
        visitor.send(f"{page_of(proposal)}/ecarter", {"motif": "Je n’ai rien signé"})
        words = plain(visitor.read(page_of(proposal)))
    assert "Cette proposition est écartée" in words
    assert state(here.cast, proposal) is ProposalState.declined


def test_a_reason_that_is_too_long_is_refused_and_nothing_is_dropped(here: Site) -> None:
    proposal = propose(here.cast)
    with here.client(here.cast.mayor(NIORT)) as visitor:
        refused = visitor.send(f"{page_of(proposal)}/ecarter", {"motif": "a" * (LONGEST_REASON + 1)})
    assert refused.status_code == 422
    assert "Motif" in plain(refused.text)
    assert state(here.cast, proposal) is ProposalState.proposed


def test_the_former_holder_reads_who_is_to_replace_them_and_does_not_confirm_it(here: Site) -> None:
    former, contact = here.cast.mayor(NIORT), here.cast.contact(NIORT)
    proposal = propose_mayor(here.cast)
    with here.client(former) as visitor:
        html = visitor.read(page_of(proposal))
        words = plain(html)
        assert "Nadège Roy (nadege.roy@niort.example)" in words
        assert "À la place de Solène Guérin" in words
        assert BUTTON not in html
        assert "il y faut l’interlocuteur privilégié de la collectivité" in words
    here.cast.confirm(proposal, contact)
    with here.client(former) as visitor:
        assert "Cette proposition est confirmée" in plain(visitor.read(page_of(proposal)))


def test_nobody_confirms_their_own_office(here: Site) -> None:
    proposal = propose_mayor(here.cast)
    with here.client(here.cast.person(NEW_MAYOR)) as visitor:
        assert BUTTON not in visitor.read(page_of(proposal))
        assert visitor.send(f"{page_of(proposal)}/confirmer").status_code == 403
    assert here.cast.mayor_email(NIORT) != NEW_MAYOR
    assert state(here.cast, proposal) is ProposalState.proposed


def test_an_outsider_and_another_city_learn_nothing_of_it(here: Site) -> None:
    proposal = propose(here.cast)
    strangers: list[Actor] = [here.cast.outsider, here.cast.contact(BOURGES), here.cast.observer]
    for who in strangers:
        with here.client(who) as visitor:
            for path in (page_of(proposal), f"{page_of(proposal)}/document"):
                answer, absent = visitor.get(path), visitor.get(path.replace(f"/{proposal.id}", "/999999"))
                assert (answer.status_code, absent.status_code) == (404, 404)
                assert "Délégation" not in plain(answer.text)
            assert visitor.send(f"{page_of(proposal)}/confirmer").status_code == 404
            assert visitor.send(f"{page_of(proposal)}/ecarter").status_code == 404
            assert "Rien n’attend de confirmation" in plain(visitor.read("/confirmations"))
    with here.client() as nobody:
        assert nobody.get(page_of(proposal)).headers["location"].startswith("/connexion")
    assert state(here.cast, proposal) is ProposalState.proposed


def test_a_form_without_its_token_is_refused(here: Site) -> None:
    proposal = propose(here.cast)
    with here.client(here.cast.mayor(NIORT)) as visitor:
        for act in ("confirmer", "ecarter"):
            for fields in ({}, {"jeton": "0" * 64}):
                assert visitor.http.post(f"{page_of(proposal)}/{act}", data=fields).status_code == 403
    assert state(here.cast, proposal) is ProposalState.proposed
    assert delegations(here.cast) == 0


def test_the_document_is_served_as_the_others_are(here: Site) -> None:
    proposal = propose(here.cast)
    here.cast.submit("note_de_cadrage", path=here.cast.folder / "arrete.pdf")
    version = here.cast.deliverable("note_de_cadrage").number
    with here.client(here.cast.mayor(NIORT)) as visitor:
        document = visitor.get(f"{page_of(proposal)}/document")
        other = visitor.get(f"{here.deliverable('note_de_cadrage')}/versions/{version}")
        kept = visitor.get(f"{page_of(proposal)}/document?telecharger=1")
    assert document.content == other.content == ORDER
    unlike = {"date", "last-modified", "x-request-id", "x-reference"}
    same, others = ({k: v for k, v in each.headers.items() if k not in unlike} for each in (document, other))
    assert same == others
    assert document.headers["x-content-type-options"] == "nosniff"
    assert kept.headers["content-disposition"].startswith("attachment")


def test_after_thirty_days_the_page_says_that_it_gave_nothing(here: Site) -> None:
    proposal = propose(here.cast)
    with here.cast.db.write_statements() as connection:
        connection.execute(sa.update(PROPOSAL).values(expires_at=datetime.now(UTC)))
    with here.client(here.cast.mayor(NIORT)) as visitor:
        html = visitor.read(page_of(proposal))
        assert "Cette proposition est expirée" in plain(html)
        assert BUTTON not in html
        assert visitor.send(f"{page_of(proposal)}/confirmer").status_code == 409
    assert delegations(here.cast) == 0


def test_the_list_says_first_what_waits_for_its_reader(here: Site) -> None:
    delegation, office = propose(here.cast), propose_mayor(here.cast)

    def listed(who: Actor) -> tuple[list[str], list[str]]:
        with here.client(who) as visitor:
            html = visitor.read("/confirmations")
        mine, _, others = html.partition("Attendu d’autres")
        links = r'<p class="thing-text"><a href="(/confirmations/\d+)">'
        return re.findall(links, mine), re.findall(links, others)

    assert listed(here.cast.contact(NIORT)) == ([page_of(office)], [page_of(delegation)])
    assert listed(here.cast.mayor(NIORT)) == ([page_of(delegation)], [page_of(office)])
    assert listed(here.cast.agent) == ([page_of(delegation)], [page_of(office)])


def test_what_people_typed_stays_text(here: Site) -> None:
    proposal = propose(here.cast, "<img src=x onerror=alert(1)>.pdf")
    with here.client(here.cast.mayor(NIORT)) as visitor:
        visitor.send(f"{page_of(proposal)}/ecarter", {"motif": "<script>alert(1)</script>"})
        html = visitor.read(page_of(proposal))
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_every_face_of_it_is_valid_and_nothing_sticks_out_on_a_phone(
    here: Site, chrome: Browser, tmp_path: Path
) -> None:
    cast = here.cast
    waiting, declined = propose_mayor(cast), propose(cast)
    with here.client(cast.mayor(NIORT)) as visitor:
        visitor.send(f"{page_of(declined)}/ecarter", {"motif": "Je n’ai rien signé de tel. " * 15})
    faces = [
        (cast.contact(NIORT), "/confirmations"),
        (cast.contact(NIORT), page_of(waiting)),
        (cast.mayor(NIORT), page_of(waiting)),
        (cast.agent, page_of(declined)),
        (cast.outsider, "/confirmations"),
    ]
    html: dict[str, str] = {}
    for who, path in faces:
        with here.client(who) as visitor:
            html[f"{path} ({who.name})"] = visitor.read(path)
        with here.browser(chrome, who, PHONE) as page:
            page.goto(path)
            assert fits_its_width(page), (path, who.name)
            assert barriers(page) == [], (path, who.name)
    assert faults_of_html(html, tmp_path) == []
