"""``python -m benchmarks.mails``: digests a second, written and sent to a local mail server, side by side.

Everybody sends the same mails (the daily digests of a small country, four lines each) to the same server, a process
of its own that keeps nothing, one after the other on this thread. The rounds are interleaved.

- Ours: rendered and sent through Apprise with our plugin; and the deliverer's whole way: claim, refresh, render,
  send, mark, each mail's mark on disk before the next one.
- smtplib: ``EmailMessage`` and ``send_message`` on one connection kept open, the words ready; and rendered as ours.
- Apprise as it comes: ``mailto://``, the words ready.
"""

import smtplib
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from functools import partial
from statistics import median
from typing import Annotated, Any

import typer
from apprise import Apprise
from rich.console import Console
from rich.table import Table

from actions.mail.claim_notices import claim_notices
from actions.mail.deliver import Letter, PostRound, write_letter
from actions.reminders.send_reminders import send_reminders
from benchmarks.commitments import CITIES, DAY, Country, seed
from benchmarks.databases import POSTGRESQL, SQLITE, copy_of, temporary_database, why_absent
from benchmarks.play import timed
from database.engine import Database
from models.reminder import opening_of
from notifications.mail import hang_up, send
from queries.mail.claimed import ClaimedNotice

SENDER = "bonjour@projets-partages.example"
PUBLIC_URL, SECRET = "https://projets-partages.example", "only for measuring"
NOW = opening_of(DAY) + timedelta(minutes=1)
LINES = 4
STOCK_SHARE = 10
"""Apprise as it comes sends so many times fewer: it is that much slower."""
Contestant = Callable[[], float]
"""Sends its mails; gives how many a second."""
Letters = Iterable[Letter]


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Nombre de tours, dont on prend les médianes.")] = 5,
    quick: Annotated[bool, typer.Option(help="Un tour, deux cents messages : un essai.")] = False,
) -> None:
    """Mesure les messages écrits et envoyés par seconde."""
    mails = 200 if quick else 500
    with ExitStack() as stack:
        port = stack.enter_context(_sink())
        contestants = dict(_contestants(stack, mails, port))
        taken: dict[str, list[float]] = defaultdict(list)
        for _ in range(1 if quick else rounds):
            for name, contestant in contestants.items():
                taken[name].append(contestant())
    Console().print(as_table({name: median(rates) for name, rates in taken.items()}))


def as_table(rates: dict[str, float]) -> Table:
    """Mails a second of each, and how many times those of smtplib with the words ready."""
    table = Table(title="Récapitulatifs envoyés par seconde, au même serveur local")
    for heading, justify in (("Qui", "left"), ("Messages/s", "right"), ("× smtplib", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for name, rate in rates.items():
        times = f"{rate / rates[SMTPLIB]:.2f}".replace(".", ",")
        table.add_row(name, f"{rate:.0f}", times, style="bold" if name == OURS else None)
    return table


OURS = "le nôtre : écrit, envoyé par Apprise"
SMTPLIB_ALONE = "smtplib, EmailMessage, une connexion"
SMTPLIB = f"{SMTPLIB_ALONE} ; déjà écrits"


def _contestants(stack: ExitStack, mails: int, port: int) -> Iterator[tuple[str, Contestant]]:
    ours = f"projetpartage://127.0.0.1:{port}/?from={SENDER}"
    country = Country(mails * LINES, mails * LINES, projects=mails // CITIES)
    for kind in (SQLITE, POSTGRESQL):
        if why_absent(kind) is None:
            url = stack.enter_context(temporary_database(kind))
            _write_digests(url, country)
            if kind == SQLITE:
                notices = _digests(url, mails)
                yield from _senders(notices, ours, port)
            yield f"le nôtre : toute la tournée, {kind}", partial(_round, url, ours)


def _write_digests(url: str, country: Country) -> None:
    seed(url, country)
    db = Database(url)
    send_reminders(db, day=DAY, now=opening_of(DAY))
    db.close()


def _digests(url: str, mails: int) -> list[ClaimedNotice]:
    with copy_of(url) as copy:
        db = Database(copy)
        notices = claim_notices(db, now=NOW, most=mails)
        db.close()
    assert len(notices) == mails
    return notices


def _senders(notices: Sequence[ClaimedNotice], ours: str, port: int) -> Iterator[tuple[str, Contestant]]:
    words = [_letter(notice) for notice in notices]
    few = words[: len(words) // STOCK_SHARE]
    yield OURS, lambda: _rate(len(words), _send_ours, ours, map(_letter, notices))
    yield "le nôtre : déjà écrits", lambda: _rate(len(words), _send_ours, ours, words)
    yield SMTPLIB, lambda: _rate(len(words), _send_smtplib, port, words)
    yield f"{SMTPLIB_ALONE} ; écrits", lambda: _rate(len(words), _send_smtplib, port, map(_letter, notices))
    yield "Apprise d’origine (mailto://) ; déjà écrits", lambda: _rate(len(few), _send_stock, port, few)


def _rate(count: int, act: Callable[..., None], *args: Any) -> float:
    return count / timed(act, *args)


def _letter(notice: ClaimedNotice) -> Letter:
    return write_letter(notice, notice.payload, PUBLIC_URL, SECRET, now=NOW)


def _send_ours(url: str, letters: Letters) -> None:
    for letter in letters:
        send(url, letter.mail)
    hang_up()


def _send_smtplib(port: int, letters: Letters) -> None:
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for letter in letters:
            smtp.send_message(_as_email_message(letter))


def _as_email_message(letter: Letter) -> EmailMessage:
    mail, message = letter.mail, EmailMessage()
    message["From"] = formataddr(("Projets partagés", SENDER))
    message["To"] = formataddr((mail.to_name, mail.to_address))
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.sent_at)
    message["Message-ID"] = f"<{mail.key.replace(':', '-')}@projets-partages.example>"
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _send_stock(port: int, letters: Letters) -> None:
    for letter in letters:
        apprise = Apprise()
        apprise.add(f"mailto://127.0.0.1:{port}/?from={SENDER}&to={letter.mail.to_address}&mode=insecure")
        assert apprise.notify(title=letter.mail.subject, body=letter.mail.html, body_format="html")


def _round(url: str, way_out: str) -> float:
    """The deliverer's whole way, on a copy of a database where nothing is sent yet."""
    with copy_of(url) as copy:
        db = Database(copy)
        post = PostRound(db, [way_out], PUBLIC_URL, SECRET, clock=lambda: NOW, warn=print)
        seconds = timed(post.run)
        hang_up()
        db.close()
    assert (post.kept, post.dropped) == (0, 0)
    return post.sent / seconds


@contextmanager
def _sink() -> Iterator[int]:
    """A mail server in a process of its own; its port."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.mail_sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


if __name__ == "__main__":
    typer.run(main)
