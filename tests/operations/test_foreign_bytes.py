"""Whatever bytes come, each reader answers or refuses in a sentence, soon, and stays as it was (docs/fuzzing.md)."""

from importlib.util import find_spec

import pytest

from fuzz.__main__ import Round, play
from fuzz.judge import Fault, judge
from fuzz.readers import CORPUS, TARGETS, opened, seeds_of
from models.refusal import Refusal

SECONDS = 6


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_found_once_is_read_or_refused(name: str) -> None:
    kept = [each.read_bytes() for each in sorted((CORPUS / name).glob("*"))]
    with opened(name) as reader:
        for content in kept or seeds_of(name):
            judge(reader, content)


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Round]:
    """Every target, played for some seconds."""
    folder = tmp_path_factory.mktemp("fuzz")
    played = play(list(TARGETS), SECONDS, corpora=folder / "new", faults=folder / "faults")
    return {each.name: each for each in played}


@pytest.mark.trials
@pytest.mark.timeout(900)
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this machine")
@pytest.mark.parametrize("name", TARGETS)
def test_so_is_what_nobody_has_written_yet(rounds: dict[str, Round], name: str) -> None:
    played = rounds[name]
    assert played.is_kept, played.output[-6000:]
    assert played.inputs > 10


def test_a_crash_and_a_slow_answer_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def crashes(_content: bytes) -> None:
        raise KeyError(0)

    def lasts(_content: bytes) -> None:
        sum(number * number for number in range(1_000_000))

    def refuses(_content: bytes) -> None:
        raise Refusal("Ce fichier est vide : remplissez-le.")

    monkeypatch.setattr("fuzz.judge.LONGEST", 0.01)
    judge(refuses, b"")
    with pytest.raises(KeyError):
        judge(crashes, b"")
    with pytest.raises(Fault, match="seconds of processor"):
        judge(lasts, b"")
