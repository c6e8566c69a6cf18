"""The subjects by which the description of the API sorts its operations."""

from typing import Any

from models.labelled_enum import LabelledEnum


class Tag(LabelledEnum):
    """A subject: its name is ASCII, as generators of clients make modules of it; its label is what people read."""

    me = "me", "Moi"
    projects = "projects", "Projets"
    stages = "stages", "Étapes"
    deliverables = "deliverables", "Livrables"
    sign_offs = "sign_offs", "Validations"
    comments = "comments", "Commentaires"
    delegations = "delegations", "Délégations"
    authority = "authority", "Confirmations"
    commitments = "commitments", "Engagements"
    reminders = "reminders", "Rappels"
    meetings = "meetings", "Réunions"
    journal = "journal", "Journal"
    problems = "problems", "Problèmes"


_ABOUT = {
    Tag.me: "Qui est le titulaire du jeton, et ce qui l’attend.",
    Tag.projects: "Les projets partagés : lire, créer, suspendre, reprendre, annuler.",
    Tag.stages: "Les étapes d’un projet, leur ouverture par l’ANCT, leurs échéances.",
    Tag.deliverables: "Les livrables : leurs versions, lues et déposées, les objections aux révisions mineures.",
    Tag.sign_offs: "Les décisions des collectivités sur les livrables, données en ligne ou sur papier.",
    Tag.comments: "Ce que chacun dit d’un livrable.",
    Tag.delegations: "Les délégations de signature : enregistrées, closes.",
    Tag.authority: "Ce qui attend d’être confirmé par une seconde personne : fonctions, délégations, actes sur papier.",
    Tag.commitments: "Les engagements de l’ANCT et des collectivités.",
    Tag.reminders: "Ce qui est attendu, de qui, et les rappels.",
    Tag.meetings: "Les réunions du comité de pilotage.",
    Tag.journal: "Les faits, dans l’ordre, d’un projet ou des personnes.",
    Tag.problems: "Ce que veulent dire les refus (RFC 9457).",
}


def described_tags() -> list[dict[str, Any]]:
    """The tags as OpenAPI declares them; ``x-displayName`` is what readers of the description show."""
    return [{"name": tag.value, "description": _ABOUT[tag], "x-displayName": tag.label} for tag in Tag]
