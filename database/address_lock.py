"""The addresses of the channels hold passwords: in the database they are locked with the secret of the system."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class LostKey(Exception):
    """The address was locked with another secret: nobody can read it any more."""


class AddressLock:
    """Locks and unlocks with one secret (Fernet: AES-128-CBC and HMAC-SHA256)."""

    def __init__(self, secret: str) -> None:
        derive = HKDF(SHA256(), length=32, salt=None, info=b"projet-partage/channel")
        self._fernet = Fernet(urlsafe_b64encode(derive.derive(secret.encode())))

    def lock(self, address: str) -> str:
        """What is kept of ``address``."""
        return self._fernet.encrypt(address.encode()).decode("ascii")

    def unlock(self, locked: str) -> str:
        """The address again. Raises ``LostKey``."""
        try:
            return self._fernet.decrypt(locked.encode("ascii")).decode()
        except InvalidToken:
            raise LostKey from None
