"""The action plan is a file that says each action: its owner, its budget, its indicator and its dates."""

import csv
import io
import re
from datetime import date
from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from models.action_plan import MAX_ACTIONS, PlannedAction, read_action_plan
from models.amount_text import amount_fault, read_amount
from models.day_text import day_fault, read_day
from models.invalid_file import InvalidFile, Problem

HEADER = "titre;porteur;budget;indicateur;debut;echeance"
ROW = "Carte culture;Service culture;12500,50;Cartes remises;2022-03-01;2022-12-31"
CARD = PlannedAction(
    title="Carte culture",
    owner="Service culture",
    budget_eur=Decimal("12500.50"),
    indicator="Cartes remises",
    starts_on=date(2022, 3, 1),
    due_on=date(2022, 12, 31),
)

YAML = """
actions:
  - title: Carte culture
    owner: Service culture
    budget_eur: 12500.50
    indicator: Cartes remises
    starts_on: 2022-03-01
    due_on: 2022-12-31
"""


def problems_of(text: str, filename: str = "plan.csv") -> list[Problem]:
    with pytest.raises(InvalidFile) as refused:
        read_action_plan(text.encode(), filename)
    return refused.value.problems


def test_a_plan_in_yaml_and_the_same_in_csv_say_the_same() -> None:
    assert read_action_plan(YAML.encode(), "plan.yaml") == [CARD]
    assert read_action_plan(f"{HEADER}\n{ROW}\n".encode(), "plan.csv") == [CARD]


def test_a_csv_may_use_commas_a_byte_order_mark_and_windows_line_ends() -> None:
    header = HEADER.replace(";", ",")
    text = f'{header}\r\nCarte culture,Service culture,"12500,50",Cartes remises,2022-03-01,2022-12-31\r\n'
    assert read_action_plan(text.encode("utf-8-sig"), "plan.CSV") == [CARD]


def test_a_csv_may_order_and_accent_its_columns_as_it_likes() -> None:
    text = (
        "Échéance;Titre;Porteur;Budget;Indicateur;Début\n2022-12-31;Carte culture;Service culture;12500.50;"
    )
    assert read_action_plan(f"{text}Cartes remises;2022-03-01\n".encode(), "plan.csv") == [CARD]


@pytest.mark.parametrize("budget", ["12 500,50", "12 500,50 €", "12500.50"])
def test_a_budget_is_read_as_people_write_it(budget: str) -> None:
    text = f"{HEADER}\n{ROW.replace('12500,50', budget)}\n"
    assert read_action_plan(text.encode(), "plan.csv")[0].budget_eur == Decimal("12500.50")


def test_a_budget_may_be_unknown() -> None:
    text = f"{HEADER}\n{ROW.replace('12500,50', '')}\n"
    assert read_action_plan(text.encode(), "plan.csv")[0].budget_eur is None


@pytest.mark.parametrize("budget", ["-5", "cher", "1.234", "NaN", "inf", "1,2345"])
def test_what_is_not_an_amount_is_refused_at_its_line(budget: str) -> None:
    (problem,) = problems_of(f"{HEADER}\n{ROW}\n{ROW.replace('12500,50', budget)}\n")
    assert (problem.line, problem.field) == (3, "budget")


def test_an_action_ends_after_it_starts() -> None:
    (problem,) = problems_of(f"{HEADER}\n{ROW.replace('2022-12-31', '2022-02-28')}\n")
    assert (problem.line, problem.field) == (2, "echeance")
    assert "précède le début 2022-03-01" in problem.text
    (problem,) = problems_of(YAML.replace("2022-12-31", "2022-02-28"), "plan.yaml")
    assert (problem.line, problem.field) == (8, "actions n° 1, due_on")


def test_every_problem_of_a_plan_is_told_with_its_line_and_its_column() -> None:
    text = f"{HEADER}\n{ROW}\n\n;Service culture;1;;2022-03-01;fin 2022\n"
    assert [(one.line, one.field) for one in problems_of(text)] == [
        (4, "titre"),
        (4, "indicateur"),
        (4, "echeance"),
    ]


def test_a_row_that_spans_two_lines_is_told_at_its_first() -> None:
    text = f'{HEADER}\n"Carte\nculture";A;1;B;2022-03-01;2022-12-31\n;A;1;B;2022-03-01;2022-12-31\n'
    (problem,) = problems_of(text)
    assert (problem.line, problem.field) == (4, "titre")


@pytest.mark.parametrize("day", ["1646092800", "2022-02-30", ""])
def test_a_date_is_told_how_it_is_written(day: str) -> None:
    (problem,) = problems_of(f"{HEADER}\n{ROW.replace('2022-03-01', day)}\n")
    assert (problem.line, problem.field) == (2, "debut")
    assert re.search("20[0-9]{2}-[0-9]{2}-[0-9]{2}", problem.text)


@pytest.mark.parametrize("text", [f"{HEADER}\n", f"{HEADER}\n\n;;;;;\n"])
def test_a_plan_without_an_action_is_refused(text: str) -> None:
    assert "aucune action" in problems_of(text)[0].text


