"""How mails leave, as the operator wrote it: ``PROJET_PARTAGE_APPRISE_URLS``, read whole or refused.

Apprise drops what it does not understand: of a password with ``#``, ``/`` or ``:`` it keeps the beginning, or takes a
piece of it for the server. We read the login ourselves, and give it to Apprise percent-encoded.
"""

import re
from email.utils import parseaddr
from urllib.parse import quote, unquote

from apprise import Apprise, NotificationManager

from models.refusal import Refusal
from notifications.apprise_plugin import NotifyProjetPartage
from notifications.smtp_failures import VARIABLE

OURS = {"mailto": "projetpartage", "mailtos": "projetpartages"}
MAILS = {*OURS, *OURS.values()}
HOW_TO_WRITE = (
    "Dans le mot de passe, « % » s’écrit %25, « # » %23, « / » %2F, « ? » %3F, « @ » %40, « : » %3A, « , » %2C, "
    "« ; » %3B, l’espace %20."
)
_SEPARATED = re.compile(r"[\s,;]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
_AUTHORITY = re.compile(r"([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?", re.DOTALL)
_SERVER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:@\[\]]*)(?::(.*))?", re.DOTALL)
_NEEDS_NO_ENCODING = re.compile(
    r"%(?=[0-9A-Fa-f]{2})(?:3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|2[DdEe]|5[Ff]|7[Ee])"
)
"""« %34 » for « 4 »: nobody writes it so, the « % » is the password's own."""
_SETTINGS = {*NotifyProjetPartage.template_args, "user", "pass"}


class BadWayOut(Refusal):
    """An address that no mail can leave by, as it is written. It is not repeated: it holds a password."""

    def __init__(self, number: int, schema: str, reason: str) -> None:
        where = f"{VARIABLE} : l’adresse n° {number} (« {schema}://… »)" if schema else f"{VARIABLE} :"
        super().__init__(f"{where} {reason}")


def split_ways_out(setting: str) -> list[str]:
    """The addresses of the setting, separated by spaces or commas: a new one begins where there is ``schema://``."""
    return [each for each in _SEPARATED.split(setting.strip(" \t\r\n,;")) if each]


def check_ways_out(setting: str) -> None:
    """Raises ``BadWayOut`` for the first address that cannot be read whole; an empty setting is none."""
    addresses = split_ways_out(setting)
    if setting and not addresses:
        raise BadWayOut(1, "", "aucune adresse n’y figure ; videz la variable pour garder le courrier ici.")
    for number, address in enumerate(addresses, 1):
        read_way_out(address, number)


def read_way_out(address: str, number: int = 1) -> str:
    """``address`` as Apprise reads it without losing any of it. Raises ``BadWayOut``."""
    schema, separator, rest = address.strip().partition("://")
    schema = schema.lower()
    known = NotificationManager().schemas()  # type: ignore[no-untyped-call]
    if not separator or schema not in known:
        # What is not a schema may be a piece of a password.
        reason = "ne commence pas par un type d’adresse connu : écrivez « mailtos://identifiant:mot-de-passe@serveur »."
        raise BadWayOut(number, "?", reason)
    try:
        whole = _whole_mail_address(schema, rest) if schema in MAILS else address.strip()
        if schema not in MAILS and Apprise.instantiate(whole) is None:
            raise ValueError(
                "n’est pas comprise par Apprise ; vérifiez-la (https://appriseit.com/services/)."
            )
    except ValueError as wrong:
        raise BadWayOut(number, schema, str(wrong)) from None
    return whole


def _whole_mail_address(schema: str, rest: str) -> str:
    """Raises ``ValueError`` with what is wrong, in French and without any piece of the address."""
    parts = _AUTHORITY.fullmatch(rest)
    authority, path, query, fragment = parts.groups() if parts else (rest, "", "", None)
    login, _, server = authority.rpartition("@")
    if fragment is not None:
        raise ValueError(f"contient un « # », et tout ce qui le suit serait perdu. {HOW_TO_WRITE}")
    if path not in ("", "/"):
        raise ValueError(
            "contient un « / » après le serveur : les destinataires n’ont pas à y être, ôtez-les. "
            f"{HOW_TO_WRITE}"
        )
    settings = _settings_of(query or "")
    user, password = _login(login)
    place = _place(server)
    at = f"{quote(user, safe='')}:{quote(password, safe='')}@" if password else f"{quote(user, safe='')}@"
    whole = f"{OURS.get(schema, schema)}://{at if user else ''}{place}/"
    whole += f"?{query}" if query else ""
    _check_as_read(whole, user, password, settings)
    return whole


def _settings_of(query: str) -> dict[str, str]:
    settings = {}
    for each in query.split("&") if query else ():
        name, _, value = each.partition("=")
        name = name.strip().lower()
        if name not in _SETTINGS and not name.startswith("+"):
            raise ValueError(
                f"a, après « ? », un réglage inconnu, ou un morceau du mot de passe. {HOW_TO_WRITE}"
            )
        settings[name] = unquote(value)
    return settings


def _login(login: str) -> tuple[str, str]:
    if _NEEDS_NO_ENCODING.search(login):
        raise ValueError(
            f"a un identifiant ou un mot de passe dont un « % » est à écrire autrement. {HOW_TO_WRITE}"
        )
    user, _, password = (unquote(part, errors="replace") for part in login.partition(":"))
    if not (user + password).isascii() or not (user + password).isprintable():
        raise ValueError(
            "a un identifiant ou un mot de passe avec une lettre accentuée ou un signe invisible, que les serveurs de "
            f"messagerie ne prennent pas, ou avec un « % » mal écrit. {HOW_TO_WRITE}"
        )
    return user, password


def _place(server: str) -> str:
    parts = _SERVER.fullmatch(server)
    if not parts:
        raise ValueError(f"n’a pas un nom de serveur qui puisse exister. {HOW_TO_WRITE}")
    host, port = parts.groups()
    if port is not None and not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535):
        raise ValueError(f"n’a pas, après le serveur et « : », un port entre 1 et 65535. {HOW_TO_WRITE}")
    return f"{host}:{port}" if port else host


def _check_as_read(whole: str, user: str, password: str, settings: dict[str, str]) -> None:
    """Apprise must have found what we wrote, and nothing else."""
    plugin = Apprise.instantiate(whole)
    if not isinstance(plugin, NotifyProjetPartage):
        raise ValueError(
            "n’a pas d’expéditeur, ou un réglage impossible ; ajoutez « ?from=projets@collectivite.example », "
            "et vérifiez « mode » (starttls, ssl ou insecure)."
        )
    if not plugin.smtp_host:
        raise ValueError(f"n’a pas de serveur de messagerie. {HOW_TO_WRITE}")
    sender = parseaddr(settings.get("from", ""))[1]
    if settings.get("from") and sender.lower() != str(plugin.from_addr[1]).lower():
        raise ValueError("n’a pas une adresse électronique dans « from » ; corrigez-la.")
    if settings.keys() & {"user", "pass"}:
        return
    # Apprise completes the user of the services that it knows (gmail.com).
    if plugin.user not in (user or None, f"{user}@{plugin.host}") or (plugin.password or "") != password:
        raise ValueError(f"n’est pas lue en entier. {HOW_TO_WRITE}")
