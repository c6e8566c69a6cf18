"""A project created from the pages: by its form, field by field, or by its file."""

import re
from collections.abc import Callable, Iterator

import pytest
from cast import EXAMPLES, NIORT, SLUG
from shelf import Shelf
from site_of_tests import Site, plain, site_at

from queries.ledger.find import find_party, find_project, parties_of

At = Callable[..., Site]
PATH = "/projets/nouveau"


@pytest.fixture(scope="module")
def still(sqlite_shelf: Shelf) -> Iterator[Site]:
    """A site on which everything that is tried is refused."""
    with site_at(sqlite_shelf, "met") as here:
        yield here


def filled(**changes: str) -> dict[str, str]:
    """The form of a project between Nantes, Saint-Denis (Seine-Saint-Denis) and Rennes, watched by Lille."""
    fields = {"titre": "Forêts habitées", "theme": "urbanisme", "debut": "2027-01-01", "fin": "2028-03-31"}
    for number, code in enumerate(("Nantes", "93066", "35238"), start=1):
        fields |= {f"s{number}-code": code, f"s{number}-projet": f"Projet {number}"}
        for name in ("contact", "signataire"):
            fields[f"s{number}-{name}-nom"] = f"{name} {number}"
            fields[f"s{number}-{name}-adresse"] = f"{name}.{number}@ville.example"
        fields[f"s{number}-signataire-qualite"] = "Maire"
    fields |= {"o1-code": "Lille", "o1-contact-nom": "Léa", "o1-contact-adresse": "lea@lille.example"}
    return fields | {name.replace("_", "-"): text for name, text in changes.items()}


def errors(page: str) -> dict[str, str]:
    """What the page says of each field."""
    match = re.findall(r'<p class="fr-error-text" id="erreur-([^"]+)">(.*?)</p>', page, re.DOTALL)
    return {name: plain(text) for name, text in match}


def test_a_project_is_created_from_the_form_and_its_people_are_welcomed(site: At) -> None:
    here = site("met")
    with here.client(here.cast.agent) as agent:
        assert PATH in agent.read("/projets")
        agent.read(PATH)
        answer = agent.send(PATH, filled())
        assert (answer.status_code, answer.headers["location"]) == (303, "/projets/forets-habitees")
        page = plain(agent.read("/projets/forets-habitees"))
    assert "Camille Roussel conduit le projet" in page
    assert "Nantes , signataire : Projet 1" in page
    with here.cast.db.read() as session:
        project = find_project(session, "forets-habitees")
        codes = [party.code for party in parties_of(session, project.id or 0)]
    assert codes == ["44109", "93066", "35238", "59350"]
    assert {"contact.1@ville.example", "lea@lille.example"} <= here.cast.told("welcome")
    assert "signataire.3@ville.example" in here.cast.told("authority_proposed")
    assert "contact.3@ville.example" in here.cast.told("authority_to_confirm")
    with here.client(here.cast.person("contact.1@ville.example")) as contact:
        assert "Forêts habitées" in contact.read("/projets")


def test_only_an_agent_creates_a_project(still: Site) -> None:
    for who in (still.cast.mayor(NIORT), still.cast.outsider):
        with still.client(who) as visitor:
            assert visitor.get(PATH).status_code == 403
            assert visitor.send(PATH, filled()).status_code == 403
            file = ("fichier", "projet.yaml", b"title: x")
            assert visitor.send(f"{PATH}/fichier", file=file).status_code == 403


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"titre": ""}, {"titre": "Titre : ce champ est vide"}),
        ({"titre": "x" * 201}, {"titre": "201 caractères"}),
        ({"titre": "DEMOCRATIE\u00a0Culturelle"}, {"titre": "existe déjà"}),
        ({"titre": "🎭"}, {"titre": "ni lettre ni chiffre"}),
        ({"debut": "hier"}, {"debut": "n’est pas une date"}),
        ({"debut": "1990-01-01"}, {"debut": "donnez une date de 2000 à 2099"}),
        ({"fin": "9999-12-31"}, {"fin": "donnez une date de 2000 à 2099"}),
        ({"fin": "2026-01-01"}, {"fin": "il vient après le premier"}),
        ({"s1-code": ""}, {"s1-code": "Signataire 1, collectivité : ce champ est vide"}),
        ({"s2-code": "9306"}, {"s2-code": "voulez-vous dire"}),
        ({"s2-code": "44109"}, {"s2-code": "Nantes figure déjà plus haut"}),
        ({"s1-code": "Saint-Denis"}, {"s1-code": "choisissez la bonne"}),
        ({"s3-contact-adresse": "ici"}, {"s3-contact-adresse": "n’est pas une adresse électronique"}),
        ({"s3-signataire-nom": ""}, {"s3-signataire-nom": "ce champ est vide"}),
        ({"o2-code": "Atlantide"}, {"o2-code": "Atlantide"}),
        (
            {"s4-projet": "Seul"},
            {"s4-code": "vide", "s4-contact-nom": "vide", "s4-signataire-adresse": "vide"},
        ),
    ],
)
def test_each_wrong_field_says_so_and_nothing_typed_is_lost(
    still: Site, changes: dict[str, str], wrong: dict[str, str]
) -> None:
    fields = filled(**changes)
    with still.client(still.cast.agent) as agent:
        answer = agent.send(PATH, fields)
    assert answer.status_code == 422
    said = errors(answer.text)
    for name, text in wrong.items():
        assert text in said[name]
        assert f'href="#champ-{name}"' in answer.text
        assert f'aria-describedby="erreur-{name}"' in answer.text
    kept = dict(re.findall(r'<input [^>]*name="([^"]+)" type="[^"]+" value="([^"]*)"', answer.text))
    assert {name: text for name, text in fields.items() if text} == {
        name: text for name, text in kept.items() if text
    }


