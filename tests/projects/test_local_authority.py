"""A party is a commune, an EPCI or a département of the Code officiel géographique; codes are text."""

import gzip
import hashlib
import subprocess
import sys
import time
from collections import Counter

import pytest

from models.local_authority import (
    COG,
    AuthorityKind,
    LocalAuthority,
    UnknownAuthority,
    WrongAuthorityName,
    authorities_named,
    check_name,
    find_authority,
    search_authorities,
)
from models.refusal import Refusal


def refusal_of(code: str, kind: AuthorityKind | None = None) -> UnknownAuthority:
    with pytest.raises(UnknownAuthority) as caught:
        find_authority(code, kind=kind)
    return caught.value


def plain(text: object) -> str:
    return str(text).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("code", "name", "siren", "departement", "population"),
    [
        ("78361", "Mantes-la-Jolie", "217803618", "78", 43526),
        ("79191", "Niort", "217901917", "79", 59854),
        ("18033", "Bourges", "211800339", "18", 64186),
        ("35126", "Guichen", "213501265", "35", 9412),
        ("01053", "Bourg-en-Bresse", "210100533", "01", 42372),
        ("2A004", "Ajaccio", "212000046", "2A", 76320),
        ("97411", "Saint-Denis", "219740115", "974", 155634),
    ],
)
def test_a_commune_is_found_by_its_insee_code(
    code: str, name: str, siren: str, departement: str, population: int
) -> None:
    expected = LocalAuthority(code, AuthorityKind.commune, name, siren, departement, population)
    assert find_authority(code) == expected


def test_an_epci_is_found_by_its_siren_and_has_the_departement_of_its_people() -> None:
    kaysersberg = find_authority("246800551", kind=AuthorityKind.epci)
    assert kaysersberg.name == "CC de la Vallée de Kaysersberg"
    assert (kaysersberg.siren, kaysersberg.departement, kaysersberg.population) == ("246800551", "68", 16043)


def test_a_departement_is_found_by_its_number() -> None:
    yvelines = find_authority("78")
    assert (yvelines.kind.label, yvelines.name, yvelines.departement) == ("département", "Yvelines", "78")
    assert yvelines.population is not None
    assert 1_400_000 < yvelines.population < 1_600_000


@pytest.mark.parametrize("code", ["01", "2A", "2B", "974"])
def test_departements_keep_their_zero_their_letter_and_their_third_digit(code: str) -> None:
    assert find_authority(code).kind is AuthorityKind.departement


def test_the_first_and_the_last_line_of_the_cog_are_found() -> None:
    lines = gzip.decompress(COG.read_bytes()).decode().splitlines()
    for line in (lines[0], lines[-1]):
        assert find_authority(line.split("\t")[0]).name == line.split("\t")[2]


def test_a_lost_zero_is_refused_with_the_code_that_was_meant() -> None:
    refusal = refusal_of("9306")
    assert plain(refusal) == (
        "9306 : un code commune a cinq caractères ; voulez-vous dire 09306 (Tarascon-sur-Ariège) ?"
    )
    assert refusal.suggestion == find_authority("09306")
    assert isinstance(refusal, Refusal)


def test_an_arrondissement_is_refused_and_names_its_commune() -> None:
    refusal = refusal_of("75120")
    assert "Paris 20e Arrondissement" in str(refusal)
    assert refusal.suggestion == find_authority("75056")


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("13201", "13055"),  # Marseille 1er
        ("69381", "69123"),  # Lyon 1er
        ("01120", "01262"),  # Cordieux, associated with Montluel
        ("79248", "79191"),  # merged into Niort
        ("20004", "2A004"),  # Ajaccio, before 1976
        ("2a004", "2A004"),
        (" 78361 ", "78361"),
        ("78 361", "78361"),
        ("217803618", "78361"),  # SIREN
        ("21780361800017", "78361"),  # SIRET
        ("1", "01"),
        ("Mantes-la-Jolie", "78361"),
    ],
)
def test_what_was_meant_is_suggested_when_there_is_no_doubt(code: str, meant: str) -> None:
    refusal = refusal_of(code)
    assert refusal.suggestion is not None
    assert refusal.suggestion.code == meant
    assert f"voulez-vous dire {meant} (" in str(refusal)


@pytest.mark.parametrize(
    "code",
    ["99999", "", " ", "0", "96", "123456789", "٧٨٣٦١", "783610", "é"],
)
def test_an_unknown_code_is_refused_with_nothing_suggested(code: str) -> None:
    refusal = refusal_of(code)
    assert refusal.suggestion is None
    assert "vérifiez ce code" in str(refusal)


def test_a_code_of_another_kind_is_refused_and_says_which() -> None:
    refusal = refusal_of("78", AuthorityKind.commune)
    assert "c’est le code d’un département (Yvelines), pas d’une commune" in str(refusal)


