"""What is wrong in a file or a request is told in French, in its reader's words, with its field and what to write."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core._pydantic_core import list_all_errors

import web.api.application  # noqa: F401 -- its bodies are all known once it is loaded
from commands.failures import describe
from models.action_plan import _Plan
from models.council_deliberation import CouncilDeliberation
from models.field_error import field_name, in_french
from models.invalid_file import InvalidFile, Problem
from models.lifecycle import Lifecycle
from models.project_file import PartyEntry, PeopleEntry, ProjectFile
from models.refusal import typeset
from models.yaml_file import read_yaml_text
from settings import Settings
from web.api.field_words import field_words
from web.api.values import Asked

ENGLISH = re.compile(
    r"\b(should|valid|input|field|required|string|must|value|error|expected|found|not|the|at least|at most|greater|"
    r"less|unable|parse|pars\w+ing|allowed|permitted|type|items?|after|with|while|scanning|mapping|token|boolean|"
    r"integer|None|True|False|dict|list)\b"
)
MACHINE = re.compile(r"tag:yaml|\\d|\[0|\[a-|\(\?|[\^$]|<class|\{'|\['|Error\b")
ADVICE = re.compile(
    r"(ajoutez|alignez|allez|choisissez|complétez|corrigez|donnez|écrivez|effacez|gardez|indiquez|mettez|raccourcissez|"
    r"récrivez|recopiez|relisez|remplissez|retapez|retirez|simplifiez|supprimez|tapez|utilisez|vérifiez)"
)
KEYS = re.compile(r"(celles-ci|ces valeurs)\s: [^;]*")
"""What a file may hold is English: its keys and its choices."""

WHOLE_LINE = re.compile("^écriture incorrecte|apez|une seule échéance")
"""What is told of a line, or of the part of a file that is read here as a whole one."""


def assert_is_for_people(sentence: str) -> None:
    told = KEYS.sub("", re.sub(r"«[^»]*»", "", sentence))
    assert not ENGLISH.search(told), sentence
    assert not MACHINE.search(told), sentence
    assert ADVICE.search(re.split(r"\s[;:] ", sentence, maxsplit=1)[-1]), sentence


FILES = (ProjectFile, PartyEntry, PeopleEntry, CouncilDeliberation, _Plan, Lifecycle)


def parts_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and those that its fields are made of."""
    yield model
    for field in model.model_fields.values():
        for inner in models_in(field.annotation):
            yield from parts_of(inner)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from models_in(argument)


def below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from below(each)


OF_FILES = sorted({part for model in FILES for part in parts_of(model)}, key=lambda each: each.__name__)
OF_REQUESTS = sorted(
    {part for model in (*below(Asked), ProjectFile) for part in parts_of(model)},
    key=lambda each: each.__name__,
)

WRITTEN = (
    *("", "~", "oui", "no", "12", "-1", "01053", "12:30", "1.5", ".inf", ".nan", "1e999", "9" * 30, "1_000", "0x1F"),
    *("2021-02-30", "2021-07-12", "12/07/2021", "2021–07–12", "[]", "[a]", "[[1]]", "[{}]", "{}", "{clé: 1}", "7.10.2"),
    *('""', '"   "', "texte", "x" * 6000, '"a\u00a0b"', "“x”", "« x »", "x\u200by", "!!python/name:os.system x"),
    *("*a", "&a", "2021-07-12 10:00", "@x", "a: b", "- a", '"x', "'x", "{x", "[x", "signataire", '"\\q"', "a@b"),
    *("Approuvé", "zoé@x.example"),
)  # fmt: skip
SENT: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**30,
        float("inf"),
        float("nan"),
        "",
        "   ",
        "texte",
        "x" * 6000,
        [],
        ["a"],
    ),
    *(
        [[1]],
        [{}],
        {},
        {"clé": 1},
        "7.10.2",
        "2021-02-30",
        "2021-07-12T10:00:00",
        "12/07/2021",
        "\ud800",
        "a\0b",
        "{",
    ),
    *("signataire", "peut-être", "a@b", "9" * 5000, "2021-07-12T10:00:00Z"),
)


