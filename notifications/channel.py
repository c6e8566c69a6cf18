"""Other ways than mail: any Apprise address (Tchap, Mattermost, SMS…), checked as it is typed, told in short words."""

import logging
from urllib.parse import urlsplit

from apprise import Apprise, NotificationManager, NotifyFormat
from apprise.plugins import NotifyBase

import notifications.apprise_plugin  # noqa: F401 -- our schemas must be known, to be refused
from models.refusal import Refusal
from notifications.outgoing_mail import TransportError
from notifications.typography import french, one_line, visible

MAIL = {"mailto", "mailtos", "projetpartage", "projetpartages"}
ON_THIS_COMPUTER = {
    *("dbus", "gio", "glib", "gnome", "kde", "qt", "macosx", "windows", "syslog", "rsyslog", "blink1"),
    *("apprise", "apprises"),
}
"""What would ring on the server itself, write in its journal, or hand the message to another Apprise."""
_HARMLESS = str.maketrans("[]<>*_~`|\\", "()‹›∗＿∼’¦/")

# Apprise writes the addresses it could not use, and their secrets, in its own log.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


class ChannelNotUnderstood(Refusal):
    """Apprise cannot make anything of this address. The address itself is not repeated: it holds secrets."""

    def __init__(self, schema: str) -> None:
        super().__init__(
            f"L’adresse « {schema}://… » n’est pas une adresse qu’Apprise comprend : vérifiez-la, par exemple "
            "« matrixs://identifiant:mot-de-passe@serveur/#salon » ou « mmosts://serveur/jeton » "
            "(https://appriseit.com/services/)."
        )


class ChannelNotAllowed(Refusal):
    """The address is that of a mail box, or of something on the server itself."""

    def __init__(self, schema: str) -> None:
        why = (
            "le courriel part déjà à l’adresse de la personne"
            if schema in MAIL
            else "elle agirait sur le serveur lui-même, que personne ne regarde"
        )
        super().__init__(
            f"L’adresse « {schema}://… » ne peut pas servir de canal : {why}. "
            "Donnez l’adresse d’une messagerie ou d’un service de SMS."
        )


def check_channel(address: str) -> str:
    """What may be shown of this Apprise address (« matrixs »). Raises ``ChannelNotUnderstood``,
    ``ChannelNotAllowed``.

    Where the address leads is not judged (a server of the local network is a usual one): only the operator's
    command line comes here. A page that lets people type addresses must first refuse the loopback and
    link-local ones.
    """
    schema = urlsplit(address.strip()).scheme.lower() if "://" in address else ""
    if schema in MAIL | ON_THIS_COMPUTER:
        raise ChannelNotAllowed(schema)
    # A schema that is not one may be a secret pasted by mistake.
    shown = schema if schema in NotificationManager().schemas() else "?"  # type: ignore[no-untyped-call]
    if shown == "?" or _plugin(address) is None:
        raise ChannelNotUnderstood(shown)
    return schema


def send_words(address: str, title: str, line: str, link: str) -> None:
    """One ``title``, one ``line`` and the ``link``, by this Apprise address. Raises `TransportError`.

    What people typed cannot become a link, a mention or a title there, whatever the service makes of it.
    """
    plugin = _plugin(address)
    if plugin is None:
        raise TransportError(
            french("Apprise ne comprend plus l’adresse de ce canal ; retirez-le et ajoutez-le de nouveau."),
            permanent=True,
        )
    is_html = plugin.notify_format is NotifyFormat.HTML
    body = f"{harmless(line)}\n{link}" if line else link
    form = NotifyFormat.TEXT if is_html else plugin.notify_format
    try:
        done = plugin.notify(title=harmless(title), body=body, body_format=form)
    except Exception:  # a hundred plugins, by as many hands: none may stop the post, nor show its address
        done = False
    if done is not True:
        raise TransportError(french("Le service de ce canal n’a pas pris le message."), permanent=False)


def harmless(text: str) -> str:
    """``text`` on one line, without what chat services read as a link, a mention, a title or an emphasis."""
    words = one_line(visible(text)).translate(_HARMLESS).replace("@", "@\u2060").replace("](", "] (")
    return words.lstrip("#>-+= ")


def _plugin(address: str) -> NotifyBase | None:
    plugin = Apprise.instantiate(address.strip())
    return plugin if isinstance(plugin, NotifyBase) else None
