"""Files people write are read safely, and every mistake is told with its line, its field and what to do."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, Field, model_validator

from models.council_deliberation import CouncilDeliberation
from models.field_error import located_errors
from models.file_text import MAX_BYTES
from models.invalid_file import InvalidFile, Problem
from models.iso_date import IsoDate
from models.refusal import Refusal, typeset
from models.yaml_file import read_yaml, read_yaml_text


class Quality(StrEnum):
    signatory = "signatory"
    observer = "observer"


class City(BaseModel):
    code: Annotated[str, Field(pattern=r"^\w{5}$")]
    role: Quality = Quality.signatory
    population: Annotated[int, Field(ge=1)] | None = None
    joined_on: IsoDate | None = None
    open: bool = False


class Collective(BaseModel):
    title: Annotated[str, Field(min_length=1)]
    cities: tuple[City, ...] = ()

    @model_validator(mode="after")
    def _no_city_twice(self) -> "Collective":
        codes = [city.code for city in self.cities]
        if len(set(codes)) < len(codes):
            raise located_errors("collective", [(("cities", len(codes) - 1, "code"), "ville déjà citée")])
        return self


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(InvalidFile) as refused:
        read_yaml_text(text, Collective, file="projet.yaml")
    return refused.value.problems


def only_problem(text: str) -> Problem:
    problems = problems_of(text)
    assert len(problems) == 1, problems
    return problems[0]


def test_a_correct_file_is_read_with_its_dates_and_its_enumerations() -> None:
    text = """
title: Démocratie culturelle
cities:
  - {code: "01053", role: observer, population: 41000, joined_on: 2021-09-01, open: true}
  - {code: 2A004}
