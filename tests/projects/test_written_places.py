"""A place is found as people write it; when it is not sure which one is meant, all that may be are told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written_places import without_its_article, written_ways

from models.authority_names import authorities_near, places_named
from models.cog import LocalAuthority, authority_of, cog_lines
from models.local_authority import UnknownAuthority, check_name, find_authority, search_authorities
from models.place_name import is_said_of, spelled_out

COMMUNES = [authority_of(line.split("\t")) for line in cog_lines() if "\tcommune\t" in line]
NAMES = {spelled_out(city.name) for city in COMMUNES}


def codes(text: str) -> list[str]:
    return [each.code for each in places_named(text)]


def refusal_of(text: str) -> str:
    with pytest.raises(UnknownAuthority) as caught:
        find_authority(text)
    return str(caught.value).replace("\u00a0", " ")


def lost(city: LocalAuthority) -> list[str]:
    """The ways to write the city that do not find it, or only others than it."""
    ways = [*written_ways(city), *(way for way in without_its_article(city) if spelled_out(way) not in NAMES)]
    return [way for way in ways if city not in places_named(way)]


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(COMMUNES))
def test_each_way_to_write_a_commune_finds_it_or_it_among_its_namesakes(city: LocalAuthority) -> None:
    assert lost(city) == []


@pytest.mark.trials
def test_each_way_to_write_one_commune_in_fifteen_finds_it() -> None:
    assert {city.code: ways for city in COMMUNES[::15] if (ways := lost(city))} == {}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("ST ETIENNE", "42218"),
        ("Seyne s/ Mer", "83126"),
        ("La Seyne s/Mer", "83126"),
        ("L’Hay les Roses", "94038"),
        ("Chalon s/Saône", "71076"),
        ("Neuilly/Seine", "92051"),
        ("Rosny s/s Bois", "93064"),
        ("Vandoeuvre-lez-Nancy", "54547"),
        ("Mairie du Havre", "76351"),
        ("Ville d’Avignon", "84007"),
        ("commune des Sables d'Olonne", "85194"),
        ("Ville-d'Avray", "92077"),
        ("Havre (Le)", "76351"),
        ("Mantes la Jolie (78)", "78361"),
        ("Mantes-la-Jolie, Yvelines", "78361"),
        ("79000 Niort", "79191"),
        ("Niort 79", "79191"),
        ("St-Denis (Réunion)", "97411"),
        ("Ajaccio 20000", "2A004"),
        ("Bourg Bresse", "01053"),
        ("Grand Poitiers", "200069854"),
        ("Agglo du Niortais", "200041317"),
        ("Communauté d’agglomération Niortais", "200041317"),
        ("Nantes Métropole", "244400404"),
        ("Vallée de Kaysersberg", "246800551"),
        ("Département du Nord", "59"),
        ("Conseil départemental de la Gironde", "33"),
    ],
)
def test_the_one_meant_is_found(written: str, code: str) -> None:
    assert codes(written) == [code]


def test_namesakes_are_all_told_with_their_departements() -> None:
    assert codes("St Denis") == ["11339", "30247", "93066", "97411"]
    assert refusal_of("St-Denis") == (
        "St-Denis : plusieurs collectivités ont ce nom, et il faut un code ; voulez-vous dire 11339 (Saint-Denis, 11), "
        "30247 (Saint-Denis, 30), 93066 (Saint-Denis, 93) ou 97411 (Saint-Denis, 974) ?"
    )
    assert refusal_of("Sainte Colombe").endswith("ou une autre, parmi 12 ?")


@pytest.mark.parametrize(
    ("written", "reason", "code"),
    [
        ("Paris 20e", "Paris 20e Arrondissement n’est pas une commune à lui seul", "75056"),
        ("PARIS 1", "Paris 1er Arrondissement", "75056"),
        ("3ème arrondissement de Lyon", "Lyon 3e Arrondissement", "69123"),
        ("EQUEURDREVILLE HAINNEVILLE", "Équeurdreville-Hainneville fait désormais partie", "50129"),
        ("mairie d'Annecy le Vieux", "Annecy-le-Vieux fait désormais partie d’une autre commune", "74010"),
    ],
)
def test_a_commune_that_is_no_more_is_answered_with_the_one_to_name(
    written: str, reason: str, code: str
) -> None:
    assert codes(written) == [code]
    sentence = refusal_of(written)
    assert reason in sentence
    assert f"voulez-vous dire {code} (" in sentence


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Niortt", "79191"),
        ("Matnes-la-Jolie", "78361"),
        ("Bourgse", "18033"),
        ("Ville de Guichenn", "35126"),
        ("Saint-Sulpice (81)", "81271"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_name(written: str, code: str) -> None:
    assert code in [each.code for each in authorities_near(written)]
    sentence = refusal_of(written)
    assert "aucune collectivité n’a ce nom ; voulez-vous dire" in sentence
    assert f"{code} (" in sentence


@pytest.mark.parametrize(
    "written", ["Atlantide", "Trifouillis-les-Oies", "Xyz (78)", "Commune de", "🎭 Paname"]
)
def test_a_name_that_nobody_has_is_said_to_be_so_not_told_about_codes(written: str) -> None:
    assert codes(written) == []
    sentence = refusal_of(written)
    assert "aucune collectivité n’a ce nom" in sentence
    assert "caractères" not in sentence
    assert "SIREN" not in sentence


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("42218", "ST ETIENNE"),
        ("83126", "Seyne s/ Mer"),
        ("75056", "Paris 20e"),
        ("79191", "Ville de Niort"),
        ("74010", "Annecy-le-Vieux"),
        ("93066", "St-Denis"),
        ("200069854", "Grand Poitiers"),
        ("78361", "Mantes-la-Jolie (78)"),
    ],
)
def test_beside_its_code_another_way_to_write_a_name_is_corrected_and_said(code: str, written: str) -> None:
    authority = find_authority(code)
    (said,) = check_name(authority, written)
    assert said.replace("\u00a0", " ") == f"{code} : nom « {written} » corrigé en « {authority.name} »"


def test_completion_takes_places_as_they_are_written() -> None:
    assert {"42218", "244200770"} == {each.code for each in search_authorities("st etienne", 2)}
    assert "83126" in [each.code for each in search_authorities("seyne s/")]
    assert "200069854" in [each.code for each in search_authorities("poitiers grand")]


@pytest.mark.parametrize("words", ["st denis", "Saint-Denis", "ST", "seyne s/ mer", "denis seyne"])
def test_words_that_are_looked_for_may_be_abbreviated(words: str) -> None:
    assert is_said_of(words, "Stages d’été Saint-Denis La Seyne-sur-Mer")
    assert not is_said_of("st jean", "Stages d’été Saint-Denis")
