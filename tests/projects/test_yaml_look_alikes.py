"""What word processors do to YAML, and all that libyaml finds wrong: told on the line that an editor shows."""

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.folded import folded
from models.invalid_file import InvalidFile, Problem
from models.project_file import ProjectFile
from models.refusal import typeset
from models.yaml_file import read_yaml_text

PROJECT = """# Le projet « eau »
title: "L'été d'à côté : arts & fêtes"
theme: culture   # le thème
period: {from: 2026-11-01, until: 2028-06-30}
calendar: {charter: 2027-01-15}
agency_agent: {name: 'Alix Martin-Été', email: alix.martin@anct.example}
parties:
  - code: "22113"
    role: signatory
    local_project: Fêtes d'ici
    local_contact: {name: "Rose Guillou", email: mairie@lannion.example}
    signatory:
      name: Malo Nouvel
      email: j.d'arc-roi@lannion.example
      quality: Maire
      shares_mailbox: true
  - {code: '94038', role: observer, name: L'Haÿ-les-Roses}
contractor:
  name: Coop
  siret: "73282932000074"
  contact: {name: Ada, email: ada@coop.example}
  amount_eur: 148500.50
"""
LOOK_ALIKES = {
    '"': "“”„«»″＂‟",
    "'": "‘’‚′＇´",
    "-": "–—−‐‑‒―－",
    " ": "\u00a0\u202f\u2009\u2007\u3000\t",
    ":": "：﹕∶",
    ",": "，‚،﹐",
    "{": "｛",
    "}": "｝",
    "\n": "\u2028\u2029\x85\x0b\x0c\r",
    ".": "․…。",
    "@": "＠",
    "#": "＃",
}
PLACES = [(place, sign) for place, char in enumerate(PROJECT) for sign in LOOK_ALIKES.get(char, "")]


def read(text: str) -> Any:
    return folded_words(read_yaml_text(text, ProjectFile, file="projet.yaml").model_dump(mode="json"))


def folded_words(data: Any) -> Any:
    """Texts as they are compared, but addresses, where every sign counts."""
    if isinstance(data, dict):
        return {key: folded_words(value) for key, value in data.items()}
    if isinstance(data, list):
        return [folded_words(value) for value in data]
    return folded(data) if isinstance(data, str) and "@" not in data else data


def read_or_lines(text: str) -> tuple[Any, list[int | None] | None]:
    try:
        return read(text), None
    except InvalidFile as refusal:
        return None, [problem.line for problem in refusal.problems]


def problems_of(text: str) -> list[Problem]:
    with pytest.raises(InvalidFile) as refused:
        read(text)
    return refused.value.problems


@settings(max_examples=300, deadline=None)
@example((PROJECT.index("\ntitle"), "\u2028"))
@given(st.sampled_from(PLACES))
def test_a_look_alike_reads_the_same_or_is_told_on_its_line(place: tuple[int, str]) -> None:
    position, sign = place
    line = PROJECT.count("\n", 0, position) + 1
    data, lines = read_or_lines(PROJECT[:position] + sign + PROJECT[position + 1 :])
    if lines is None:
        assert data == read(PROJECT)
    elif sign not in "\u2028\u2029\x85":
        assert set(lines) == {line}
    else:  # in a comment, the line that it glues to it leaves its own key missing
        assert line in lines


@pytest.mark.parametrize(
    ("before", "after", "line", "told"),
    [
        ("title: ", "title:\u00a0", 2, "une espace insécable se trouve après le deux-points ; effacez-la"),
        ("parties:\n", "parties:\u00a0\n", 7, "une espace insécable se trouve après le deux-points"),
        ("    role", "\u00a0   role", 9, "une espace insécable se trouve en début de ligne"),
        (
            "    role",
            "\t role",
            9,
            "une tabulation se trouve en début de ligne ; effacez-la et tapez des espaces",
        ),
        ("  - code", "  – code", 8, "le tiret « – » n’est pas celui d’une liste ; retapez « - »"),
        ('"22113"', "“22113”", 8, "un guillemet typographique (“ ”) tient lieu de guillemet droit"),
        ('"22113"', "« 22113 »", 8, "un guillemet typographique (« ») tient lieu de guillemet droit"),
        ("'94038'", "‘94038’", 17, "un guillemet typographique (‘ ’) tient lieu de guillemet droit"),
        ('Guillou"', "Guillou”", 11, "un guillemet typographique (“ ”) tient lieu de guillemet droit"),
        ("role: signatory", "role: signa–tory", 9, "contient le tiret « – »"),
        ("2027-01-15", "2027–01–15", 5, "contient le tiret « – »"),
        ("culture   #", "culture\u00a0#", 3, "une espace insécable se trouve avant un commentaire"),
        ("\nparties", "\u2028parties", 6, "un séparateur de lignes invisible se trouve ici"),
        ("\ncalendar", "\x0bcalendar", 4, "caractère invisible interdit (une tabulation verticale)"),
        ("signatory:\n", "signatory: &qui\n", 12, "les repères YAML (« &nom ») ne sont pas permis"),
        (
            "Coop",
            "!!python/name:os.system x",
            19,
            "l’étiquette YAML « !!python/name:os.system » n’est pas permise",
        ),
        ("Coop", "!!binary aGk=", 19, "l’étiquette YAML « !!binary » n’est pas permise"),
        ("theme: culture", "theme: 12:30", 3, "« 12:30 » sans guillemets n’est pas lu comme vous l’écrivez"),
        ("theme: culture", "theme: no", 3, "mettez le mot entre guillemets"),
        ("148500.50", ".inf", 22, "« .inf » sans guillemets n’est pas lu comme vous l’écrivez"),
        ("148500.50", "9" * 40, 22, "sans zéro devant, dix-huit au plus"),
    ],
)
def test_each_sign_is_named_with_what_to_type(before: str, after: str, line: int, told: str) -> None:
    assert before in PROJECT
    problems = problems_of(PROJECT.replace(before, after, 1))
    assert {problem.line for problem in problems} == {line}
    assert typeset(told) in typeset(problems[0].text)


