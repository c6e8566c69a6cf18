"""``projet-partage meeting``: the steering committee is convened, moved, cancelled; its meetings are read."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from actions.meetings.change_meeting import MeetingCancellation, MeetingChanges, cancel_meeting, move_meeting
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from commands.lazy_group import group
from commands.open_database import act, now, open_database
from commands.options import As, AsJson, Reason, Slug, number_argument
from commands.printing import answer, moment, print_list, say
from models.answer_shapes import MeetingConvened
from models.meeting import HOURS, Meeting
from models.paris_time import UnclearHour, paris_instant
from queries.ledger.find import find_project
from queries.meetings.meetings import MeetingShown, list_meetings

app = group("Les réunions du comité de pilotage.")

STATUS = {"to_come": "à venir", "held": "passée", "cancelled": "annulée"}
EXAMPLE = "2027-01-12T14:00"


def read_moment(text: str | datetime) -> datetime:
    """A day and an hour, of Paris unless an offset is written."""
    if isinstance(text, datetime):
        return text
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or len(text) <= len("2027-01-12"):
        raise typer.BadParameter(
            f"« {text} » n’est pas un jour et une heure ; écrivez-les comme {EXAMPLE} (heure de Paris)"
        )
    HOURS.read(instant)
    if instant.tzinfo is None:
        try:
            return paris_instant(instant)
        except UnclearHour as unclear:
            advice = "ou écrivez le décalage, comme 2027-10-31T02:30+01:00"
            raise typer.BadParameter(f"{unclear.reason}, {advice}") from None
    return instant.astimezone(UTC)


def _moment(name: str, text: str) -> Any:
    return typer.Option(name, parser=read_moment, metavar="AAAA-MM-JJTHH:MM", help=text)


Number = Annotated[int, number_argument("Le numéro de la réunion.")]
Place = Annotated[
    str | None, typer.Option(metavar="LIEU", help="Une salle, ou l’adresse d’une visioconférence.")
]
Agenda = Annotated[
    str | None, typer.Option(metavar="TEXTE", help="L’ordre du jour ; ce qui est en retard s’y ajoute.")
]


@app.command("list")
def list_(slug: Slug, as_json: AsJson = False) -> None:
    """Donne les réunions d’un projet, et ce qui est en retard à l’ordre du jour de la prochaine."""
    with open_database() as db, db.read() as session:
        meetings = list_meetings(session, find_project(session, slug), now())
    rows = [
        (str(each.id), moment(each.starts_at), each.title, each.place or "–", STATUS[each.status])
        for each in meetings
    ]
    columns = ("N°", "Quand", "Réunion", "Où", "État")
    print_list(meetings, as_json, columns, rows, empty="Aucune réunion convoquée.")
    if not as_json:
        _print_late(meetings)


def _print_late(meetings: list[MeetingShown]) -> None:
    for each in meetings:
        for place, line in enumerate(each.late):
            if place == 0:
                say(f"À l’ordre du jour de la réunion n° {each.id}, parce qu’en retard :")
            say(f"– {line.text}")


@app.command()
def convene(
    slug: Slug,
    title: Annotated[str, typer.Option(metavar="TITRE", help="Le titre de la réunion.")],
    starts: Annotated[datetime, _moment("--starts", "Quand elle commence, à Paris.")],
    ends: Annotated[datetime, _moment("--ends", "Quand elle finit, à Paris.")],
    email: As,
    place: Place = None,
    agenda: Agenda = None,
    as_json: AsJson = False,
) -> None:
    """L’ANCT convoque le comité de pilotage ; chacun reçoit l’invitation."""
    meeting = act(convene_meeting, email, MeetingPlan(slug, title, starts, ends, place, agenda))
    _answer(meeting, "les invitations partent.", as_json)


@app.command()
def move(
    number: Number,
    email: As,
    starts: Annotated[datetime | None, _moment("--starts", "Quand elle commence, à Paris.")] = None,
    ends: Annotated[
        datetime | None, _moment("--ends", "Quand elle finit ; sans elle, la réunion garde sa durée.")
    ] = None,
    place: Place = None,
    agenda: Agenda = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXTE", help="Le motif, en clair.")] = None,
    as_json: AsJson = False,
) -> None:
    """L’ANCT change la date, le lieu ou l’ordre du jour d’une réunion ; chacun en est prévenu."""
    meeting = act(move_meeting, email, MeetingChanges(number, starts, ends, place, agenda, reason))
    _answer(meeting, "chacun est prévenu du changement.", as_json)


@app.command()
def cancel(number: Number, reason: Reason, email: As, as_json: AsJson = False) -> None:
    """L’ANCT annule une réunion, avec un motif ; chacun en est prévenu."""
    meeting = act(cancel_meeting, email, MeetingCancellation(number, reason))
    _answer(meeting, "annulée, chacun en est prévenu.", as_json)


def _answer(meeting: Meeting, done: str, as_json: bool) -> None:
    sentence = f"Réunion n° {meeting.id} du {moment(meeting.starts_at)} : {done}"
    answer(sentence, MeetingConvened.model_validate(meeting), as_json)
