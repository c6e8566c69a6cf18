"""Tables are read however a spreadsheet saved them, and give back what was written in them."""

import csv
import io
import unicodedata

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from models.file_text import decode
from models.invalid_file import InvalidFile
from models.table_cells import LostDigits, guarded_cell, plain_cell, read_code
from models.table_file import Column, Most, Row, read_table

COLUMNS = (Column("code", "code"), Column("title", "titre", ("intitulé",)), Column("due", "échéance"))
MOST = Most(10, "partagez-le")
HEADER = ["Code", "Titre", "Échéance"]
FRENCH = "abcdefghijklmnoprstuvzABCDEJLMNPRSTV 0123456789éèêàçùôîÉÀ’«»œ.:!?-()&/'\n"

# What the oldest encodings tell apart by: a sentence of French, which any table of France has somewhere.
WITNESS = ["00000", "Éducation à l’image : « été » des élèves", "2028-01-01"]
CELL = st.text(st.sampled_from(FRENCH + ';,\t|"='), max_size=30)
TABLE = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=6)


def read(text: str) -> list[Row]:
    return read_table(text, COLUMNS, file="table.csv", most=MOST)


def saved(rows: list[list[str]], separator: str, line_end: str, quoting: int) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator=line_end, quoting=quoting).writerows(rows)
    return written.getvalue()


def values(rows: list[Row]) -> list[list[str]]:
    assert [row.problem for row in rows] == [None] * len(rows)
    return [list(row.cells.values()) for row in rows]


def normal(rows: list[list[str]]) -> list[list[str]]:
    """What is kept of cells: not the spaces around them, nor how their accents are made; no row without a word."""
    tidy = [[unicodedata.normalize("NFC", cell).strip() for cell in row] for row in rows]
    return [row for row in tidy if any(row)]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    rows=TABLE,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]),
    separator=st.sampled_from(";,\t|"),
    line_end=st.sampled_from(["\r\n", "\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    declares=st.booleans(),
    titles=st.integers(0, 3),
    empty_columns=st.integers(0, 2),
    order=st.permutations(range(3)),
)
@example([["1", "=2+2", "'"]], "utf-8", ";", "\n", csv.QUOTE_MINIMAL, True, 1, 2, [2, 0, 1])
def test_what_is_written_in_any_spreadsheet_is_read_again(
    rows, encoding, separator, line_end, quoting, declares, titles, empty_columns, order
) -> None:
    rows = [WITNESS, *rows]
    if line_end == "\r":
        quoting = csv.QUOTE_ALL  # the writer leaves the other line ends bare
    lines = [[f"Titre {rank} de la liste", *[""] * 2] for rank in range(titles)]
    lines += [[HEADER[place] for place in order]]
    lines += [[guarded_cell(row[place]) for place in order] for row in rows]
    lines = [[*line, *[""] * empty_columns] for line in lines]
    text = saved(lines, separator, line_end, quoting)
    if declares:
        text = f"sep={separator}{line_end}{text}"
    assert values(read(decode(text.encode(encoding), file="table.csv", by_line=True))) == normal(
        [[cell.replace("\r\n", "\n") for cell in row] for row in rows]
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=20))
def test_a_guarded_cell_begins_no_formula_and_is_taken_back(text: str) -> None:
    cell = guarded_cell(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not cell.startswith(("\t", "\r", "\n"))
    assert plain_cell(cell) == plain_cell(plain_cell(text) if cell == text else f"\u200b{text}")


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("'01053", "01053"),
        ('="01053"', "01053"),
        ("'=1+1", "=1+1"),
        ("'Ndrangheta", "'Ndrangheta"),
        ("\u00a0a\u00a0", "a"),
    ],
)
def test_what_keeps_a_cell_a_text_is_not_part_of_it(written: str, cell: str) -> None:
    assert plain_cell(written) == cell


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("38185.0", "38185"), ("38185,00", "38185"), ("200 040 715", "200040715"),
        ("200\u202f040\u202f715", "200040715"), ("2,00040715E+08", "200040715"), ("3.8185e4", "38185"),
        ("'01053", "01053"), ("2A004", "2A004"), ("1004", "1004"),
    ],
)  # fmt: skip
def test_a_code_is_read_out_of_what_a_spreadsheet_makes_of_it(written: str, code: str) -> None:
    assert read_code(written) == code