def test_a_plan_in_yaml_without_an_action_is_refused() -> None:
    assert problems_of("actions: []\n", "plan.yaml")[0].field == "actions"
    assert problems_of("titre: rien\n", "plan.yml")[0].line == 1


def test_a_plan_has_a_reasonable_number_of_actions() -> None:
    rows = "\n".join([ROW] * (MAX_ACTIONS + 1))
    assert f"{MAX_ACTIONS} au plus" in problems_of(f"{HEADER}\n{rows}\n")[0].text


@pytest.mark.parametrize(
    "header", ["titre;porteur", f"{HEADER};extra", HEADER.replace("porteur", "titre"), "\ufeff"]
)
def test_a_header_that_is_not_the_one_expected_is_refused(header: str) -> None:
    (problem,) = problems_of(f"{header}\n{ROW}\n")
    assert problem.line == (1 if header.strip("\ufeff") else 2)
    assert HEADER in problem.text


@pytest.mark.parametrize("cells", [f"{ROW};de trop", '"pas refermé;' + ROW])
def test_a_row_that_does_not_fit_the_columns_is_refused(cells: str) -> None:
    (problem,) = problems_of(f"{HEADER}\n{cells}\n")
    assert problem.line == 2
    assert "guillemet" in problem.text


def test_a_row_cut_short_lacks_what_comes_last() -> None:
    (problem,) = problems_of(f"{HEADER}\n{ROW.rsplit(';', 1)[0]}\n")
    assert (problem.line, problem.field) == (2, "echeance")


def test_another_kind_of_file_is_refused() -> None:
    assert ".yaml ou .csv" in problems_of("%PDF-1.7", "plan.pdf")[0].text


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig", "mac_roman"])
def test_a_plan_is_read_in_the_encoding_a_spreadsheet_saved_it_in(encoding: str) -> None:
    text = f"{HEADER}\nDébat citoyen;Régie;1;Élèves;2022-03-01;2022-12-31\n"
    assert read_action_plan(text.encode(encoding), "plan.csv")[0].title == "Débat citoyen"


# --- As a spreadsheet writes it ---

NAMES = {
    "titre": ["titre", "Intitulé", "Action", "TITRE DE L'ACTION"],
    "porteur": ["porteur", "Porteur", "Responsable", "Pilote"],
    "budget": ["budget", "Budget (€)", "Coût prévisionnel", "Budget (en euros, TTC)"],
    "indicateur": ["indicateur", "Indicateur(s)", "Indicateur de suivi"],
    "debut": ["debut", "Début", "DATE DE DEBUT", "Début (jj/mm/aaaa)"],
    "echeance": ["echeance", "Échéance", "E\u0301che\u0301ance", "Date de fin"],
}
DAYS = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d.%m.%Y", "%Y-%m-%d 00:00:00", "%d/%m/%Y 00:00"]
WORDS = st.text(
    st.sampled_from("abcdeéèàçôÉÀ’«»;,\t|\"='!?:-+@0123456789 \n"), min_size=1, max_size=25
).filter(lambda text: text.strip())


@st.composite
def plans(draw: st.DrawFn) -> list[PlannedAction]:
    days = st.dates(date(2000, 1, 1), date(2099, 12, 31))
    cents = st.none() | st.integers(0, 10**9)
    read = []
    for _ in range(draw(st.integers(1, 4))):
        since, until = sorted((draw(days), draw(days)))
        budget = draw(cents)
        read.append(
            PlannedAction(
                title=f"É{draw(WORDS)}", owner=f"é{draw(WORDS)}", indicator=f"à{draw(WORDS)}",
                budget_eur=None if budget is None else Decimal(budget) / 100, starts_on=since, due_on=until,
            )
        )  # fmt: skip
    return read


