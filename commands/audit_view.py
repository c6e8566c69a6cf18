"""The journal of a project as a person reads it."""

from collections.abc import Sequence
from typing import Any

from commands.printing import moment, print_table
from models.person import AuthMethod
from models.sign_off import Decision
from queries.ledger.verify_journal import EntryShown

EVENTS = {
    "project.created": "projet créé",
    "project.taken_in_charge": "projet pris en charge",
    "project.pause": "projet mis en pause",
    "project.resume": "projet repris",
    "project.cancel": "projet annulé",
    "project.in_follow_up": "projet entré en suivi",
    "party.joined": "collectivité entrée",
    "party.left": "collectivité partie",
    "person.added": "personne inscrite",
    "person.erased": "données d’une personne effacées",
    "token.created": "jeton créé",
    "token.revoked": "jeton révoqué",
    "mail_frequency.chosen": "fréquence des messages choisie",
    "links.renewed": "adresses personnelles renouvelées",
    "mandate.given": "rôle donné",
    "delegation.recorded": "délégation de signature",
    "stage_transition.requested": "ouverture d’étape demandée",
    "stage.opened": "étape ouverte",
    "stage.closed": "étape close",
    "deadline.extended": "échéance reportée",
    "deliverable.submitted": "livrable déposé",
    "deliverable.revised_minor": "révision mineure",
    "sign_off.recorded": "décision",
    "sign_off.withdrawn": "décision retirée",
    "charter.signed_by_agency": "charte signée par l’ANCT",
    "contract.awarded": "marché attribué",
    "consultation_strand.held": "volet de concertation tenu",
    "commitments.created": "engagements créés",
    "commitment.begun": "engagement commencé",
    "commitment.kept": "engagement tenu",
    "commitment.waived": "engagement levé",
    "lessons.published": "capitalisation publiée",
    "meeting.convened": "réunion convoquée",
    "meeting.moved": "réunion déplacée",
    "meeting.cancelled": "réunion annulée",
}
SHOWN = (
    "stage",
    "deliverable",
    "version",
    "decision",
    "role",
    "strand",
    "until",
    "commitment",
    "title",
    "reason",
)
"""What of a fact's content is shown beside it."""


def print_entries(entries: Sequence[EntryShown]) -> None:
    """Print the facts, oldest first."""
    rows = [
        (
            str(entry.seq),
            moment(entry.at),
            EVENTS.get(entry.event, entry.event),
            entry.actor or AuthMethod.system.label,
            entry.party or "–",
            entry.auth_method.label,
            ", ".join(_word(name, entry.payload[name]) for name in SHOWN if entry.payload.get(name)),
        )
        for entry in entries
    ]
    print_table(("N°", "Quand", "Fait", "Qui", "Pour", "Reconnu par", "Quoi"), rows, empty="Journal vide.")


def _word(name: str, value: Any) -> str:
    if name == "decision":
        return Decision(value).label
    return f"v{value}" if name == "version" else str(value)
