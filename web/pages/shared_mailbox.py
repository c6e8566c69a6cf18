"""The question that a form asks about an address registered under another name: the same person, or one more?

What was answered stays in the form, which may be refused again (``ui.whose_mailbox`` in the templates).
"""

from models.person_name import OtherName
from models.refusal import Refusal
from web.pages.form_fields import Fields

CHOICE, ASKED, SHARED = "boite", "boite-adresse", "boites-partagees"
SAME, OTHER = "meme", "autre"


def shared_mailboxes(fields: Fields) -> list[str]:
    """The addresses of which the form says that several people share them, in lower case."""
    shared = fields.get(SHARED, "").lower().split()
    if fields.get(CHOICE) == OTHER:
        shared += fields.get(ASKED, "").lower().split()
    return list(dict.fromkeys(shared))


def is_shared(fields: Fields, email: str) -> bool:
    """Does the form say that several people share this mailbox?"""
    return email.strip().lower() in shared_mailboxes(fields)


def question(fields: Fields, refusal: Refusal | None) -> dict[str, str | None]:
    """What the form shows: the address that is asked about, if one is, and those that were answered."""
    asked = refusal.email if isinstance(refusal, OtherName) else None
    return {"asked": asked, "shared": " ".join(shared_mailboxes(fields))}