"""
    ain, ajaccio = read_yaml_text(text, Collective, file="projet.yaml").cities
    assert (ain.code, ain.role, ain.population, ain.open) == ("01053", Quality.observer, 41000, True)
    assert ain.joined_on is not None
    assert ain.joined_on.isoformat() == "2021-09-01"
    assert ajaccio.code == "2A004"


def test_a_problem_reads_as_one_line_with_file_line_field_and_advice() -> None:
    problem = only_problem("title: Culture\ncities:\n  - role: observer\n")
    assert str(problem) == (
        "projet.yaml, ligne 3, champ cities n° 1, code : clé obligatoire absente ; ajoutez-la avec sa valeur."
    )


def test_every_problem_is_told_at_once_in_the_order_of_the_file() -> None:
    text = "title: 12\ncities:\n  - code: abc\n    role: maire\n  - population: 3\n"
    assert [(one.line, one.field) for one in problems_of(text)] == [
        (1, "title"),
        (3, "cities n° 1, code"),
        (4, "cities n° 1, role"),
        (5, "cities n° 2, code"),
    ]


@pytest.mark.parametrize("code", ["01053", "09306", "78361", "12:30", "1_000", "0x1F"])
def test_a_code_without_quotes_is_never_read_as_a_number(code: str) -> None:
    text = f"title: T\ncities:\n  - code: {code}\n"
    problem = problems_of(text)[0]
    assert (problem.line, problem.field) == (3, "cities n° 1, code")
    assert f'mettez le code entre guillemets : "{code}"' in problem.text


def test_a_leading_zero_is_told_even_where_a_number_is_expected() -> None:
    problem = only_problem('title: T\ncities:\n  - {code: "78361", population: 0100}\n')
    assert "écrivez-le en chiffres seuls, sans zéro devant" in problem.text


def test_a_word_that_yaml_reads_as_true_or_false_is_told_for_a_text() -> None:
    assert read_yaml_text("title: non", Collective, file="projet.yaml").title == "non"
    assert 'entre guillemets : "no"' in only_problem("title: no").text


def test_a_number_in_quotes_is_not_a_number() -> None:
    problem = only_problem('title: T\ncities:\n  - {code: "78361", population: "43526"}\n')
    assert problem.text.endswith("écrivez-le en chiffres, sans guillemets")


def test_an_unknown_key_is_refused_with_the_nearest_one() -> None:
    problem = only_problem('title: T\ncities:\n  - code: "78361"\n    populaton: 3\n')
    assert (problem.line, problem.field) == (4, "cities n° 1, populaton")
    assert "vouliez-vous dire « population » ?" in problem.text
    assert "celles-ci : code, joined_on, open, population, role" in problem.text


def test_a_wrong_choice_lists_the_allowed_ones() -> None:
    problem = only_problem('title: T\ncities:\n  - {code: "78361", role: observateur}\n')
    assert str(problem) == (
        "projet.yaml, ligne 3, champ cities n° 1, role : valeur « observateur » inconnue ; "
        "écrivez l’une de ces valeurs : signatory, observer ; vouliez-vous dire « observer » ?"
    )


@pytest.mark.parametrize(
    "day", ["2021-02-30", "2021-13-01", "12/07/2021", "2021-7-2", '"1626048000"', "20210712"]
)
def test_what_is_not_an_iso_date_is_refused_with_an_example(day: str) -> None:
    problem = only_problem(f'title: T\ncities:\n  - {{code: "78361", joined_on: {day}}}\n')
    assert problem.text.endswith("n’est pas une date ; écrivez-la année-mois-jour, par exemple 2021-07-12")


def test_a_number_out_of_range_is_told_with_its_bound() -> None:
    problem = only_problem('title: T\ncities:\n  - {code: "78361", population: 0}\n')
    assert problem.text == "« 0 » est hors limites ; écrivez un nombre au moins égal à 1"


def test_an_empty_value_is_told() -> None:
    assert only_problem("title:\n").text == "valeur vide ; écrivez un texte"


def test_a_key_written_twice_is_refused_with_both_lines() -> None:
    problem = only_problem("title: A\ncities: []\ntitle: B\n")
    assert (problem.line, problem.field) == (3, "title")
    assert "déjà ligne 1" in problem.text


def test_a_rule_between_fields_is_told_where_it_is_broken() -> None:
    problem = only_problem('title: T\ncities:\n  - code: "78361"\n  - code: "78361"\n')
    assert (problem.line, problem.field, problem.text) == (4, "cities n° 2, code", "ville déjà citée")


def test_a_list_where_a_mapping_is_expected_and_the_reverse_are_told() -> None:
    assert "des clés et leurs valeurs" in only_problem("- title").text
    assert "une liste est attendue" in only_problem("title: T\ncities: {code: a}\n").text


@pytest.mark.parametrize(
    ("text", "line", "advice"),
    [
        ("title: a: b\n", 1, "mettez le texte entre guillemets"),
        ("title: T\n\tcities: []\n", 2, "une tabulation"),
        ('title: "T\n', 1, "n’est pas refermé"),
        ("title: T\n---\ntitle: U\n", 2, "plusieurs documents"),
        ("title: &t T\nother: *t\n", 1, "repères YAML"),
        ("title: *t\n", 1, "renvois YAML"),
        ("title: [a, b\ncities: []\n", 2, "crochet n’est pas refermé"),
        ("cities:\n  - code: a\n - code: b\n", 3, "alignez cette ligne"),
    ],
)
def test_wrong_yaml_is_told_with_its_line_and_column(text: str, line: int, advice: str) -> None:
    problem = only_problem(text)
    assert problem.line == line
    assert advice in problem.text
    assert "colonne" in problem.text or "tabulation" in problem.text


def test_a_yaml_tag_is_refused_and_nothing_is_run() -> None:
    assert "étiquette YAML" in problems_of("title: !!python/name:os.system x\n")[0].text


def test_a_file_nested_without_end_is_refused() -> None:
    assert "imbriqués" in only_problem("title: " + "[" * 5000 + "]" * 5000).text


def test_hidden_characters_are_refused() -> None:
    assert "caractère invisible" in problems_of('title: "a\\0b"\n')[0].text
    assert "caractère invisible" in only_problem("title: T\ncities: \x07\n").text


def write(folder: Path, content: bytes) -> Path:
    path = folder / "projet.yaml"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "fichier vide"),
        (b"# seulement un commentaire\n", "fichier vide"),
        ("title: Démocratie\n".encode() + "theme: été\n".encode("cp1252"), r"ligne 2.*UTF-8"),
        (b"title: " + bytes(range(128, 255)), "encodage"),
        (b"title: " + b"a" * MAX_BYTES, "trop gros"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, advice: str) -> None:
    with pytest.raises(InvalidFile, match=advice):
        read_yaml(write(tmp_path, content), Collective)


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match="introuvable"):
        read_yaml(tmp_path / "absent.yaml", Collective)
    with pytest.raises(InvalidFile, match="dossier"):
        read_yaml(tmp_path, Collective)


def test_a_byte_order_mark_is_no_trouble(tmp_path: Path) -> None:
    path = write(tmp_path, "title: Démocratie".encode("utf-8-sig"))
    assert read_yaml(path, Collective).title == "Démocratie"


def test_an_invalid_file_is_a_refusal_that_stays_short() -> None:
    refusal = InvalidFile([Problem("f.yaml", line, "", "à corriger") for line in range(1, 31)])
    assert isinstance(refusal, Refusal)
    assert len(refusal.problems) == 30
    assert str(refusal).splitlines()[-1] == "… et 10 autres à corriger ensuite."


def test_a_shape_is_told_in_words_and_never_as_a_pattern() -> None:
    problem = problems_of('title: T\ncities:\n  - {code: "abc"}\n')[0]
    assert problem.text == typeset("« abc » n’a pas la forme attendue ; corrigez la valeur")
    text = "number: '1'\nsession_date: 2026-11-20\nsubject: Charte\nmatter_code: '7.10.2'\nprefecture_id: P\n"
    with pytest.raises(InvalidFile) as refused:
        read_yaml_text(text, CouncilDeliberation, file="acte.yaml")
    told = str(refused.value)
    assert ("7.10 (nomenclature ACTES)" in told, "PREF078" in told, "\\d" in told) == (True, True, False)
