"""The pages by which a city comes back, stops observing or adheres to the charter; the decision of a departure."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from cast import GUICHEN, NEWCOMER, NIORT, OBSERVER
from departures import leave
from sample_files import pdf
from site_of_tests import Site, plain

from models.paris_time import paris_day
from models.party import PartyRole

At = Callable[[str], Site]
PAPER = ("fichier", "deliberation.pdf", pdf())


def act_earlier(here: Site) -> None:
    """What the cast does from here on is over when the pages are read, at whatever hour."""
    here.cast.set_clock(datetime.now(UTC) - timedelta(hours=3))


def council(how: str, code: str, **changes: str) -> dict[str, str]:
    """The form, with the four things that are always known of a deliberation."""
    return {
        "comment": how,
        "partie": code,
        "number": "2026-112",
        "session_date": paris_day(datetime.now(UTC)).isoformat(),
        "subject": "Projet partagé : approbation de la charte",
        "matter_code": "8.9",
        **changes,
    }


def mayor_of(name: str) -> dict[str, str]:
    return {
        "signataire-nom": f"Maire de {name}",
        "signataire-adresse": f"maire@{name.lower()}.example",
        "signataire-qualite": "Maire",
    }


def confirm(here: Site, who: object, location: str) -> str:
    with here.client(who) as other:  # type: ignore[arg-type]
        page = plain(other.read(location))
        assert other.send(f"{location}/confirmer", {}).status_code == 303
    return page


def test_all_the_parties_read_the_decision_by_which_a_city_left(site: At) -> None:
    here = site("charter closed")
    act_earlier(here)
    leave(here.cast, GUICHEN)
    path = f"{here.project}/participants/departs/1/document"
    for who in (here.cast.contact(NIORT), here.cast.observer, here.cast.agent):
        with here.client(who) as reader:
            assert f'href="{path}"' in reader.read(f"{here.project}/participants")
            answer = reader.get(path)
            assert answer.status_code == 200
            assert "le conseil décide de quitter" in answer.text
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert reader.get(f"{here.project}/participants/departs/2/document").status_code == 404
    with here.client(here.cast.outsider) as outsider:
        assert outsider.get(path).status_code == 404


def test_the_anct_proposes_a_return_and_the_contact_confirms_it(site: At) -> None:
    here = site("charter closed")
    act_earlier(here)
    leave(here.cast, GUICHEN)
    path = f"{here.project}/participants/signataire"
    with here.client(here.cast.agent) as agent:
        link = f"{path}?comment=return&amp;partie={GUICHEN}"
        assert link in agent.read(f"{here.project}/participants")
        assert "Guichen" in agent.read(f"{path}?comment=return&partie={GUICHEN}")
        bare = agent.send(path, council("return", GUICHEN), file=("fichier", "", b""))
        assert bare.status_code == 422
        assert "Joignez l’extrait" in plain(bare.text)
        answer = agent.send(path, council("return", GUICHEN), file=PAPER)
        assert answer.status_code == 303
    page = confirm(here, here.cast.contact(GUICHEN), answer.headers["location"])
    assert "délibération n° 2026-112" in page
    assert here.cast.party(GUICHEN).left_at is None
    with here.client(here.cast.contact(GUICHEN)) as contact:
        assert "elle est revenue depuis" in plain(contact.read(f"{here.project}/participants"))


def test_an_observer_proposes_to_become_a_signatory(site: At) -> None:
    here = site("charter closed")
    path = f"{here.project}/participants/signataire"
    with here.client(here.cast.observer) as observer:
        assert "signataire?comment=become_signatory" in observer.read(f"{here.project}/participants")
        form = council("become_signatory", OBSERVER, **mayor_of("Merignac"))
        answer = observer.send(path, form, file=PAPER)
        assert answer.status_code == 303
        assert observer.send(f"{answer.headers['location']}/confirmer", {}).status_code == 403
    assert here.cast.party(OBSERVER).role is PartyRole.observer
    confirm(here, here.cast.agent, answer.headers["location"])
    assert here.cast.party(OBSERVER).role is PartyRole.signatory
    with here.client(here.cast.contact(NIORT)) as contact:
        assert contact.send(path, form, file=PAPER).status_code in (403, 409)


def test_after_the_charter_a_city_comes_in_by_its_councils_act(site: At) -> None:
    here = site("charter closed")
    people = {
        "contact-nom": "Contact de Nantes",
        "contact-adresse": "contact@nantes.example",
        **mayor_of("Nantes"),
    }
    with here.client(here.cast.agent) as agent:
        entry = f"{here.project}/participants/entree"
        assert "signataire?comment=entry" in agent.read(entry)
        refused = agent.send(entry, {"collectivite": "Nantes", "role": "signatory", **people})
        assert refused.status_code == 409
        assert "joignez la délibération de son conseil" in plain(refused.text)
        path = f"{here.project}/participants/signataire"
        assert "Collectivité" in agent.read(f"{path}?comment=entry")
        form = council("entry", "", collectivite="Nantes", **people)
        answer = agent.send(path, form, file=PAPER)
        assert answer.status_code == 303
    confirm(here, here.cast.person("contact@nantes.example"), answer.headers["location"])
    assert here.cast.party(NEWCOMER).role is PartyRole.signatory
    assert len(here.cast.commitments(owner=NEWCOMER)) == 9
    _is_read_as_any_other(here)


def _is_read_as_any_other(here: Site) -> None:
    """The city's signature of the charter, on its page, on its receipt, in its attestation and in the journal."""
    charter = here.cast.deliverable("charte")
    signature = here.cast.sign_offs("charte")[-1]
    with here.client(here.cast.contact(NIORT)) as reader:
        assert "y a adhéré" in plain(reader.read(f"{here.project}/livrables/{charter.id}"))
        receipt = plain(reader.read(f"/recus/{signature.id}"))
        assert "Nantes" in receipt
        assert (charter.sha256 or "?") in receipt
        assert reader.get(f"/recus/{signature.id}/preuve").status_code == 200
        assert reader.get(f"/recus/{signature.id}/attestation.pdf").status_code == 200
        assert "Nantes adhère à « Charte de projet partagé »" in plain(reader.read(f"{here.project}/journal"))


def test_the_page_says_who_has_yet_to_sign_the_charter(site: At) -> None:
    here = site("charter in review")
    act_earlier(here)
    here.cast.let_in(NEWCOMER, "Nantes")
    here.cast.finish("charter")
    path = f"{here.project}/participants/signataire"
    contact = here.cast.contact(NEWCOMER)
    with here.client(contact) as city:
        assert "Elle n’a pas encore signé la charte" in plain(city.read(f"{here.project}/participants"))
        answer = city.send(path, council("adhesion", NEWCOMER), file=PAPER)
        assert answer.status_code == 303
    confirm(here, here.cast.agent, answer.headers["location"])
    with here.client(contact) as city:
        assert "pas encore signé la charte" not in plain(city.read(f"{here.project}/participants"))
