"""What each event of the journal is called in French, in a list; ``queries.ledger.journal_words`` has the sentences."""

PROJECT_EVENTS = {
    "project.created": "projet créé",
    "project.taken_in_charge": "projet pris en charge",
    "project.pause": "projet mis en pause",
    "project.resume": "projet repris",
    "project.cancel": "projet annulé",
    "project.in_follow_up": "projet entré en suivi",
    "party.joined": "collectivité entrée",
    "party.left": "collectivité partie",
    "mandate.given": "rôle donné",
    "mandate.ended": "rôle terminé",
    "person.renamed": "nom corrigé",
    "address.changed": "adresse changée",
    "stage_transition.requested": "ouverture d’étape demandée",
    "stage.opened": "étape ouverte",
    "stage.closed": "étape close",
    "review.started": "étape mise à la validation",
    "deadline.extended": "échéance reportée",
    "deliverable.submitted": "livrable déposé",
    "deliverable.revised_minor": "révision mineure",
    "comment.added": "commentaire ajouté",
    "comment.withdrawn": "commentaire retiré",
    "sign_off.recorded": "décision",
    "sign_off.withdrawn": "décision retirée",
    "charter.signed_by_agency": "charte signée par l’ANCT",
    "contract.awarded": "marché attribué",
    "consultation_strand.held": "volet de concertation tenu",
    "commitments.created": "engagements créés",
    "commitment.begun": "engagement commencé",
    "commitment.kept": "engagement tenu",
    "commitment.waived": "engagement levé",
    "meeting.convened": "réunion convoquée",
    "meeting.moved": "réunion déplacée",
    "meeting.cancelled": "réunion annulée",
    "reminder.sent": "rappel envoyé à la main",
    "reminders.due": "rappels du jour",
    "lessons.published": "capitalisation publiée",
    "channel.added": "canal de messages ajouté",
    "channel.removed": "canal de messages retiré",
}
"""Those of a project's journal; some are recorded in the register too, when they concern no project."""

REGISTER_EVENTS = {
    "person.added": "personne inscrite",
    "address.asked": "changement d’adresse demandé",
    "person.erased": "données d’une personne effacées",
    "token.created": "jeton créé",
    "token.revoked": "jeton révoqué",
    "mail_frequency.chosen": "fréquence des messages choisie",
    "links.renewed": "adresses personnelles renouvelées",
    "delegation.recorded": "délégation de signature",
    "delegation.revoked": "délégation de signature révoquée",
    "system.restored": "système restauré depuis une sauvegarde",
}
"""Those of the register only."""

EVENT_LABELS = PROJECT_EVENTS | REGISTER_EVENTS
