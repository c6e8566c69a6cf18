"""Messages to one person about one thing: a sign-in link, the agent's own reminder, a mail that did not arrive."""

from datetime import date

from notifications.awaited_words import WORDS, Kind, Words, until
from notifications.message import Message, ProjectMessage, Text
from notifications.typography import cut, french


class SignInLink(Message):
    """A link that signs its reader in, once, for ``minutes``. For the person who asked; it is about no project."""

    minutes: int = 15

    def headline(self) -> str:
        return "Votre lien de connexion"


class ReminderFromAgent(ProjectMessage):
    """The agent reminds of one thing, by hand. For those who have to do it.

    ``today`` makes the date near (« dans 7 jours »); ``note`` is what the agent adds in their own words.
    """

    kind: Kind
    text: Text
    due_on: date | None = None
    today: date | None = None
    note: Text | None = None

    @property
    def words(self) -> Words:
        """How this kind of thing is named."""
        return WORDS[self.kind]

    @property
    def until(self) -> str:
        """Until when, in words; empty when there is no date."""
        return until(self.kind, self.due_on, self.today) if self.due_on else ""

    def headline(self) -> str:
        return french(f"Petit rappel – {cut(self.text, 60)}")


class DeliveryFailed(Message):
    """A mail could not be delivered, and will not be tried again. For the ANCT's agent.

    ``reason`` is a French sentence; ``failed_subject`` is the subject of the mail that did not arrive.
    """

    person_name: Text
    address: Text
    failed_subject: Text
    reason: Text
    failed_on: date | None = None

    def headline(self) -> str:
        return french(f"{self.person_name} n’a pas reçu un message")
