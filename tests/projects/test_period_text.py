"""The period of a project, as lists give it: months, days or years, in words or numbers; never guessed."""

from datetime import date

import pytest

from models.period_text import UnreadablePeriod, read_period


@pytest.mark.parametrize(
    "text",
    [
        "Sep. 2021-Dec.2022",
        "Sep. 2021- Dec.2022",
        " sept 2021 – déc. 2022 ",
        "Septembre 2021 - Décembre 2022",
        "SEPTEMBER 2021—DECEMBER 2022",
        "sep.2021\u00a0-\u00a0déc.2022",
    ],
)
def test_a_period_goes_from_the_first_day_of_a_month_to_the_last_of_another(text: str) -> None:
    assert read_period(text) == (date(2021, 9, 1), date(2022, 12, 31))


@pytest.mark.parametrize(
    ("month", "number"),
    [
        ("janv.", 1), ("Jan", 1), ("févr.", 2), ("Feb.", 2), ("mars", 3), ("Mar.", 3), ("avr.", 4),
        ("Apr.", 4), ("mai", 5), ("May", 5), ("juin", 6), ("Jun.", 6), ("juil.", 7), ("July", 7), ("août", 8),
        ("Aug.", 8), ("sept.", 9), ("oct.", 10), ("nov.", 11), ("Dec.", 12),
    ],
)  # fmt: skip
def test_months_are_french_or_english(month: str, number: int) -> None:
    assert read_period(f"{month} 2021 - Dec. 2022")[0] == date(2021, number, 1)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2024-2025", "2024-01-01", "2025-12-31"),
        ("2024/2025", "2024-01-01", "2025-12-31"),
        ("2024 à 2025", "2024-01-01", "2025-12-31"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("sept. 2022 à déc. 2023", "2022-09-01", "2023-12-31"),
        ("De septembre 2022 à décembre 2023", "2022-09-01", "2023-12-31"),
        ("d’avril 2022 jusqu’à juin 2023.", "2022-04-01", "2023-06-30"),
        ("Sept. à déc. 2022", "2022-09-01", "2022-12-31"),
        ("Sep.-Dec. 2022", "2022-09-01", "2022-12-31"),
        ("09/2022 - 12/2023", "2022-09-01", "2023-12-31"),
        ("2022-09 à 2023-12", "2022-09-01", "2023-12-31"),
        ("01/09/2022-31/12/2023", "2022-09-01", "2023-12-31"),
        ("2022-09-01/2023-12-31", "2022-09-01", "2023-12-31"),
        ("2022-09-01 00:00:00 - 2023-12-31 00:00:00", "2022-09-01", "2023-12-31"),
        ("du 1er mars 2024 au 30.06.2025", "2024-03-01", "2025-06-30"),
        ("janvier 2024 - 2025", "2024-01-01", "2025-12-31"),
    ],
)
def test_years_days_and_words_are_read_when_they_leave_no_doubt(text: str, since: str, until: str) -> None:
    assert read_period(text) == (date.fromisoformat(since), date.fromisoformat(until))


def test_a_period_that_ends_in_february_knows_leap_years() -> None:
    assert read_period("Jan. 2023-Feb. 2024")[1] == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "vide"),
        ("2024-12", "un début et une fin"),
        ("2024-25", "un début et une fin"),
        ("Sep. 2021", "un début et une fin"),
        ("jusqu’en 2025", "un début et une fin"),
        ("45536", "un début et une fin"),
        ("Nov.-Feb. 2022", "finit avant de commencer"),
        ("31/02/2022 - 31/12/2022", "un début et une fin"),
        ("13/2022 - 12/2023", "un début et une fin"),
        ("Sep. 21-Dec. 22", "chacun avec son année"),
        ("jui. 2021-Dec. 2022", "peut être deux mois"),
        ("Brumaire 2021-Dec. 2022", "n’est pas un mois"),
        ("Dec. 2022-Sep. 2021", "finit avant de commencer"),
    ],
)
def test_a_doubtful_period_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(UnreadablePeriod, match=reason):
        read_period(text)
