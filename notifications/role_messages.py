"""Messages about who somebody is and what they may do: a role that ends, a name or an address that changes.

They are legal notices: what concerns authority leaves at once, whatever its reader chose.
"""

from datetime import date

from notifications.message import Message, Text
from notifications.typography import french, long_date


class RoleEnd(Message):
    """A role ends, at once or after ``last_day``; ``role_label`` is « maire, pour Niort ».

    ``ended_by`` is empty when its holder gave it up; ``projects`` are the titles of those it touches; ``orders``, the
    delegations that end with it.
    """

    role_label: Text
    last_day: date | None = None
    reason: Text | None = None
    ended_by: Text | None = None
    projects: tuple[Text, ...] = ()
    orders: tuple[Text, ...] = ()

    @property
    def when(self) -> str:
        """« prend fin aujourd’hui », « prend fin après le 31 mars 2027 »."""
        if self.last_day is None:
            return "a pris fin"
        return f"prend fin après le {long_date(self.last_day)}"


class RoleEndedForHolder(RoleEnd):
    """For who held the role."""

    def headline(self) -> str:
        return french(f"Votre rôle {self.when}")


class RoleEndedForOthers(RoleEnd):
    """For the city, the contractor and the agents; ``leaves_nobody``: no one else has the role in some project."""

    person_name: Text
    leaves_nobody: bool = False

    def headline(self) -> str:
        return french(f"Le rôle de {self.person_name} {self.when}")


class NameCorrected(Message):
    """A name is written otherwise from now on; ``corrected_by`` is empty when its person did it."""

    former_name: Text
    new_name: Text
    corrected_by: Text | None = None

    def headline(self) -> str:
        return french(f"Un nom est corrigé : {self.new_name}")


class NameCorrectedForPerson(NameCorrected):
    """For the person."""

    def headline(self) -> str:
        return "Votre nom est corrigé"


class NameCorrectedForOthers(NameCorrected):
    """For those who work with the person."""


class MailboxSharedForPerson(Message):
    """``new_name`` is registered at the reader's own address, ``mailbox``; ``shared_by`` said so, if it is a person."""

    new_name: Text
    mailbox: Text
    shared_by: Text | None = None

    def headline(self) -> str:
        return french(f"{self.new_name} partage votre boîte")


class AddressAskedForPerson(Message):
    """Somebody signed in as the reader asks that mails go to ``new_address``. To the present one, at once."""

    new_address: Text

    def headline(self) -> str:
        return "Une nouvelle adresse est demandée pour votre compte"


class AddressLink(Message):
    """The link that confirms a new address, sent to it; it is about no project. It serves for ``hours``, once."""

    hours: int = 24

    def headline(self) -> str:
        return "Confirmez votre nouvelle adresse"


class AddressChanged(Message):
    """The address of a person has changed."""

    former_address: Text
    new_address: Text

    def headline(self) -> str:
        return "Votre adresse a changé"


class AddressChangedForPerson(AddressChanged):
    """For the person, to the new address."""


class AddressChangedForFormerAddress(AddressChanged):
    """For whoever reads the old mailbox: it opens nothing any more. ``changed_by`` turned the second key, if any."""

    changed_by: Text | None = None


class AddressChangedForOthers(AddressChanged):
    """For those who work with the person."""

    person_name: Text

    def headline(self) -> str:
        return french(f"{self.person_name} change d’adresse")
