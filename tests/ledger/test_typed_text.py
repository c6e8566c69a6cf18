"""One cleaning of every text: a line has no line ends and single spaces, a paragraph keeps its line ends."""

import unicodedata

import hypothesis
import hypothesis.strategies as st
import pytest

from models.typed_text import line, paragraph, shown

LINE_ENDS = ("\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
ODD = st.text(
    st.one_of(st.characters(), st.sampled_from("aé e\u0301\u200d\u200cب👩\u00a0\n\r\u202e\ufe0f🏽क्"))
)


@pytest.mark.parametrize("end", LINE_ENDS)
def test_no_line_end_glues_two_words(end: str) -> None:
    assert line(f"Réserve n° 1{end}À la ligne") == "Réserve n° 1 À la ligne"
    assert paragraph(f"Réserve n° 1{end}À la ligne") == "Réserve n° 1\nÀ la ligne"


@pytest.mark.parametrize(
    "sign", "\0\x07\x7f\x9f\u00ad\u061c\u200b\u200e\u202e\u2066\u3164\ud800\ue000\ufeff\U000e0041"
)
def test_what_nobody_sees_goes(sign: str) -> None:
    assert line(f"Nior{sign}t") == paragraph(f"Nior{sign}t") == "Niort"
    assert line(sign) == ""


KEPT = (
    "Nguyễn Thị Hồng",
    "محمد",
    "می\u200cخواهم",
    "क्\u200dष",
    "👩🏽\u200d⚕\ufe0f",
    "葛\U000e0100飾区",
    "œuvre — « été »",
    "À propos\u00a0: 100\u202f%",
)


@pytest.mark.parametrize("text", KEPT)
def test_what_people_are_called_stays(text: str) -> None:
    assert line(text) == paragraph(text) == text


def test_a_joiner_that_joins_nothing_goes() -> None:
    assert line("Ni\u200dort \u200dب e\u0301\u200cب") == "Niort ب éب"


def test_letters_are_composed() -> None:
    assert line("E\u0301tampes") == "Étampes"


def test_spaces_are_single_in_a_line_and_stay_in_a_paragraph() -> None:
    assert line("  a  b\t\u2003c \u00a0 d\u00a0\u00a0 ") == "a b c\u00a0d"
    assert paragraph(" a  b\n\n\tc ") == "a  b\n\n\tc"


@hypothesis.settings(max_examples=200, deadline=None, database=None, derandomize=True)
@hypothesis.given(ODD)
def test_clean_text_is_clean_for_good(text: str) -> None:
    for clean in (shown, line, paragraph):
        once = clean(text)
        assert clean(once) == once
        assert unicodedata.is_normalized("NFC", once)
    assert len(line(text).splitlines()) <= 1
    assert paragraph(text).splitlines() == (paragraph(text).split("\n") if paragraph(text) else [])