@pytest.mark.parametrize("written", ["2,0004E+08", "2E+08", "3,8E+04"])
def test_a_code_that_lost_digits_is_not_made_up(written: str) -> None:
    with pytest.raises(LostDigits, match="format « Texte »".replace(" ", r"\s")):
        read_code(written)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("code;titre\n1;a\n", 1, r"il manque dans l’en-tête la colonne.*échéance"),
        ("Liste\n\ncode;intitule\n1;a\n", 3, r"il manque"),
        ("code;titre;échéance;note\n1;a;b;c\n", 1, r"en trop la colonne.*note"),
        ("code;titre;titre;échéance\n1;a;b;c\n", 1, r"deux fois la colonne.*titre"),
        ("rien\nqui\nnomme\n", 1, r"aucune ligne ne nomme les colonnes.*code;titre;échéance"),
        ('code;titre;échéance\n1;a;b\n2;"a;b\n3;a;b\n4;a;b\n', 3, "guillemet"),
        ('"code;titre;échéance\n1;a;b\n', 1, "guillemet"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_once(text: str, line: int, told: str) -> None:
    with pytest.raises(InvalidFile, match=told) as caught:
        read(text)
    assert [problem.line for problem in caught.value.problems] == [line]


def test_a_row_that_overflows_the_header_is_told_and_a_blank_one_left_out() -> None:
    fine, long = read('sep=;\nCODE;Titre (court);Echeance;;\n1;"a\nb";c;;\n;;;;\n2;a;b;c;d\n')
    assert (fine.line, fine.cells) == (3, {"code": "1", "title": "a\nb", "due": "c"})
    assert (long.line, long.problem is not None) == (6, True)
    assert "5 cellules au lieu de 3" in str(long.problem)


def test_a_table_too_long_is_refused_before_its_rows_are_read() -> None:
    with pytest.raises(InvalidFile, match=r"11 lignes, 10 au plus.*partagez-le"):
        read("code;titre;échéance\n" + "1;a;b\n\n" * 11)


def test_the_own_name_of_a_column_comes_before_its_other_names() -> None:
    (row,) = read_table(
        "intitulé;titre;code;échéance\na;b;1;c\n", COLUMNS, file="table.csv", most=MOST, others=True
    )
    assert row.cells["title"] == "b"


# --- encodings ---

WORDS = ["Ambérieu-en-Bugey", "Montluçon", "Forêt", "Élèves", "Besançon, à côté", "Angoulême", "«Égalité»"]


@pytest.mark.parametrize("encoding", ["cp1252", "iso8859-15", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("word", WORDS)
def test_one_accented_word_tells_the_encoding(encoding: str, word: str) -> None:
    text = f"code;titre\n1;{word}\n"
    assert decode(text.encode(encoding), file="t.csv") == text


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_what_a_macintosh_or_dos_wrote_is_read_or_refused_never_misread(encoding: str) -> None:
    read = 0
    for word in WORDS:
        text = f"code;titre\n1;{word}\n"
        try:
            assert decode(text.encode(encoding), file="t.csv") == text
            read += 1
        except InvalidFile:
            continue
    assert read >= 4


def test_a_file_whose_encoding_is_in_doubt_says_what_to_do() -> None:
    with pytest.raises(InvalidFile, match=r"n’est pas reconnu.*UTF-8"):
        decode(bytes(range(128, 255)), file="t.csv")


def test_a_file_of_two_encodings_is_refused_at_the_line_that_differs() -> None:
    content = "code\r\nété\r\n".encode() + "été".encode("cp1252")
    with pytest.raises(InvalidFile, match=r"ligne 3"):
        decode(content, file="t.csv")