def test_nothing_of_another_kind_than_asked_is_suggested() -> None:
    assert refusal_of("9306", AuthorityKind.epci).suggestion is None
    assert refusal_of("75120", AuthorityKind.epci).suggestion is None


@pytest.mark.parametrize("name", ["Vandœuvre-lès-Nancy", "VANDOEUVRE LES NANCY", " vandoeuvre-les  nancy "])
def test_a_name_is_found_whatever_its_case_accents_and_hyphens(name: str) -> None:
    assert [authority.code for authority in authorities_named(name)] == ["54547"]


def test_apostrophes_are_all_alike() -> None:
    assert authorities_named("L’Île-Saint-Denis") == authorities_named("L'Ile Saint Denis") != []


def test_namesakes_all_come_communes_first() -> None:
    assert [authority.code for authority in authorities_named("Paris")] == ["75056", "75"]
    assert len(authorities_named("Sainte-Colombe")) == 12


def test_no_name_names_nobody() -> None:
    assert authorities_named("") == authorities_named(" - ") == authorities_named("Trifouillis") == []


def test_an_arrondissement_is_never_named_as_a_party() -> None:
    assert authorities_named("Paris 20e Arrondissement") == []


def test_completion_takes_the_start_of_a_name_or_of_a_code_most_peopled_first() -> None:
    assert "78361" in [authority.code for authority in search_authorities("mantes la j")]
    assert search_authorities("7836")[0] == find_authority("78361")
    assert search_authorities("sain", limit=3) == search_authorities("SAIN")[:3]
    populations = [authority.population or 0 for authority in search_authorities("saint-d")]
    assert populations == sorted(populations, reverse=True)
    assert len(populations) == 20


def test_completion_of_an_arrondissement_offers_nothing() -> None:
    assert search_authorities("75120") == []


def test_the_right_name_needs_no_correction() -> None:
    assert check_name(find_authority("79191"), "Niort") == []


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("79191", "NIORT"),
        ("54547", "Vandoeuvre lès Nancy"),
        ("93039", "L’Île-Saint-Denis"),
        ("246800551", "Communauté de communes de la vallée de Kaysersberg"),
    ],
)
def test_a_name_spelled_differently_is_corrected_and_reported(code: str, written: str) -> None:
    authority = find_authority(code)
    [correction] = check_name(authority, written)
    assert plain(correction) == f"{code} : nom « {written} » corrigé en « {authority.name} »"


def test_a_missing_name_is_filled_in_and_said() -> None:
    assert [plain(each) for each in check_name(find_authority("79191"), " ")] == [
        "79191 : nom absent, complété en « Niort »"
    ]


def test_the_name_of_another_authority_is_refused_with_its_code() -> None:
    with pytest.raises(WrongAuthorityName) as caught:
        check_name(find_authority("79191"), "bourges")
    assert caught.value.candidates == [find_authority("18033")]
    assert plain(caught.value) == (
        "79191 est le code de Niort (commune), pas de « bourges » : "
        "« bourges » a pour code 18033 (commune, 18) ; corrigez le code ou le nom."
    )


def test_a_name_that_is_nobodys_is_refused() -> None:
    with pytest.raises(WrongAuthorityName, match="aucune collectivité n’a ce nom"):
        check_name(find_authority("79191"), "Trifouillis")


def test_namesakes_of_the_same_kind_come_first_among_candidates() -> None:
    with pytest.raises(WrongAuthorityName) as caught:
        check_name(find_authority("78"), "Paris")
    assert [authority.code for authority in caught.value.candidates] == ["75", "75056"]


def test_the_cog_is_the_one_its_notice_describes() -> None:
    content = gzip.decompress(COG.read_bytes())
    notice = COG.with_name("cog.md").read_text(encoding="utf-8")
    assert hashlib.sha256(content).hexdigest() in notice
    kinds = Counter(line.split("\t")[1] for line in content.decode().splitlines())
    assert [kind for kind, count in kinds.items() if f"| {kind} | {count} |" not in notice] == []


def test_every_line_of_the_cog_can_be_asked_for() -> None:
    for line in gzip.decompress(COG.read_bytes()).decode().splitlines():
        code, kind, *_, instead = line.split("\t")
        authority = find_authority(instead or code)
        assert authority.code == (instead or code)
        assert authority.kind == (AuthorityKind.commune if instead else kind)


def test_importing_reads_nothing_and_the_first_question_is_quick() -> None:
    script = (
        "import time; import models.cog; import models.local_authority as room; "
        "assert models.cog.cog_lines.cache_info().currsize == 0;"
        "start = time.process_time(); room.find_authority('78361'); print(time.process_time() - start)"
    )
    asked = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert float(asked.stdout) < 0.2, "15 ms on an ordinary machine; the margin is for a busy one"


def test_the_next_questions_cost_microseconds() -> None:
    find_authority("78361")
    start = time.process_time()
    for _ in range(1000):
        find_authority("79191")
    assert time.process_time() - start < 0.2
