"""What somebody typed in a form that came after their session had ended: given back to them alone.

It is kept nowhere but in the page that answers, locked with our secret: their browser holds it, nobody else reads it,
and for an hour only. Each form says who it was made for (``auteur``, signed); a file is not kept.
"""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fastapi import Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from models.web_session import LONGEST_LIFE
from web.access.signed_in import safe_path
from web.site import site_of

DRAFT_LIFE = 3600
"""Seconds."""
TAKES_UP = "reprise"
"""Query parameter of a form that is sent to be shown again, and to do nothing."""
NOT_TYPED = ("jeton", "auteur")
AUTHOR_LIFE = int(LONGEST_LIFE.total_seconds())


@dataclass(frozen=True, slots=True)
class Draft:
    """What ``person_id`` typed (``fields``) in a form sent to ``action``, and whether it took a file."""

    person_id: int
    action: str
    takes_file: bool
    fields: dict[str, str]

    @property
    def again(self) -> str:
        """The address that shows the form with all this in it."""
        return f"{self.action}{'&' if '?' in self.action else '?'}{TAKES_UP}=1"


def author_word(request: Request, person_id: int) -> str:
    """What the forms made for a person carry."""
    return str(_signer(request).dumps(person_id))


def draft_of(request: Request, fields: Mapping[str, str]) -> Draft | None:
    """The draft of a form that was sent to this address; None when nothing was typed, or nobody knows by whom."""
    typed = {name: text for name, text in fields.items() if name not in NOT_TYPED}
    if not any(text.strip() for text in typed.values()):
        return None
    try:
        person_id = int(_signer(request).loads(fields.get("auteur", ""), max_age=AUTHOR_LIFE))
    except BadSignature:
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    takes_file = request.headers.get("content-type", "").startswith("multipart/")
    return Draft(person_id, safe_path(request.url.path + query), takes_file, typed)


def lock(request: Request, draft: Draft) -> str:
    """The draft as the page holds it."""
    return _fernet(request).encrypt_at_time(json.dumps(asdict(draft)).encode(), int(time.time())).decode()


def unlock(request: Request, text: str) -> Draft | None:
    """The draft that a page of ours held; None when it is too old, or none of ours."""
    try:
        content = _fernet(request).decrypt(text.encode(), ttl=DRAFT_LIFE)
    except (InvalidToken, UnicodeEncodeError):
        return None
    return Draft(**json.loads(content))


def _signer(request: Request) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        site_of(request).secret, salt="auteur", signer_kwargs={"digest_method": sha256}
    )


def _fernet(request: Request) -> Fernet:
    derive = HKDF(SHA256(), length=32, salt=None, info=b"projet-partage/draft")
    return Fernet(urlsafe_b64encode(derive.derive(site_of(request).secret.encode())))