def amount(value: Decimal | None, style: str) -> str:
    """An amount to the cent, with spaces, points or apostrophes between the thousands, or none."""
    if value is None:
        return ""
    mark, decimal, end = {"fr": ("\u202f", ",", " €"), "de": (".", ",", "\u00a0€"), "plain": ("", ".", ""),
                          "en": (",", ".", ""), "ch": ("’", ".", " EUR")}[style]  # fmt: skip
    return f"{value:,.2f}".replace(",", "_").replace(".", decimal).replace("_", mark) + end


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.data())
def test_a_plan_reads_the_same_however_a_spreadsheet_saves_it(data: st.DataObject) -> None:
    plan = data.draw(plans())
    style, day = (
        data.draw(st.sampled_from(["fr", "de", "en", "ch", "plain"])),
        data.draw(st.sampled_from(DAYS)),
    )
    order = data.draw(st.permutations(range(6)))
    rows = [[data.draw(st.sampled_from(names)) for names in NAMES.values()]]
    rows += [
        [each.title, each.owner, amount(each.budget_eur, style), each.indicator, f"{each.starts_on:{day}}",
         f"{each.due_on:{day}}"]
        for each in plan
    ]  # fmt: skip
    titles = [
        [title]
        for title in data.draw(st.lists(st.sampled_from(["Plan d’été", "", "Ville : Niort"]), max_size=3))
    ]
    empty = [""] * data.draw(st.integers(0, 2))
    written = io.StringIO()
    separator, quoting = (
        data.draw(st.sampled_from(";,\t|")),
        data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    writer = csv.writer(written, delimiter=separator, quoting=quoting, lineterminator="\r\n")
    writer.writerows(titles + [[row[place] for place in order] + empty for row in rows])
    text = (f"sep={separator}\r\n" if data.draw(st.booleans()) else "") + written.getvalue()
    encodings = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]
    try:
        text.encode("cp1252")
        encodings.append("cp1252")
    except UnicodeEncodeError:
        pass
    content = text.encode(data.draw(st.sampled_from(encodings)))
    assert read_action_plan(content, "plan.csv") == plan


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12 000,50 €", "12000.50"), ("12000.0", "12000"), ("12\u202f000", "12000"), ("1.250,00", "1250"),
        ("€ 12", "12"), ("1,250.5", "1250.5"), ("1.234.567", "1234567"), ("12'000", "12000"),
        ("1,25005E+04", "12500.5"), ("0", "0"),
        ("1,20000E+04", "12000"), ("12500,000", "12500"), ("0.250", "0.25"), ("12000 euros", "12000"),
    ],
)  # fmt: skip
def test_an_amount_is_read_when_it_has_one_reading(cell: str, value: str) -> None:
    assert read_amount(cell) == Decimal(value)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("1.250", "se lit 1250 ou 1,25"), ("1,250", "se lit 1250 ou 1,25"), ("1,2E+04", "perdre des chiffres"),
        ("12 k€", "en milliers"), ("1,2 million", "en milliers"), ("12 50", "pas un montant"),
        ("1 2000", "pas un montant"), ("12,345,67", "pas un montant"),
        ("12000 € HT", "pas un montant"), ("0,001", "pas un montant"),
        ("9" * 99, "pas un montant"), ("n.c.", "laissez la case vide"), ("1" * 9000 + "e9", "pas un montant"),
    ],
)  # fmt: skip
def test_an_amount_in_doubt_is_told_what_to_write(cell: str, told: str) -> None:
    assert read_amount(cell) is None
    fault = amount_fault(cell)
    assert told in fault
    assert len(fault) < 250


@pytest.mark.parametrize(
    "cell",
    ["31/03/2027", "31/3/27", "31.03.2027", "31 mars 2027", "31-mars-27", "2027-03-31", "2027-03-31T00:00:00",
     "le mercredi 31 mars 2027", "mer. 31/03/2027", "mercredi 31/03/27", "31 MARS 2027",
     "2027/03/31", "31/mars/2027", "2027-3-31"],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(cell: str) -> None:
    assert read_day(cell) == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("46477", "laissée en nombre par le tableur ; mettez la colonne au format « Date »"),
        ("46477,25", "laissée en nombre"), ("03/31/2027", "met le mois avant le jour"), ("31 mars", "n’a pas d’année"),
        ("31/03", "n’a pas d’année"), ("mars 2027", "n’a pas de jour"), ("fin 2027", "n’a pas de jour"),
        ("T1 2027", "n’a pas de jour"), ("31/04/2027", "un jour qui n’existe pas"),
        ("mardi 31 mars 2027", "un jour qui n’existe pas"),
        ("31 mrs 2027", "« mrs » n’est pas un mois"),
        ("31/03/1927", "de 2000 à 2099"), ("27-03-31", "ne se lit pas"), ("2027-03-31 14:30", "ne se lit pas"),
    ],
)  # fmt: skip
def test_a_day_in_doubt_is_told_what_to_write(cell: str, told: str) -> None:
    assert read_day(cell) is None
    assert told in day_fault(cell)


def test_what_is_wrong_on_every_line_is_told_once_with_its_lines() -> None:
    rows = "\n".join(f"A{n};B;{n};C;{46000 + n};{46100 + n}" for n in range(1, 31))
    with pytest.raises(InvalidFile) as refused:
        read_action_plan(f"{HEADER}\n{rows}\nA;B;cher;C;2027-01-01;2027-02-01\n".encode(), "plan.csv")
    every, one = str(refused.value).replace("\u00a0", " ").splitlines()
    assert every.startswith(
        "plan.csv, lignes 2 à 31, champs debut et echeance : par exemple, « 46001 » est une date"
    )
    assert one.startswith("plan.csv, ligne 32, champ budget : « cher »")


@pytest.mark.parametrize("cell", ["########", "#REF!", "#N/A", "#VALEUR!", "Err:502"])
def test_what_a_spreadsheet_writes_in_place_of_a_value_is_refused(cell: str) -> None:
    (problem,) = problems_of(f"{HEADER}\n{ROW.replace('Carte culture', cell)}\n")
    assert (problem.line, problem.field) == (2, "titre")


def test_a_budget_in_thousands_is_not_read_as_euros() -> None:
    (problem,) = problems_of(f"{HEADER.replace('budget', 'Budget (k€)')}\n{ROW}\n")
    assert "il manque dans l’en-tête la colonne « budget »" in problem.text
    assert "en trop la colonne « Budget (k€) »" in problem.text
