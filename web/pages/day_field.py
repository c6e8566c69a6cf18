"""A day as a form gives it: the browser's own (2027-03-03), or as it is written by hand (3/3/2027)."""

import re
from datetime import date

from models.refusal import Refusal


class NotADay(Refusal):
    """The text is no day of the calendar; ``field`` names what it was to be."""

    def __init__(self, field: str, text: str) -> None:
        self.text = text
        fault = f"« {text.strip()[:40]} » n’est pas une date" if text.strip() else "la date manque"
        super().__init__(f"{field} : {fault}. Écrivez-la comme 3/03/2027.")


def given_day(field: str, text: str) -> date:
    """The day that was given. Raises ``NotADay``."""
    by_hand = re.fullmatch(r"\s*([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})\s*", text)
    try:
        if by_hand:
            day, month, year = (int(each) for each in by_hand.groups())
            return date(year, month, day)
        if re.fullmatch(r"\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*", text):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise NotADay(field, text)
