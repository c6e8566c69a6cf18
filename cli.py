"""The command ``projet-partage``: names its commands, and loads the one that is asked for."""

import io
import sys

import typer

from commands.lazy_group import LazyGroup

COMMANDS = {
    "up": ("commands.up:up", "Démarre tout au premier plan ; Ctrl-C arrête tout."),
    "run": ("commands.run:run", "Devient un seul des processus du système (systemd, Procfile, conteneur)."),
    "demo": ("commands.demo:demo", "Joue le projet réel, de la charte au suivi."),
    "person": ("commands.person:app", "Les personnes et leurs rôles."),
    "role": ("commands.role:app", "Les rôles : y mettre fin."),
    "project": ("commands.project:app", "Créer, importer, lire et conduire les projets."),
    "party": ("commands.party:app", "Les collectivités qui entrent dans un projet ou le quittent."),
    "stage": ("commands.stage:app", "Ouvrir une étape, reporter son échéance."),
    "meeting": ("commands.meeting:app", "Les réunions du comité de pilotage."),
    "deliverable": ("commands.deliverable:app", "Déposer les livrables, s’opposer à une révision mineure."),
    "sign-off": ("commands.sign_off:app", "Valider un livrable, ou retirer sa validation."),
    "delegation": ("commands.delegation:app", "Les délégations de signature."),
    "authority": ("commands.authority:app", "Qui peut signer quoi, et la seconde clé de ce qui est proposé."),
    "office": ("commands.office:app", "Les maires et présidents : les nommer, préparer une passation."),
    "charter": ("commands.charter:app", "La signature de la charte par l’ANCT."),
    "contractor": ("commands.contractor:app", "L’attribution du marché au prestataire."),
    "consultation": ("commands.consultation:app", "Les volets de la concertation de chaque ville."),
    "commitment": ("commands.commitment:app", "Les engagements : les lire, les tenir, les lever."),
    "reminders": ("commands.reminders:app", "Les rappels : qui sera prévenu de quoi, et quand."),
    "notices": ("commands.notices:app", "Les messages qui attendent ou n’ont pas pu partir."),
    "channel": ("commands.channel:app", "Les autres canaux que le courriel : Tchap, Mattermost, SMS…"),
    "token": ("commands.token:app", "Les jetons personnels de l’API : les lire, les révoquer."),
    "reconcile": ("commands.reconcile:reconcile", "Accorde la base et Prefect ; dit ce qui est réparé."),
    "audit": ("commands.audit:app", "Le journal des faits : le vérifier, le lire."),
    "export": ("commands.export:app", "Les données ouvertes."),
    "backup": ("commands.backup:backup", "Sauvegarde tout le système, sans rien arrêter."),
    "restore": ("commands.restore:restore", "Restaure tout le système dans un endroit vide."),
    "database": ("commands.database:app", "La base de données."),
}
"""Each command: where it is, loaded only when it is asked for, and what the help says of it."""


class Root(LazyGroup):
    """The first level of the command line."""

    places = COMMANDS


app = typer.Typer(name="projet-partage", cls=Root, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def root() -> None:
    """Les projets partagés « Territoires en commun » : étapes, validations, engagements."""


def main() -> None:
    """Entry point of the installed command. It speaks UTF-8, whatever the locale."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    app(prog_name="projet-partage")


if __name__ == "__main__":
    main()
