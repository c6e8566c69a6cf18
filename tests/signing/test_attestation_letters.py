"""Whoever signs is named in the attestation in their own letters, or in ours when no font has them; nothing is lost."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from sample_attestation import NIORT_SIGNS

from notifications.attestation import attestation_pdf
from notifications.printable import printable

NOTHING = "\ufffd"


def read(**changes: str) -> str:
    """The words of the one page of the attestation."""
    (page,) = PdfReader(BytesIO(attestation_pdf(replace(NIORT_SIGNS, **changes)))).pages  # type: ignore[arg-type]
    return " ".join(page.extract_text().split())


def fonts(**changes: str) -> list[Any]:
    """Those that the attestation holds."""
    (page,) = PdfReader(BytesIO(attestation_pdf(replace(NIORT_SIGNS, **changes)))).pages  # type: ignore[arg-type]
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Hoài Thương",
        "Łukasz Żółć, Şükrü Işık, Đorđe",
        "Ελένη Παπαδοπούλου",
        "Наталья Щербакова",
        "Նարեկ Հակոբյան",
        "გიორგი ბერიძე",
        "ⴰⵎⴰⵣⵉⵖ",
        "Léa ♥ 😀",
    ],
)
def test_a_name_stands_in_its_own_letters(name: str) -> None:
    assert f"Signataire {name}, maire" in read(signed_by=name)


@pytest.mark.parametrize("name", ["محمد الأمين بن علي", "فاطمة الزهراء", "שלום כהן", "ߒߞߏ"])
def test_a_name_read_from_right_to_left_stands_in_its_own_letters(name: str) -> None:
    words = read(signed_by=f"{name} Amin")
    assert [word for word in name.split() if word not in words] == []
    assert "Amin, maire" in words
    assert NOTHING not in words


def test_arabic_letters_are_joined() -> None:
    """Each letter has the glyph of its place in the word: none is drawn alone."""
    tables = [each["/ToUnicode"].get_object().get_data().decode() for each in fonts(signed_by="ببب")]
    assert [table.count("<0628>") for table in tables if "<0628>" in table] == [3]  # initial, medial, final


def test_letters_and_marks_apart_are_the_same_letters_as_one() -> None:
    assert read(signed_by="Nguye\u0302\u0303n The\u0301re\u0300se") == read(signed_by="Nguyễn Thérèse")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("王小明", "[Wang Xiao Ming]"),
        ("Zoé 김", "Zoé [gim]"),
        ("🎭", "[performing arts]"),
        ("👩🏽‍🚒", "[woman, fire engine]"),
        ("🇫🇷", "FR"),
        ("\ue000", "[U+E000]"),
        ("a\u200bb\u202ec\u00add\ufeffe\ufe0f", "abcde"),
        ("a\ud800b\tc\x00", "ab c"),
    ],
)
def test_what_no_font_has_is_spelled(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
@example("مُحَمَّد नमस्ते ሰላም 👨‍👩‍👧 e\u0301 \ud83d \x1b")
def test_what_is_printed_is_made_of_letters_that_the_fonts_have(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown
    assert NOTHING not in shown


@settings(max_examples=5, deadline=None)
@given(st.text(max_size=300), st.text(max_size=120))
@example("😀🎭王ا" * 75, "👩🏽‍🚒" * 30)
def test_any_reason_and_any_name_make_one_page_without_a_replacement_sign(reason: str, name: str) -> None:
    words = read(reason=reason, signed_by=name)
    assert NOTHING not in words
    assert "elle ne remplace pas l’acte lui-même" in words


def test_the_other_letters_are_read_only_where_they_are_needed() -> None:
    assert [len(fonts()), len(fonts(signed_by="שלום"))] == [2, 3]


def test_the_same_name_gives_the_same_file() -> None:
    signed = replace(NIORT_SIGNS, signed_by="محمد שלום 王 😀")
    assert attestation_pdf(signed) == attestation_pdf(replace(signed))
