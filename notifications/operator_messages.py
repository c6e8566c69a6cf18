"""Messages to the operator of the machine: the machinery is behind, and it is well again."""

from datetime import datetime

from notifications.message import Message, Text
from notifications.typography import french

TEAM_OF_OPERATORS = "à toute l’équipe"
"""Whom the mail greets: an address, not a person."""


class MachineryBehindForOperator(Message):
    """Part of the machinery has not been well since ``began_at``. ``problems`` are whole French sentences."""

    began_at: datetime
    problems: tuple[Text, ...]

    def headline(self) -> str:
        return french("La plateforme a besoin de vous")


class MachineryWellForOperator(Message):
    """What was told by `MachineryBehindForOperator` is over since ``ended_at``."""

    began_at: datetime
    ended_at: datetime

    def headline(self) -> str:
        return french("La plateforme fonctionne de nouveau")