def test_cities_are_looked_up_before_anything_is_created(still: Site) -> None:
    with still.client(still.cast.agent) as agent:
        page = agent.send(PATH, {"s1-code": "bourges", "s2-code": "Saint-Denis", "verifier": "oui"})
    assert page.status_code == 200
    assert "reconnue Bourges (18033), commune, département 18" in plain(page.text)
    assert set(errors(page.text)) == {"s2-code"}
    assert {'value="93066"', 'value="97411"'} <= set(re.findall(r'value="9\d{4}"', page.text))


def test_the_one_meant_is_chosen_among_those_of_a_name(site: At) -> None:
    here = site("met")
    with here.client(here.cast.agent) as agent:
        fields = filled(**{"s2-code": "Saint-Denis", "s2-code-choix": "97411"})
        assert agent.send(PATH, fields).status_code == 303
    with here.cast.db.read() as session:
        assert find_party(session, find_project(session, "forets-habitees"), "97411").name == "Saint-Denis"


def test_who_signs_for_a_city_is_not_changed_by_a_new_project(still: Site) -> None:
    with still.client(still.cast.agent) as agent:
        answer = agent.send(PATH, filled(**{"s1-code": NIORT}))
    assert answer.status_code == 409
    assert f"a déjà pour signataire {still.cast.mayor(NIORT).name}" in plain(answer.text)
    assert "Forêts habitées" in answer.text


def test_a_title_that_is_the_name_of_a_page_has_an_address_of_its_own(site: At) -> None:
    here = site("met")
    with here.client(here.cast.agent) as agent:
        answer = agent.send(PATH, filled(titre="Nouveau"))
        assert answer.headers["location"] == "/projets/projet-nouveau"
        agent.read("/projets/projet-nouveau")


# By its file


def example(**changes: str) -> tuple[str, str, bytes]:
    text = (
        (EXAMPLES / f"{SLUG}.yaml")
        .read_text(encoding="utf-8")
        .replace("Démocratie culturelle", "Autre culture")
    )
    for old, new in changes.items():
        text = text.replace(old, new)
    return "fichier", "projet.yaml", text.encode()


def test_a_project_is_created_from_its_file(site: At) -> None:
    here = site("met")
    with here.client(here.cast.agent) as agent:
        answer = agent.send(f"{PATH}/fichier", file=example())
        assert (answer.status_code, answer.headers["location"]) == (303, "/projets/autre-culture")
        assert "Autre culture" in agent.read("/projets")


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (example(signatory="signataire"), "écrivez l’une de ces valeurs"),
        (example(title="titre"), "clé inconnue"),
        (("fichier", "projet.yaml", b"title: [\n"), "écriture incorrecte"),
        (("fichier", "", b""), "Aucun fichier n’est choisi"),
        (example(**{"camille.roussel@anct.example": "autre@anct.example"}), "n’est pas l’adresse d’un agent"),
    ],
)
def test_a_wrong_file_is_answered_line_by_line(
    still: Site, file: tuple[str, str, bytes], sentence: str
) -> None:
    with still.client(still.cast.agent) as agent:
        answer = agent.send(f"{PATH}/fichier", file=file)
        assert "Autre culture" not in agent.read("/projets")
    assert answer.status_code == 422
    assert sentence in plain(answer.text)
