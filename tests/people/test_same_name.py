"""« The same address with another name is asked about, never guessed »: which names are the same."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.columns import LONGEST_LINE
from models.person_name import is_same_name, name_key

LETTERS = "abcdefghijklmnoprstuvyzàâäçéèêëîïôöùûüœæñ"
CIVILITIES = ("mr", "monsieur", "mme", "mlle", "madame", "mademoiselle")
WORD = st.text(LETTERS, min_size=2, max_size=12).filter(lambda word: word not in CIVILITIES)
WORDS = st.lists(WORD, min_size=2, max_size=4)
GAPS = st.sampled_from([" ", "  ", "-", "‐", "‑", "–", "'", "’", "\u00a0", "\u202f", ", "])
WRITTEN = st.sampled_from([str.upper, str.title, str.casefold, lambda text: text])
FORMS = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])
CIVILITY = st.sampled_from(["", "M. ", "Mme ", "Monsieur ", "madame ", "Mlle "])


@st.composite
def spellings(draw: st.DrawFn, words: list[str]) -> str:
    """Another way to write a name: case, form, order, what stands between the words, a civility."""
    ordered = draw(st.permutations(words))
    text = ordered[0] + "".join(draw(GAPS) + word for word in ordered[1:])
    return draw(CIVILITY) + unicodedata.normalize(draw(FORMS), draw(WRITTEN)(text))


@given(st.data(), WORDS)
def test_a_name_written_otherwise_is_the_same(data: st.DataObject, words: list[str]) -> None:
    plain = " ".join(words)
    assert is_same_name(plain, data.draw(spellings(words)))
    assert is_same_name(data.draw(spellings(words)), plain)


@given(st.data(), WORDS, WORDS)
def test_another_name_is_another(data: st.DataObject, one: list[str], other: list[str]) -> None:
    assume(name_key(" ".join(one)) != name_key(" ".join(other)))
    assert not is_same_name(data.draw(spellings(one)), data.draw(spellings(other)))


@given(st.text(max_size=LONGEST_LINE).filter(str.strip))
def test_any_text_is_the_same_as_itself_and_has_a_key_that_fits(name: str) -> None:
    assert is_same_name(name, f" {name} ")
    assert 0 < len(name_key(name)) <= LONGEST_LINE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Élodie D'Arc", "elodie d’arc"),
        ("Jérôme BALOGE", "M. Jérôme Baloge"),
        ("Malo Le Nouvel", "Le Nouvel, Malo"),
        ("Anne-Cœur de Lys", "Anne‑Coeur De Lys"),
        ("محمد العربي", "محمد  العربي"),
    ],
)
def test_the_same_person(one: str, other: str) -> None:
    assert is_same_name(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rose Guillou", "Malo Nouvel"),
        ("M. Martin", "Mme Martin"),
        ("Rose Guillou", "Rose Guillou-Nouvel"),
        ("🎉", "🎊"),
        ("Zoé Đặng", "Léo Đặng"),
    ],
)
def test_two_people(one: str, other: str) -> None:
    assert not is_same_name(one, other)
