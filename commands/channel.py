"""``projet-partage channel``: the other ways to reach a person or a project's team (Apprise addresses)."""

from typing import Annotated

import typer

from actions.people.channels import (
    ChannelRequest,
    add_person_channel,
    add_project_channel,
    channel_address,
    remove_channel,
)
from commands.completion import emails, project_slugs
from commands.lazy_group import group
from commands.open_database import act, acting, now, open_database
from commands.options import As, AsJson, number_argument
from commands.printing import answer, moment, print_list
from database.address_lock import AddressLock
from models.refusal import Refusal
from queries.people.channels import list_channels
from settings import settings

app = group("Les canaux : Tchap, Mattermost, SMS… en plus du courriel.")

Number = Annotated[int, number_argument("Le numéro du canal.")]


class TrialFailed(Refusal):
    """The service of the channel did not take the trial message."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(
            f"Le message d’essai n’est pas parti par le canal n° {number} : {reason} "
            "Vérifiez l’adresse, ses identifiants, et que le service est joignable d’ici."
        )


@app.command()
def add(
    address: Annotated[
        str,
        typer.Argument(
            metavar="ADRESSE_APPRISE",
            help="Par exemple « matrixs://identifiant:mot-de-passe@serveur/#salon » ; elle est gardée chiffrée.",
        ),
    ],
    email: As,
    person: Annotated[
        str | None, typer.Option(metavar="ADRESSE", help="Le canal d’une personne.", autocompletion=emails)
    ] = None,
    project: Annotated[
        str | None,
        typer.Option(
            metavar="PROJET", help="Le canal de l’équipe d’un projet.", autocompletion=project_slugs
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Prévient aussi par ce canal : l’objet de chaque message, une phrase et le lien."""
    if (person is None) == (project is None):
        raise typer.BadParameter(
            "donnez « --person ADRESSE » ou « --project PROJET »", param_hint="'--person'"
        )
    # Imported here: Apprise takes longer to load than the other commands to run.
    from notifications.channel import check_channel

    label = check_channel(address)
    add_channel = add_project_channel if person is None else add_person_channel
    request = ChannelRequest(project or "" if person is None else person, address, label)
    with open_database() as db:
        number = add_channel(db, acting(db, email), request, _lock(), now=now())
    data = {"id": number, "label": label, "person": person, "project": project}
    whose = person or f"l’équipe de « {project} »"
    answer(
        f"Canal n° {number} ({label}) ajouté pour {whose} ; « channel try {number} » l’essaie.", data, as_json
    )


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Donne les canaux en service ; leurs adresses ne sont jamais montrées."""
    with open_database() as db, db.read() as session:
        channels = list_channels(session)
    rows = [
        (str(each.id), each.label, each.person or f"équipe de {each.project}", moment(each.added_at))
        for each in channels
    ]
    columns = ("N°", "Service", "Pour", "Ajouté le")
    print_list(channels, as_json, columns, rows, empty="Aucun canal : tout part par courriel.")


@app.command()
def remove(number: Number, email: As, as_json: AsJson = False) -> None:
    """Retire un canal, et efface son adresse."""
    act(remove_channel, email, number)
    answer(f"Le canal n° {number} est retiré.", {"id": number, "removed": True}, as_json)


@app.command("try")
def try_(number: Number, as_json: AsJson = False) -> None:
    """Envoie tout de suite un message d’essai par un canal."""
    from notifications.channel import send_words
    from notifications.outgoing_mail import TransportError

    with open_database() as db, db.read() as session:
        address = channel_address(session, number, _lock())
    try:
        send_words(address, "Essai – Projets partagés", "Les messages arriveront ici.", settings().public_url)
    except TransportError as error:
        raise TrialFailed(number, str(error)) from None
    answer(f"Le message d’essai est parti par le canal n° {number}.", {"id": number, "sent": True}, as_json)


def _lock() -> AddressLock:
    return AddressLock(settings().secret())
