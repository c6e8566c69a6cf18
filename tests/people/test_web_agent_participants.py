"""Who takes part: people invited, cities that join and leave, the contractor appointed, signatures delegated."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cast import BOURGES, GUICHEN, LEAD, MANTES, NEWCOMER, NIORT, OBSERVER, PARTNER
from departures import leave
from many_projects import add_projects, counted
from sample_files import pdf
from shelf import Shelf
from site_of_tests import Site, plain, site_at

from models.party import PartyRole
from models.proposal import ProposalKind
from models.shared_project import ProjectStatus

At = Callable[..., Site]


@pytest.fixture(scope="module")
def still(sqlite_shelf: Shelf) -> Iterator[Site]:
    """A site on which everything that is tried is refused."""
    with site_at(sqlite_shelf, "charter in review") as here:
        yield here


def people(site: Site, city: str) -> str:
    """What the page says of this city, to an agent."""
    with site.client(site.cast.agent) as agent:
        html = agent.read(f"{site.project}/participants")
    return plain(html.split(f'id="partie-{city}"')[1].split("</section>")[0])


def invite(site: Site, **changes: str) -> httpx.Response:
    fields = {
        "partie": NIORT,
        "role": "local_contact",
        "nom": "Ada Martin",
        "adresse": "Ada.Martin@niort.example",
    }
    with site.client(site.cast.agent) as agent:
        return agent.send(f"{site.project}/participants/inviter", fields | changes)


# Invitations


def test_an_invited_contact_is_welcomed_and_acts_in_this_project_only(site: At) -> None:
    here = site("charter in review")
    assert invite(here).status_code == 303
    assert invite(here).status_code == 303
    assert "Ada Martin, interlocuteur privilégié" in people(here, NIORT)
    ada = here.cast.person("ada.martin@niort.example")
    assert sum(notice.recipient_id == ada.person_id for notice in here.cast.notices("welcome")) == 1
    with here.client(ada) as contact:
        assert "Démocratie culturelle" in contact.read("/projets")
    mandates = [entry for entry in here.cast.entries() if entry["event"] == "mandate.given"]
    assert mandates[-1]["party_code"] == NIORT
    assert mandates[-1]["actor_id"] == here.cast.agent.person_id


def test_a_new_signatory_takes_the_office_over_once_it_is_meant(site: At) -> None:
    here = site("charter in review")
    former = here.cast.mayor(NIORT)
    new = {"role": "signatory", "nom": "Jean Neuf", "adresse": "maire@niort.example", "qualite": "Maire"}
    refused = invite(here, **new)
    assert refused.status_code == 409
    assert f"{former.name} signe aujourd’hui pour Niort" in plain(refused.text)
    assert "Jean Neuf" in refused.text
    assert former.name in people(here, NIORT)
    assert invite(here, **new, remplace="oui").status_code == 303
    assert f"{former.name}, Maire" in people(here, NIORT), "until the city confirms"
    assert "Jean Neuf" not in people(here, NIORT)
    (proposal,) = here.cast.open_proposals(ProposalKind.office)
    with here.client(here.cast.agent) as agent:
        assert agent.send(f"/confirmations/{proposal.id}/confirmer").status_code == 403
        assert "ne peut pas confirmer" in agent.send(f"/confirmations/{proposal.id}/confirmer").text
    assert former.name in people(here, NIORT)
    with here.client(here.cast.contact(NIORT)) as contact:
        assert contact.send(f"/confirmations/{proposal.id}/confirmer").status_code == 303
    assert former.name not in people(here, NIORT)
    assert "Jean Neuf, Maire" in people(here, NIORT)


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"role": ""}, 422, "Rôle : choisissez-en un"),
        ({"role": "agency_agent"}, 422, "Rôle : choisissez-en un"),
        ({"role": "observer"}, 422, "Choisissez « interlocuteur privilégié »"),
        ({"partie": OBSERVER, "role": "signatory"}, 422, "Choisissez « collectivité observatrice »"),
        ({"partie": "99999"}, 422, "n’est pas une partie de ce projet"),
        ({"adresse": "ada"}, 422, "n’est pas une adresse électronique"),
        ({"nom": " "}, 422, "Nom : ce champ est vide"),
        (
            {"role": "signatory", "nom": "Camille Roussel", "adresse": "camille.roussel@anct.example"}
            | {"remplace": "oui"},
            409,
            "ne signent jamais",
        ),
    ],
)
def test_an_invitation_that_cannot_be_is_explained_and_kept(
    still: Site, changes: dict[str, str], status: int, sentence: str
) -> None:
    answer = invite(still, **changes)
    assert answer.status_code == status
    assert sentence in plain(answer.text)
    if "adresse" not in changes:
        assert "Ada.Martin@niort.example" in answer.text


def test_an_observer_s_person_reads_and_comments(site: At) -> None:
    here = site("met")
    assert invite(here, partie=OBSERVER, role="observer").status_code == 303
    with here.client(here.cast.person("ada.martin@niort.example")) as observer:
        observer.read(here.project)
        assert observer.get(f"{here.project}/participants/inviter").status_code == 403


def test_addresses_are_told_to_agents_only(site: At) -> None:
    here = site("met")
    with here.client(here.cast.contact(BOURGES)) as contact:
        page = contact.read(f"{here.project}/participants")
    assert here.cast.mayor_email(NIORT) not in page
    assert here.cast.mayor(NIORT).name in page
    assert "/participants/inviter" not in page


# Cities


def newcomer(**changes: str) -> dict[str, str]:
    fields = {"collectivite": "Nantes", "role": "signatory", "projet": "Nantes en commun"}
    for name in ("contact", "signataire"):
        fields |= {f"{name}-nom": f"{name} de Nantes", f"{name}-adresse": f"{name}@nantes.example"}
    return fields | {"signataire-qualite": "Maire"} | changes


def test_a_city_joins_by_its_name(site: At) -> None:
    here = site("met")
    with here.client(here.cast.agent) as agent:
        assert agent.send(f"{here.project}/participants/entree", newcomer()).status_code == 303
    assert here.cast.party(NEWCOMER).role is PartyRole.signatory
    assert "signataire de Nantes, Maire" not in people(here, NEWCOMER)
    (proposal,) = here.cast.open_proposals(ProposalKind.office)
    with here.client(here.cast.person("contact@nantes.example")) as contact:
        assert contact.send(f"/confirmations/{proposal.id}/confirmer").status_code == 303
    assert "signataire de Nantes, Maire" in people(here, NEWCOMER)


def test_a_name_that_several_bear_is_asked_about(site: At) -> None:
    here = site("met")
    path = f"{here.project}/participants/entree"
    with here.client(here.cast.agent) as agent:
        asked = agent.send(path, newcomer(collectivite="Saint-Denis"))
        assert asked.status_code == 422
        assert "choisissez la bonne" in plain(asked.text)
        assert 'value="93066"' in asked.text
        assert 'value="97411"' in asked.text
        assert "Nantes en commun" in asked.text
        chosen = newcomer(collectivite="Saint-Denis") | {"collectivite-choix": "97411"}
        assert agent.send(path, chosen).status_code == 303
    assert here.cast.party("97411").name == "Saint-Denis"


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"collectivite": "Villeneuve-sur-Nulle-Part"}, 422, "aucune collectivité n’a ce nom"),
        ({"collectivite": "79191"}, 409, "est déjà entrée dans ce projet"),
        ({"contact-adresse": "nantes"}, 422, "n’est pas une adresse électronique"),
        ({"signataire-nom": ""}, 422, "Signataire, nom : ce champ est vide"),
        ({"role": ""}, 422, "Rôle : choisissez"),
    ],
)
def test_a_city_that_cannot_join_is_told_why(
    still: Site, changes: dict[str, str], status: int, sentence: str
) -> None:
    with still.client(still.cast.agent) as agent:
        answer = agent.send(f"{still.project}/participants/entree", newcomer(**changes))
    assert answer.status_code == status
    assert sentence in plain(answer.text)
    assert "Nantes en commun" in answer.text


PAPER = ("fichier", "decision.pdf", pdf())


def test_a_city_leaves_by_a_decision_with_its_file(site: At) -> None:
    here = site("charter in review")
    path = f"{here.project}/participants/depart"
    with here.client(here.cast.contact(GUICHEN)) as contact:
        bare = contact.send(
            path, {"partie": GUICHEN, "motif": "Fusion de communes"}, file=("fichier", "", b"")
        )
        assert bare.status_code == 422
        assert "joignez-la" in bare.text
        assert "Fusion de communes" in bare.text
        assert contact.send(path, {"partie": GUICHEN, "motif": ""}, file=PAPER).status_code == 422
        answer = contact.send(path, {"partie": GUICHEN, "motif": "Fusion de communes"}, file=PAPER)
        assert answer.status_code == 303
    with here.client(here.cast.agent) as agent:
        proposal = answer.headers["location"]
        asked = plain(agent.read(proposal))
        assert "Départ de Guichen" in asked
        assert "Fusion de communes" in asked
        assert agent.get(f"{proposal}/document").content == PAPER[2]
        assert "Guichen, partie le" not in plain(agent.read(f"{here.project}/participants"))
        assert agent.send(f"{proposal}/confirmer").status_code == 303
        page = plain(agent.read(f"{here.project}/participants"))
    assert "Guichen, partie le" in page
    assert "Fusion de communes" in page


def test_a_city_proposes_its_own_departure_and_no_other_s(site: At) -> None:
    here = site("charter in review")
    path = f"{here.project}/participants/depart"
    with here.client(here.cast.mayor(NIORT)) as mayor:
        form = mayor.read(f"{path}?partie={NIORT}")
        assert f'value="{BOURGES}"' not in form
        assert mayor.send(path, {"partie": BOURGES, "motif": "Non"}, file=PAPER).status_code == 403
        answer = mayor.send(path, {"partie": NIORT, "motif": "Vote du conseil"}, file=PAPER)
        assert "Le départ est proposé" in mayor.read(answer.headers["location"])
        assert mayor.send(f"{answer.headers['location']}/confirmer").status_code == 403
        mayor.read(here.project)
        here.cast.confirm(*here.cast.open_proposals(ProposalKind.departure))
        assert mayor.get(here.project).status_code == 404
    with here.client(here.cast.agent) as agent:
        assert agent.get(path).status_code == 403, "the ANCT only confirms"
        assert agent.send(path, {"partie": BOURGES, "motif": "Non"}, file=PAPER).status_code == 403
    with here.client(here.cast.observer) as observer:
        assert f'value="{BOURGES}"' not in observer.read(path), "an observer proposes its own departure only"
    assert here.cast.project().status is ProjectStatus.active


def test_once_every_city_has_left_the_page_says_which_ones(site: At) -> None:
    here = site("constitution in review")
    for city in (MANTES, NIORT, BOURGES, GUICHEN):
        leave(here.cast, city)
    with here.client(here.cast.agent) as agent:
        page = plain(agent.read(f"{here.project}/participants"))
    assert all(f"{name}, partie le" in page for name in ("Mantes-la-Jolie", "Niort", "Bourges", "Guichen"))


# The contractor


def award(**changes: str) -> dict[str, str]:
    fields = {"montant": "148 500,00 €", "attribue-le": "2026-01-15"}
    for number, firm in ((1, LEAD), (2, PARTNER)):
        fields |= {
            f"nom-{number}": firm.name,
            f"siret-{number}": firm.siret,
            f"contact-{number}": firm.contact_name,
        }
        fields |= {f"adresse-{number}": firm.contact_email}
    return fields | changes


def test_the_contractor_is_appointed_with_its_consortium(site: At) -> None:
    here = site("charter closed")
    path = f"{here.project}/participants/prestataire"
    with here.client(here.cast.agent) as agent:
        assert agent.send(path, award()).status_code == 303
        page = plain(agent.read(f"{here.project}/participants"))
        assert agent.send(path, award(montant="1")).status_code == 409
    assert "mandataire du groupement" in page
    assert "148 500,00 € hors taxes" in page
    assert "Désigner le prestataire" not in page
    with here.client(here.cast.contractor) as contractor:
        contractor.read(here.project)
    assert here.cast.told("contractor_appointed") >= {LEAD.contact_email, here.cast.mayor_email(MANTES)}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"montant": "beaucoup"}, "n’est pas un montant en euros"),
        ({"montant": "12,345"}, "n’est pas un montant en euros"),
        ({"montant": "1e99"}, "n’est pas un montant en euros"),
        ({"montant": "-3"}, "positif"),
        ({"siret-1": "12345678901234"}, "n’est pas un SIRET"),
        ({"contact-2": ""}, "Entreprise 2, nom du contact : ce champ est vide"),
        ({"attribue-le": "2126-01-15"}, "dans l’avenir"),
        ({"attribue-le": ""}, "Date d’attribution : la date manque"),
    ],
)
def test_an_award_that_cannot_stand_is_explained_and_kept(
    still: Site, changes: dict[str, str], sentence: str
) -> None:
    with still.client(still.cast.agent) as agent:
        answer = agent.send(f"{still.project}/participants/prestataire", award(**changes))
    assert answer.status_code == 422
    assert sentence in plain(answer.text)
    assert PARTNER.contact_email in answer.text


# Delegations


ORDER = ("fichier", "arrete.pdf", pdf())


def order(site: Site, **changes: str) -> dict[str, str]:
    today = site.cast.today
    fields = {
        "partie": NIORT,
        "nom": "Odile Fournier",
        "adresse": "odile@niort.example",
        "delegataire": "elu",
    }
    fields |= {"arrete": "Arrêté 2026-118", "portee": "charter", "du": today.isoformat()}
    return fields | {"au": (today + timedelta(days=90)).isoformat()} | changes


@pytest.mark.parametrize("who", ["contact", "mayor"])
def test_the_city_records_a_delegation_and_ends_it(site: At, who: str) -> None:
    here = site("charter in review")
    path = f"{here.project}/participants"
    with here.client(getattr(here.cast, who)(NIORT)) as visitor:
        assert visitor.send(f"{path}/delegation", order(here), file=ORDER).status_code == 303
        if who == "contact":
            page = plain(visitor.read(path))
            assert "Odile Fournier, personne élue" not in page
            assert "En attente de confirmation" in page
            here.cast.confirm(*here.cast.open_proposals(ProposalKind.delegation), here.cast.mayor(NIORT))
        page = visitor.read(path)
        assert "Odile Fournier, personne élue" in plain(page)
        assert "étape « Charte »" in plain(page)
        (revoke,) = re.findall(rf"{path}/delegations/\d+/revocation", page)
        with here.client(here.cast.mayor(BOURGES)) as other:
            assert "revocation" not in other.read(path)
            assert other.send(revoke).status_code == 403
        assert visitor.send(revoke).status_code == 303
        assert "Odile Fournier" not in visitor.read(path)
        assert visitor.send(revoke).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"partie": BOURGES}, 403, "ne peut pas proposer « délégation de signature » pour Bourges"),
        ({"delegataire": ""}, 422, "dites si c’est une personne élue"),
        ({"portee": "tout"}, 422, "n’est ni une étape ni un livrable"),
        ({"au": "2020-01-01"}, 422, "avant de commencer"),
        ({"nom": "Camille Roussel", "adresse": "camille.roussel@anct.example"}, 422, "ne signent jamais"),
    ],
)
def test_a_delegation_that_cannot_stand_is_explained(
    still: Site, changes: dict[str, str], status: int, sentence: str
) -> None:
    with still.client(still.cast.contact(NIORT)) as contact:
        answer = contact.send(f"{still.project}/participants/delegation", order(still, **changes), file=ORDER)
    assert answer.status_code == status
    assert sentence in plain(answer.text)
    assert "Arrêté 2026-118" in answer.text


def test_the_anct_delegates_nothing_for_a_city(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.agent) as agent:
        assert agent.get(f"{here.project}/participants/delegation").status_code == 403
        path = f"{here.project}/participants/delegation"
        assert agent.send(path, order(here), file=ORDER).status_code == 403


def test_the_page_takes_as_many_queries_for_many_projects_as_for_one(site: At, tmp_path: Path) -> None:
    here = site("charter closed")
    counts = []
    for number in (1, 5):
        with here.client(here.cast.agent) as agent:
            agent.read(here.project)
            with counted(here.cast.db) as seen:
                agent.read(f"{here.project}/participants")
            counts.append(len(seen))
        add_projects(here.cast, tmp_path, number, number + 2)
    assert counts[0] == counts[1]
