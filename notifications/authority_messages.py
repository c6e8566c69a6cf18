"""Messages about authority: what is proposed and waits for a second key, and what became of it."""

from datetime import date

from notifications.message import Message, Text
from notifications.typography import french


class AuthorityMessage(Message):
    """One proposal: ``what`` it is about, its ``facts`` line by line, who ``proposed_by``, whom it ``waits_for``.

    It may be about a project (a paper act, a departure) or about all those of a city (an office, a delegation).
    ``gives_power``: it lets somebody sign. Whatever news its reader wants, it leaves.
    """

    party_name: Text
    what: Text
    facts: tuple[tuple[Text, Text], ...]
    proposed_by: Text
    waits_for: Text
    expires_on: date
    state: str
    decided_by: Text | None = None
    reason: Text | None = None
    gives_power: bool = False
    has_file: bool = False


class AuthorityToConfirm(AuthorityMessage):
    """For those who may turn the second key."""

    def headline(self) -> str:
        return french(f"À confirmer : {self.what}")


class AuthorityProposed(AuthorityMessage):
    """For those whom it touches and who have nothing to do: the former holder, the contact, the agents."""

    def headline(self) -> str:
        return french(f"Proposé : {self.what}")


class AuthoritySettled(AuthorityMessage):
    """For everybody it touches: confirmed, declined, dropped or expired."""

    @property
    def outcome(self) -> str:
        """What became of it, as a headline begins."""
        return {
            "confirmed": "Confirmé",
            "declined": "Écarté",
            "dropped": "Retiré",
            "expired": "Expiré sans confirmation",
        }[self.state]

    def headline(self) -> str:
        return french(f"{self.outcome} : {self.what}")


class DelegationRevoked(Message):
    """A delegation of signature is over, before its last day. For its delegate, who gave it, the city, the agents."""

    party_name: Text
    order: Text
    delegate_name: Text
    revoked_by: Text

    def headline(self) -> str:
        return french(f"Délégation révoquée : {self.delegate_name}, pour {self.party_name}")


class ContactNamed(Message):
    """Somebody becomes a local contact of a city that has people already: for them, and for the agents."""

    party_name: Text
    contact_name: Text
    contact_email: Text
    named_by: Text

    def headline(self) -> str:
        return french(f"Un interlocuteur de plus pour {self.party_name}")