def test_french_quotes_and_dashes_are_welcome_in_a_text() -> None:
    for title in (
        "« Les Assises » de la culture",
        "L’eau – calme",
        "Fêtes “d’ici” et d’ailleurs",
        "Eau\u00a0; calme",
    ):
        text = PROJECT.replace("\"L'été d'à côté : arts & fêtes\"", title)
        assert read_yaml_text(text, ProjectFile, file="projet.yaml").title == title


def test_all_the_other_faults_are_told_beside_the_signs() -> None:
    text = PROJECT.replace("theme: culture", "theme:\u00a0culture").replace("observer", "maire")
    assert [problem.line for problem in problems_of(text)] == [3, 17]


FAULTS = [
    ("%YAML 1.1\n%YAML 1.1\n--- a", 2, "« % »"),
    ("%YAML 2.0\n---\na", 1, "« % »"),
    ("%FOO a\n--- a", 1, "« % »"),
    ("%YAML x\n--- a", 1, "« % »"),
    ("a: b\n...\nc", 3, "« ... »"),
    ("a: b\n---\nc: d", 2, "plusieurs documents"),
    ("a: !<x", 1, "étiquette YAML"),
    ("a: !x!y z", 1, "étiquette YAML"),
    ("a: !%zz b", 1, "étiquette YAML"),
    ("a: !!set {x}", 1, "étiquette YAML « !!set »"),
    ("a: &", 1, "ne peut pas commencer par « & » ou « * »"),
    ("é: * b", 1, "ne peut pas commencer par « & » ou « * »"),
    ("a: *b", 1, "recopiez la valeur"),
    ("a: |0\n  x", 1, "« | » ou « > »"),
    ("a: >x\n  y", 1, "« | » ou « > »"),
    ('a: "\\q"', 1, "barre oblique inverse"),
    ('a: "\\xZZ"', 1, "barre oblique inverse"),
    ('a: "\\uD800"', 1, "barre oblique inverse"),
    ('a: "x\n---\ny"', 1, "n’est pas refermé"),
    ("b: c\na: 'x\n", 2, "n’est pas refermé"),
    ("- a\nb: c", 2, "alignement"),
    ("a:\n  b\n c: d", 3, "deux-points"),
    ("a\nb: c", 2, "deux-points"),
    ("a: - b", 1, "un tiret n’a pas sa place"),
    ("a: ? b", 1, "« ? »"),
    ("a: {b: c\n", 2, "n’est pas refermé (il s’ouvre ligne 1)"),
    ("a: [b}", 1, "n’est pas refermé"),
    ("a: @x", 1, "ne peut pas commencer par « @ »"),
    ("a: b\rc: %x", 2, "ne peut pas commencer par « % »"),
    ("a: b\r\nc: `x", 2, "ne peut pas commencer par « ` »"),
    ("a: }", 1, "le signe « } » est de trop"),
    ('a: "b" c', 1, "du texte suit un guillemet"),
    ("- a: b\n  c", 2, "le deux-points manque"),
    ("a: |\n   x\n  y\n z", 3, "alignement"),
    ("? [a, b]\n: c", 1, "une clé doit être un mot simple"),
    ("a: é\u2028b: c: d\nb: c", 1, "séparateur de lignes"),
    ("a: é\x80", 1, "caractère invisible"),
    ("b\r\nc: é\uffff", 2, "caractère invisible"),
]


@pytest.mark.parametrize(("text", "line", "told"), FAULTS)
def test_each_fault_of_the_parser_is_told_in_french(text: str, line: int, told: str) -> None:
    problem = problems_of(text)[0]
    assert (problem.line, typeset(told) in typeset(problem.text)) == (line, True), problem
    assert not re.search(r"\b(expected|found|while|token|mapping)\b|tag:yaml", problem.text)
    assert ";" in problem.text


def test_long_runs_of_signs_are_read_in_a_moment() -> None:
    """A pattern that reads such a line twice from each place would take hours."""
    for piece in ("\u00a0", ": ‘", ', "', "{\u00a0", "a:\u00a0", "\u200b#", " #\u2028a:", "\n\u00a0", "‘a’a"):
        assert problems_of(f"title: {piece * (60_000 // len(piece))}x\n\u00a0")
