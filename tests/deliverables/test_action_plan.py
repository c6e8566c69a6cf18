"""The action plan is a file that says each action: its owner, its budget, its indicator and its dates."""

from datetime import date
from decimal import Decimal

import pytest

from models.action_plan import MAX_ACTIONS, PlannedAction, read_action_plan
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


@pytest.mark.parametrize("budget", ["-5", "cher", "1.234.567", "NaN", "inf", "1,2345"])
def test_what_is_not_an_amount_is_refused_at_its_line(budget: str) -> None:
    (problem,) = problems_of(f"{HEADER}\n{ROW}\n{ROW.replace('12500,50', budget)}\n")
    assert (problem.line, problem.field) == (3, "budget")


def test_an_action_ends_after_it_starts() -> None:
    (problem,) = problems_of(f"{HEADER}\n{ROW.replace('2022-12-31', '2022-02-28')}\n")
    assert (problem.line, problem.field) == (2, "echeance")
    assert "précède le début 2022-03-01" in problem.text
    (problem,) = problems_of(YAML.replace("2022-12-31", "2022-02-28"), "plan.yaml")
    assert (problem.line, problem.field) == (8, "actions[0].due_on")


def test_every_problem_of_a_plan_is_told_with_its_line_and_its_column() -> None:
    text = f"{HEADER}\n{ROW}\n\n;Service culture;1;;2022-03-01;31/12/2022\n"
    assert [(one.line, one.field) for one in problems_of(text)] == [
        (4, "titre"),
        (4, "indicateur"),
        (4, "echeance"),
    ]


def test_a_row_that_spans_two_lines_is_told_at_its_first() -> None:
    text = f'{HEADER}\n"Carte\nculture";A;1;B;2022-03-01;2022-12-31\n;A;1;B;2022-03-01;2022-12-31\n'
    (problem,) = problems_of(text)
    assert (problem.line, problem.field) == (4, "titre")


@pytest.mark.parametrize("day", ["1646092800", "01/03/2022", "2022-02-30", ""])
def test_a_date_is_year_month_day(day: str) -> None:
    (problem,) = problems_of(f"{HEADER}\n{ROW.replace('2022-03-01', day)}\n")
    assert (problem.line, problem.field) == (2, "debut")
    assert "2021-07-12" in problem.text


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
    assert problem.line == 1
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