@pytest.mark.parametrize("model", OF_FILES, ids=lambda each: each.__name__)
def test_each_wrong_value_of_a_file_is_told_to_its_writer(model: type[BaseModel]) -> None:
    told = 0
    for name, field in model.model_fields.items():
        key = field.alias or name
        for value in WRITTEN:
            for problem in problems_of(f"{key}: {value}\n", model):
                told += 1
                assert_is_for_people(problem.text)
                assert "corrigez la valeur" not in problem.text, f"{key} has no words in SHAPES"
                assert problem.field or WHOLE_LINE.search(problem.text), problem
                assert str(problem).startswith("fichier.yaml, ligne")
    assert told > 10 * len(model.model_fields)


@pytest.mark.parametrize("model", OF_FILES, ids=lambda each: each.__name__)
def test_what_is_no_part_of_a_file_is_told_too(model: type[BaseModel]) -> None:
    for text in (
        "couleur: bleu\n",
        "- a\n",
        "texte\n",
        "~\n",
        "12\n",
        '"a"\n',
        "? [a]\n: b\n",
        "title: a\ntitle: b\n",
    ):
        for problem in problems_of(text, model):
            assert_is_for_people(problem.text)


def problems_of(text: str, model: type[BaseModel]) -> list[Problem]:
    try:
        read_yaml_text(text, model, file="fichier.yaml")
    except InvalidFile as refusal:
        return refusal.problems
    return []


@pytest.mark.parametrize("model", OF_REQUESTS, ids=lambda each: each.__name__)
def test_each_wrong_value_of_a_request_is_told_where_it_is(model: type[BaseModel]) -> None:
    bodies = [{field.alias or name: value} for name, field in model.model_fields.items() for value in SENT]
    for body in (*bodies, {"couleur": "bleu"}, [], "texte", None):
        try:
            model.model_validate(body)
        except ValidationError as refused:
            placed = [{**each, "loc": ("body", *each["loc"])} for each in refused.errors()]
            for pointer, sentence in field_words(placed, model):
                assert_is_for_people(sentence)
                assert "corrigez la valeur" not in sentence, f"{pointer} has no words in SHAPES"
                assert pointer.startswith("#")
                json.dumps(sentence).encode()


@pytest.mark.parametrize("known", list_all_errors(), ids=lambda each: each["type"])
def test_every_kind_of_error_has_its_sentence(known: Any) -> None:
    details = ErrorDetails(
        type=known["type"],
        loc=("code",),
        msg="Input should be valid",
        input="x",
        ctx=known.get("example_context") or {},
    )
    assert_is_for_people(in_french(details))


@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 20])
def test_each_wrong_setting_is_told_without_its_value(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.chdir("/")
    for name in Settings.model_fields:
        monkeypatch.setenv(f"PROJET_PARTAGE_{name.upper()}", value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    failure = describe(refused.value)
    assert failure is not None
    for line in failure.text.splitlines():
        assert line.startswith("Réglage incorrect, PROJET_PARTAGE_")
        assert_is_for_people(line.replace("(voyez «\u00a0.env.example\u00a0»)", "").partition("\u00a0: ")[2])
        assert len(value) < 2 or value not in line


def test_people_count_from_one() -> None:
    assert field_name(("stages", 1, "deliverables", 0, "act")) == "stages n° 2, deliverables n° 1, act"
    assert field_name(("x" * 300, "\u202e")) == f"{'x' * 80}…, \ufffd"


def test_choices_are_told_with_their_labels_which_are_understood() -> None:
    (problem,) = [
        each for each in problems_of("role: signataire\ncode: a\n", PartyEntry) if each.field == "role"
    ]
    assert problem.text == typeset(
        "valeur « signataire » inconnue ; écrivez l’une de ces valeurs : signatory (signataire), observer "
        "(observatrice) ; vouliez-vous dire « signatory » ?"
    )
