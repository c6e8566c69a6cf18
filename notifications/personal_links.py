"""Addresses that are one person's own: they open without an account, and close when the person wants new ones."""

from enum import StrEnum
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from itsdangerous import BadData, URLSafeSerializer


class LinkUse(StrEnum):
    """What a personal link opens: where it leads, and nothing else. ``reader`` opens nothing: it is a word in the
    query of another address."""

    frequency = "courrier/frequence"
    one_click = "courrier/arret"
    calendar = "agenda"
    reader = "qui"


class BadLink(Exception):
    """The token is not one of ours, or was given for another use."""


class PersonalLinks:
    """Makes and reads the secret addresses, signed with ``secret`` (HMAC), each for one use only.

    They carry ``links_version``: their reader compares it with the person's own, and refuses the old ones.
    They do not end by themselves: a mail is opened years later, and a calendar asks every hour.
    """

    def __init__(self, secret: str, public_url: str) -> None:
        self._public_url = public_url.rstrip("/")
        self._signers = {
            use: URLSafeSerializer(
                secret, salt=f"projet-partage/{use}", signer_kwargs={"digest_method": sha256}
            )
            for use in LinkUse
        }

    def frequency(self, person_id: int, links_version: int) -> str:
        """The page where a person chooses how often we write."""
        return self._address(LinkUse.frequency, person_id, links_version)

    def one_click(self, person_id: int, links_version: int) -> str:
        """What a mail program posts to when its reader presses « se désabonner » (RFC 8058)."""
        return self._address(LinkUse.one_click, person_id, links_version)

    def calendar(self, person_id: int, links_version: int) -> str:
        """The calendar feed of a person."""
        return self._address(LinkUse.calendar, person_id, links_version) + ".ics"

    def for_reader(self, address: str, person_id: int, links_version: int) -> str:
        """``address`` of a page, with the recipient of the mail: signing in, they find their address filled in.

        It opens nothing.
        """
        parts = urlsplit(address)
        words = [
            *parse_qsl(parts.query),
            (LinkUse.reader, self._token(LinkUse.reader, person_id, links_version)),
        ]
        return urlunsplit(parts._replace(query=urlencode(words)))

    def word(self, use: LinkUse, person_id: int, links_version: int) -> str:
        """What ``read`` reads, alone."""
        return self._token(use, person_id, links_version)

    def read(self, use: LinkUse, token: str) -> tuple[int, int]:
        """``(person_id, links_version)`` of a token given for ``use``. Raises ``BadLink``."""
        try:
            match self._signers[use].loads(token):
                case [int(person_id), int(links_version)]:
                    return person_id, links_version
        except BadData:
            pass
        raise BadLink(use)

    def _address(self, use: LinkUse, person_id: int, links_version: int) -> str:
        return f"{self._public_url}/{use}/{self._token(use, person_id, links_version)}"

    def _token(self, use: LinkUse, person_id: int, links_version: int) -> str:
        return str(self._signers[use].dumps([person_id, links_version]))
