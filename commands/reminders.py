"""``projet-partage reminders``: who is reminded of what, on any day; the daily round; an agent's own reminder."""

from datetime import date
from typing import Annotated, Any

import typer

from actions.reminders.remind_by_hand import ReminderRequest, remind_by_hand
from actions.reminders.send_reminders import Round, is_open, send_reminders
from commands.lazy_group import group
from commands.open_database import act, now, open_database
from commands.options import As, AsJson, Slug, day_option
from commands.printing import answer, day, print_list, say
from models.answer_shapes import Reminded
from models.paris_time import paris_day
from models.refusal import Refusal
from models.reminder import CLOSES, OPENS
from notifications.digest_values import digest_subject
from queries.reminders.followed import follow
from queries.reminders.preview import PlannedDigest, PlannedMail, preview_reminders
from settings import settings

app = group("Les rappels : qui sera prévenu de quoi, et quand.")

KINDS = {
    "sign_off": "validation",
    "deliverable": "livrable",
    "commitment": "engagement",
    "meeting": "réunion",
    "delegation": "délégation",
}
_ON = day_option("Le jour.", "--on")


class DayGone(Refusal):
    """The reminders of a day that is over are not sent any more."""

    def __init__(self, on: date) -> None:
        super().__init__(
            f"Le {on:%d/%m/%Y} est passé : ses rappels ne partent plus. « reminders preview --on {on} » les montre."
        )


@app.command()
def preview(on: Annotated[date, _ON], as_json: AsJson = False) -> None:
    """Montre qui serait prévenu ce jour-là, passé ou à venir, et de quoi ; n’envoie rien."""
    with open_database() as db:
        planned = preview_reminders(db, day=on, now=now())
    rows = [
        (each.email, line["kind_label"], line["text"], line["rung"], day(line["due_on"]))
        for each in planned
        for line in _lines(each)
    ]
    columns = ("À qui", "Quoi", "Objet", "Rang", "Échéance")
    mails = [_mail(each) for each in planned]
    print_list(mails, as_json, columns, rows, empty=f"Rien ne partirait le {on:%d/%m/%Y}.")
    if planned and not as_json:
        say(
            f"{len(planned)} courriel(s), à partir de {planned[0].send_at:%H:%M} le {on:%d/%m/%Y}. Rien n’a été envoyé."
        )


def _lines(planned: PlannedDigest) -> list[dict[str, Any]]:
    """The lines as people read them; news and states of projects have neither rung nor due date."""
    lines: list[dict[str, Any]] = [
        {"kind_label": KINDS[line.kind] + (" (copie)" if line.is_copy else ""), "text": line.text,
         "rung": line.rung, "due_on": line.due_on}
        for line in planned.lines
    ]  # fmt: skip
    for project in planned.payload["projects"]:
        for _ in project["news"]:
            lines.append({"kind_label": "nouvelle", "text": project["title"], "rung": "", "due_on": None})
        if project["state"]:
            lines.append({"kind_label": "état", "text": project["title"], "rung": "", "due_on": None})
    return lines


def _mail(planned: PlannedDigest) -> PlannedMail:
    return planned.mail(digest_subject(planned.message, planned.payload, planned.name, settings().public_url))


@app.command()
def send(on: Annotated[date | None, _ON] = None, as_json: AsJson = False) -> None:
    """Fait ce que fait chaque jour le programme : un récapitulatif par personne, prêt à partir.

    Rien deux fois : rappelée, la commande trouve le travail fait. Avec --on, le jour à venir est avancé à
    maintenant.
    """
    at = now()
    today = paris_day(at)
    chosen = on or today
    if chosen < today:
        raise DayGone(chosen)
    written = Round(chosen)
    if chosen == today and not is_open(at, today):
        sentence = f"Les rappels partent de {OPENS:%H} h à {CLOSES:%H} h, heure de Paris : rien n’est parti."
    else:
        with open_database() as db:
            done = send_reminders(db, day=chosen, now=at)
        written = done or written
        sentence = f"{written.digests} récapitulatif(s) pour le {chosen:%d/%m/%Y}, {written.lines} rappel(s)."
        if done is None:
            sentence = f"Les rappels du {chosen:%d/%m/%Y} sont déjà écrits, ou en train de l’être."
    answer(sentence, {"day": chosen, "digests": written.digests, "reminders": written.lines}, as_json)


@app.command("list")
def list_(slug: Slug, as_json: AsJson = False) -> None:
    """Donne ce qui est attendu dans un projet, avec le dernier rappel et le prochain."""
    with open_database() as db, db.read() as session:
        followed = follow(session, slug, now())
    rows = [
        (
            each.subject,
            each.party or "",
            each.about,
            day(each.due_on),
            day(each.last_reminded_on),
            day(each.next_reminder_on),
        )
        for each in followed
    ]
    columns = ("Sujet", "Qui", "Objet", "Échéance", "Dernier rappel", "Prochain")
    print_list(followed, as_json, columns, rows, empty="Rien n’est attendu dans ce projet.")


@app.command("now")
def now_(
    slug: Slug,
    subject: Annotated[str, typer.Argument(metavar="SUJET", help="Donné par « reminders list ».")],
    email: As,
    as_json: AsJson = False,
) -> None:
    """Rappelle une chose tout de suite, de la part de l’agent de l’ANCT ; une fois par jour au plus."""
    thing = act(remind_by_hand, email, ReminderRequest(slug, subject))
    reminded = Reminded(subject=thing.subject, recipients=len(thing.readers))
    answer(f"Rappel envoyé à {len(thing.readers)} personne(s) : {thing.text}.", reminded, as_json)
