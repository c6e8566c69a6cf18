"""Mailboxes: what tells two addresses apart, and what does not."""

import re
from typing import Annotated

from pydantic import AfterValidator, EmailStr
from pydantic_core import PydanticCustomError

_DOTLESS = ("gmail.com", "googlemail.com")


def _in_ascii(address: str) -> str:
    """Few servers know other letters before the at sign, and a typographic dash or apostrophe is a mistake."""
    if not address.rpartition("@")[0].isascii():
        raise PydanticCustomError("value_error", "{reason}", {"reason": "not ASCII"})
    return address


MailAddress = Annotated[EmailStr, AfterValidator(_in_ascii)]
"""An address in a file or a body."""


def same_mailbox(one: str | None, other: str | None) -> bool:
    """Do two addresses reach the same mailbox? What follows a plus, or dots at Gmail, tells nobody apart."""
    return one is not None and other is not None and _mailbox(one) == _mailbox(other)


def named_address(text: str) -> tuple[str, str]:
    """The name and the address of « Name <address> »; no name, when the address stands alone."""
    if written := re.fullmatch(r'\s*"?([^<>]*?)"?\s*<([^<>]+)>\s*', text):
        return written[1], written[2].strip()
    return "", text.strip()


def _mailbox(email: str) -> str:
    local, _, domain = email.strip().lower().rpartition("@")
    local = local.partition("+")[0]
    if domain in _DOTLESS:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}@{domain}"
