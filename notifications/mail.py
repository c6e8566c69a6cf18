"""How what we say leaves: through Apprise, mail first, each failure told with its reason."""

import threading
from contextlib import suppress

from apprise import Apprise

from notifications.apprise_plugin import NotifyProjetPartage
from notifications.outgoing_mail import OutgoingMail, TransportError
from notifications.smtp_failures import VARIABLE
from notifications.typography import french
from notifications.way_out import MAILS, BadWayOut, read_way_out, split_ways_out

__all__ = ["OutgoingMail", "TransportError", "hang_up", "local_catcher_url", "rehearse", "send", "ways_out"]

_this_thread = threading.local()


def send(apprise_url: str, mail: OutgoingMail) -> None:
    """Send ``mail`` by one Apprise address; returns once the other side has accepted it.

    ``projetpartage(s)://`` and ``mailto(s)://`` mail ``mail.to_address``, whatever targets the address names,
    on one connection kept open by thread (`hang_up` closes it). Any other schema (Matrix, SMS…) gets the
    subject and the text part through Apprise as it is. Raises `TransportError`.
    """
    schema, separator, _ = apprise_url.strip().partition("://")
    if schema.lower() in MAILS:
        _mailer(apprise_url).deliver(mail)
    else:
        _notify(apprise_url, schema.lower() if separator else "?", mail)


def rehearse(apprise_url: str, mail: OutgoingMail) -> None:
    """Do what `send` does but the sending: the mail is written, its server spoken to, no recipient named.

    What goes wrong is nobody's affair. By another schema than those of mails, nothing is done.
    """
    if apprise_url.strip().partition("://")[0].lower() in MAILS:
        with suppress(TransportError):
            _mailer(apprise_url).rehearse(mail)


def hang_up() -> None:
    """Close this thread's connections: at the end of a round of mails."""
    for plugin in _mailers().values():
        plugin.connection.close()
    _mailers().clear()


def ways_out(apprise_urls: str, mail_port: int) -> list[str]:
    """The operator's Apprise addresses (separated by spaces or commas); the local catcher when there is none."""
    return split_ways_out(apprise_urls) or [local_catcher_url(mail_port)]


def local_catcher_url(port: int) -> str:
    """The Apprise address of the local mail catcher, for when the operator gave none."""
    return f"projetpartage://127.0.0.1:{port}/?from=bonjour@projets-partages.example"


def _mailers() -> dict[str, NotifyProjetPartage]:
    mailers: dict[str, NotifyProjetPartage] = _this_thread.__dict__.setdefault("mailers", {})
    return mailers


def _mailer(url: str) -> NotifyProjetPartage:
    if url not in _mailers():
        _mailers()[url] = mailer(url)
    return _mailers()[url]


def mailer(url: str, most_seconds: float | None = None) -> NotifyProjetPartage:
    """A new plugin for this mail address, of any of its four schemas. Raises `TransportError`.

    It waits ``most_seconds`` for each word of the server, or as long as the address says.
    """
    try:
        plugin = Apprise.instantiate(read_way_out(url))
    except BadWayOut as bad:
        raise TransportError(f"{bad} Le message attend.", permanent=False, all_are_held_up=True) from None
    assert isinstance(plugin, NotifyProjetPartage)  # noqa: S101 -- `read_way_out` has seen it
    if most_seconds is not None:
        plugin.connection.hurry(most_seconds)
    return plugin


def _notify(url: str, schema: str, mail: OutgoingMail) -> None:
    channel = Apprise()
    if not channel.add(url) or not len(channel):
        raise _not_understood(schema)
    if channel.notify(title=mail.subject, body=mail.text, body_format="text") is not True:
        raise TransportError(
            french(f"Apprise n’a pas pu envoyer le message par « {schema[:20]}://… » ; il sera retenté."),
            permanent=False,
        )


def _not_understood(schema: str) -> TransportError:
    return TransportError(
        french(
            f"L’adresse Apprise « {schema[:20]}://… » n’est pas comprise ; corrigez le serveur ou "
            "l’expéditeur (« ?from=… ») dans "
            f"{VARIABLE} : le message attend."
        ),
        permanent=False,
        all_are_held_up=True,
    )
