"""``projet-partage notices``: the mails that have not left, why, and how to try them again."""

from typing import Annotated, Any

import typer

from actions.mail.retry_notices import retry_all_failed, retry_notice
from commands.completion import project_slugs
from commands.lazy_group import group
from commands.open_database import now, open_database
from commands.options import AsJson, number_argument
from commands.printing import answer, moment, print_list, say
from models.notice import NOT_GONE, NoticeState
from models.stored_row import identity
from queries.ledger.find import find_project
from queries.mail.notices import ListedNotice, list_notices

app = group("Les messages : ceux qui attendent, ceux qui n’ont pas pu partir, et les relancer.")


@app.command("list")
def list_(
    failed: Annotated[bool, typer.Option("--failed", help="Seulement ceux qui ont été abandonnés.")] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Seulement ceux qui attendent.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Tous, même partis ou sans objet.")] = False,
    project: Annotated[
        str | None, typer.Option(metavar="PROJET", help="Ceux d’un projet.", autocompletion=project_slugs)
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="NOMBRE", min=1, max=10_000, help="Combien, les plus récents.")
    ] = 50,
    as_json: AsJson = False,
) -> None:
    """Donne les messages qui n’ont pas (encore) pu partir, avec le motif ; les plus récents d’abord."""
    states = _states(failed, waiting, everything)
    with open_database() as db, db.read() as session:
        project_id = identity(find_project(session, project)) if project else None
        listed = list_notices(session, states, project_id=project_id, limit=limit)
    rows = [
        (
            str(each.notice.id),
            each.state.label,
            _whom(each),
            each.notice.message,
            moment(each.created_at),
            str(each.notice.attempts),
            each.last_error or "–",
        )
        for each in listed.notices
    ]
    columns = ("N°", "État", "À qui", "Message", "Écrit le", "Essais", "Motif")
    data = [_values(each) for each in listed.notices]
    print_list(data, as_json, columns, rows, empty="Aucun message n’attend.")
    if listed.total > len(rows) and not as_json:
        say(f"{listed.total - len(rows)} autre(s), plus ancien(s) : « --limit » en montre davantage.")


def _states(failed: bool, waiting: bool, everything: bool) -> tuple[NoticeState, ...]:
    if everything:
        return ()
    chosen = {NoticeState.failed: failed, NoticeState.waiting: waiting}
    return tuple(state for state, is_chosen in chosen.items() if is_chosen) or NOT_GONE


def _whom(listed: ListedNotice) -> str:
    channel = listed.notice.channel
    return f"canal n° {channel.id} ({channel.label})" if channel else listed.notice.recipient_email


def _values(listed: ListedNotice) -> dict[str, Any]:
    notice = listed.notice
    return {
        "id": notice.id,
        "state": listed.state,
        "message": notice.message,
        "to": None if notice.channel else notice.recipient_email,
        "channel": notice.channel.id if notice.channel else None,
        "project": notice.project_slug or None,
        "attempts": notice.attempts,
        "last_error": listed.last_error,
        "created_at": listed.created_at,
        "next_try_at": listed.next_try_at if listed.state is NoticeState.waiting else None,
        "sent_at": listed.sent_at,
        "failed_at": listed.failed_at,
        "dropped_at": listed.dropped_at,
        "expires_at": listed.expires_at,
    }


@app.command()
def retry(
    number: Annotated[int | None, number_argument("Le numéro du message.")] = None,
    all_failed: Annotated[
        bool, typer.Option("--all-failed", help="Tous ceux qui ont été abandonnés.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remet un message à l’envoi, une fois réparé ce qui l’arrêtait ; jamais un message déjà parti."""
    if (number is None) == (not all_failed):
        raise typer.BadParameter("donnez un numéro de message, ou « --all-failed »", param_hint="'NUMÉRO'")
    with open_database() as db:
        if number is not None:
            retry_notice(db, number, now=now())
        count = 1 if number is not None else retry_all_failed(db, now=now())
    done = f"Le message n° {number} va être" if number else f"{count} message(s) vont être"
    answer(f"{done} envoyé{'' if number else '(s)'} de nouveau.", {"retried": count}, as_json)
