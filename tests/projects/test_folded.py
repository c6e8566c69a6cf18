"""Words are compared in one way: what people write otherwise while they mean the same does not count."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.folded import folded, folded_lines

APOSTROPHES = "'’‘ʼ′`´＇‛ʹꞌ"
DASHES = "-‐‑‒–—―−﹘﹣－"
SPACES = " \u00a0\u202f\u2009\u2007\u3000\t\u2003\u205f\n\u2028"
FORMS = ("NFC", "NFD", "NFKC", "NFKD")
WORDS = st.text(st.sampled_from("abcéèàçôïÿœæßİıŁøñ'-’ 09ÉΣς"), max_size=30)


@given(st.text())
@example("\ua8e8\u2060\U0001183a \ua9c0\u0333\U0001183a")
@example("İstanbul ŒUVRE ß ﬁn Å Σς ͅ")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(), st.sampled_from(FORMS))
def test_the_form_in_which_unicode_writes_a_letter_does_not_count(text: str, form: str) -> None:
    assert folded(unicodedata.normalize(form, text)) == folded(text)  # type: ignore[arg-type]


@given(WORDS, st.sampled_from(APOSTROPHES), st.sampled_from(DASHES), st.sampled_from(SPACES))
def test_apostrophes_dashes_and_spaces_are_all_alike(
    text: str, apostrophe: str, dash: str, space: str
) -> None:
    other = text.replace("’", "'").replace("'", apostrophe).replace("-", dash).replace(" ", space)
    assert folded(other) == folded(text)


@given(WORDS)
def test_case_does_not_count(text: str) -> None:
    assert folded(text.upper()) == folded(text.lower()) == folded(text.title()) == folded(text)


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E)))
def test_full_width_letters_are_letters(text: str) -> None:
    assert folded("".join(chr(ord(each) + 0xFEE0) for each in text)) == folded(text)


@given(st.lists(st.text(st.characters(exclude_characters="\n"))))
def test_lines_folded_at_once_are_the_lines_folded_one_by_one(lines: list[str]) -> None:
    assert folded_lines("\n".join(lines)) == ([folded(each) for each in lines] or [""])


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("L’Haÿ-les-Roses", "l hay les roses"),
        ("ŒUVRE, Æsop", "oeuvre aesop"),
        ("  À  bientôt ! ", "a bientot"),
        ("n° 12", "n 12"),
        ("STRASSE Straße STRAẞE", "strasse strasse strasse"),
        ("İzmir ızmir IZMIR", "izmir izmir izmir"),
        ("ﬁn ﬂot Ｎｉｏｒｔ", "fin flot niort"),
        ("Nguyễn Nguyê\u0303n", "nguyen nguyen"),
        ("Łódź Đà Nẵng Ørsted", "lodz da nang orsted"),
        ("so\u00adciété\u200b \u200eà\u202e", "societe a"),
        ("مُحَمَّد محـمد", "محمد محمد"),
        ("שָׁלוֹם", "שלום"),
        ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
        ("Ёлка ёлка", "елка елка"),
        ("कु क", "कु क"),
        ("水 と ガ", "水 と カ\u3099"),
        ("🎭🎭", ""),
        ("’ - « »", ""),
    ],
)
def test_words_are_folded(text: str, bare: str) -> None:
    assert folded(text) == bare


@pytest.mark.parametrize(
    ("one", "other"), [("leau", "l’eau"), ("कु", "क"), ("か", "が"), ("a", "b"), ("水", "火")]
)
def test_what_reads_differently_stays_different(one: str, other: str) -> None:
    assert folded(one) != folded(other)
