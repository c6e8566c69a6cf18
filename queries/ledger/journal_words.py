"""The facts of the journal in French: one sentence for each event, its names read when it is shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from models.evidence import Evidence
from models.lifecycle import Lifecycle, StageDefinition
from models.paris_time import french_date_time, paris_day
from models.person import MailFrequency, Role
from models.proposal import ProposalKind
from models.sign_off import Decision
from models.signature_delegation import delegation_scopes


@dataclass(frozen=True, slots=True)
class Names:
    """What the entries of a page name by their numbers and codes; ``lifecycle`` is None while its file is away.

    ``projects`` are the titles of those that the register tells of.
    """

    people: Mapping[int, str]
    parties: Mapping[str, str]
    lifecycle: Lifecycle | None
    projects: Mapping[int, str] = field(default_factory=dict)

    def person(self, number: object) -> str:
        """Their name; it may have been erased since."""
        return self.people.get(number, "une personne") if isinstance(number, int) else "une personne"

    def party(self, code: str | None) -> str:
        """The party of this code, or the ANCT."""
        return self.parties.get(code, code) if code else "l’ANCT"

    def stage(self, key: object) -> str:
        """The stage between « »."""
        titles: dict[str, str] = {each.key: each.title for each in self._stages}
        return f"« {titles.get(str(key), key)} »"

    def deliverable(self, key: object) -> str:
        """The deliverable between « »."""
        titles = {one.key: one.title for stage in self._stages for one in stage.deliverables}
        return f"« {titles.get(str(key), key)} »"

    def project(self, number: object) -> str:
        """The title of this project between « »."""
        return f"« {self.projects.get(number, number) if isinstance(number, int) else number} »"

    def scope(self, scope: str) -> str:
        """What a delegation is about, in words."""
        labels = delegation_scopes(self.lifecycle) if self.lifecycle else {}
        return ", ".join(labels.get(word, word) for word in scope.split(","))

    @property
    def _stages(self) -> tuple[StageDefinition, ...]:
        return tuple(self.lifecycle.stages) if self.lifecycle else ()


Said = Callable[[dict[str, Any], str | None, Names], str]


def _day(iso: object) -> str:
    return f"{date.fromisoformat(str(iso)[:10]):%d/%m/%Y}" if iso else "une date à fixer"


def _day_of(iso: object) -> str:
    """The day in Paris of an instant."""
    return f"{paris_day(datetime.fromisoformat(str(iso))):%d/%m/%Y}"


def _hour(iso: object) -> str:
    return french_date_time(datetime.fromisoformat(str(iso)))


def _several(number: int, one: str, many: str) -> str:
    return f"{number} {one if number < 2 else many}"


def _whose(code: str | None, names: Names) -> str:
    return f" ({names.party(code)})" if code else ""


def _version(p: dict[str, Any], code: str | None, names: Names) -> str:
    return f"version {p['version']} de {names.deliverable(p['deliverable'])}{_whose(code, names)}"


def _decided(p: dict[str, Any], code: str | None, names: Names) -> str:
    decision = {
        Decision.approved: "a approuvé",
        Decision.approved_with_reservations: "a approuvé avec réserves",
        Decision.refused: "a refusé",
    }[Decision(p["decision"])]
    if p.get("adhesion"):
        return f"{names.party(code)} adhère à {names.deliverable(p['deliverable'])} (sur papier)"
    how = ["sur papier"] * bool(p.get("paper")) + [_evidence(p)] * ("rests_on" in p)
    said = f" ({', '.join(how)})" if how else ""
    return f"{names.party(code)} {decision} {names.deliverable(p['deliverable'])}{said}"


def _evidence(p: dict[str, Any]) -> str:
    return f"autorité {Evidence(p['rests_on']).label}"


def _proposed(p: dict[str, Any], code: str | None, names: Names) -> str:
    """What a proposal is about, without the names that it carried."""
    kind = ProposalKind(p["kind"])
    who = f" : {names.person(p['person'])}" if p.get("person") else ""
    return f"{kind.label}{_whose(code, names)}{who}, n° {p['proposal']}"


def _role(p: dict[str, Any]) -> str:
    return Role(p["role"]).label


def _role_ended(p: dict[str, Any], code: str | None, names: Names) -> str:
    who, what = names.person(p["person"]), f"{_role(p)}{_whose(code, names)}"
    if last_day := p.get("last_day"):
        return f"{who} reste {what} jusqu’au {_day(last_day)} inclus"
    return f"{who} n’est plus {what}"


def _extended(p: dict[str, Any], code: str | None, names: Names) -> str:
    whom = f" pour {names.party(code)}" if code else ""
    return f"Échéance de l’étape {names.stage(p['stage'])} reportée au {_day(p['until'])}{whom}"


def _promised(p: dict[str, Any], code: str | None, names: Names) -> str:
    if "commitments" not in p:
        return f"Engagement pris de répondre à une réserve{_whose(code, names)}"
    return f"{_several(len(p['commitments']), 'engagement inscrit', 'engagements inscrits')} pour {names.party(code)}"


def _created(p: dict[str, Any], code: str | None, names: Names) -> str:
    return f"Projet {names.project(p['project'])} créé" if "project" in p else "Projet créé"


def _channel(what: str) -> Said:
    def say(p: dict[str, Any], code: str | None, names: Names) -> str:
        whose = f", celui de {names.person(p['person'])}" if "person" in p else ""
        return f"Canal de messages {what}{whose}"

    return say


def _delegated(p: dict[str, Any], code: str | None, names: Names) -> str:
    return (
        f"Délégation de signature n° {p['delegation']} de {names.person(p['delegator'])} à "
        f"{names.person(p['delegate'])}{_whose(code, names)}, du {_day(p['valid_from'])} au "
        f"{_day(p['valid_until'])}, pour {names.scope(p['scope'])}, par l’arrêté « {p['order']} »"
    )


def _token(p: dict[str, Any], code: str | None, names: Names) -> str:
    right = "en lecture seule" if p["is_read_only"] else "qui agit en son nom"
    return f"Jeton n° {p['token']} créé par {names.person(p['person'])}, {right}, jusqu’au {_day(p['expires_at'])}"


def _frequency(p: dict[str, Any], code: str | None, names: Names) -> str:
    return f"Messages de {names.person(p['person'])} : {MailFrequency(p['frequency']).label}"


def _reminded(p: dict[str, Any], code: str | None, names: Names) -> str:
    people = dict.fromkeys(names.person(each[2]) for each in p["reminders"])
    return f"Rappels du {_day(p['on'])} à : {', '.join(people)}"


SENTENCES: dict[str, Said] = {
    "project.created": _created,
    "project.pause": lambda p, c, n: "Projet mis en pause",
    "project.resume": lambda p, c, n: "Projet repris",
    "project.cancel": lambda p, c, n: "Projet annulé",
    "project.in_follow_up": lambda p, c, n: "Toutes les étapes sont closes : le projet passe en suivi",
    "project.taken_in_charge": lambda p, c, n: "Projet pris en charge",
    "party.joined": lambda p, c, n: f"{n.party(c)} entre dans le projet",
    "party.left": lambda p, c, n: f"{n.party(c)} quitte le projet",
    "party.returned": lambda p, c, n: f"{n.party(c)} revient dans le projet",
    "party.became_signatory": lambda p, c, n: f"{n.party(c)}, observatrice, devient signataire",
    "mandate.given": lambda p, c, n: f"{n.person(p['person'])} devient {_role(p)}{_whose(c, n)}",
    "mandate.ended": _role_ended,
    "person.renamed": lambda p, c, n: f"Le nom de {n.person(p['person'])} est corrigé",
    "address.changed": lambda p, c, n: f"{n.person(p['person'])} change d’adresse",
    "office.given": lambda p, c, n: (
        f"{n.person(p['person'])} signe pour {n.party(c)} à partir du {_day_of(p['since'])} ({_evidence(p)})"
    ),
    "authority.proposed": lambda p, c, n: f"Proposé, à confirmer : {_proposed(p, c, n)}",
    "authority.confirmed": lambda p, c, n: f"Confirmé : {_proposed(p, c, n)}",
    "authority.declined": lambda p, c, n: f"Écarté : {_proposed(p, c, n)}",
    "authority.dropped": lambda p, c, n: f"Retiré par qui le proposait : {_proposed(p, c, n)}",
    "authority.expired": lambda p, c, n: f"Expiré sans confirmation : {_proposed(p, c, n)}",
    "stage_transition.requested": lambda p, c, n: f"Ouverture de l’étape {n.stage(p['stage'])} demandée",
    "stage.opened": lambda p, c, n: f"Étape {n.stage(p['stage'])} ouverte, jusqu’au {_day(p['due_on'])}",
    "stage.closed": lambda p, c, n: f"Étape {n.stage(p['stage'])} close",
    "review.started": lambda p, c, n: f"Étape {n.stage(p['stage'])} mise à la validation des signataires",
    "deadline.extended": _extended,
    "deliverable.submitted": lambda p, c, n: f"Dépôt de la {_version(p, c, n)}",
    "deliverable.revised_minor": lambda p, c, n: f"Révision mineure : {_version(p, c, n)}",
    "deliverable.minor_objected": lambda p, c, n: (
        f"{n.party(c)} s’oppose à la révision mineure de {n.deliverable(p['deliverable'])} : la version {p['version']} "
        "est une nouvelle version"
    ),
    "deliverable.minor_settled": lambda p, c, n: (
        f"Délai d’objection écoulé : la version {p['version']} de {n.deliverable(p['deliverable'])}{_whose(c, n)} "
        "reste une révision mineure"
    ),
    "comment.added": lambda p, c, n: (
        f"{'Réponse à un commentaire' if p['answers'] else 'Commentaire'} sur {n.deliverable(p['deliverable'])}"
    ),
    "comment.withdrawn": lambda p, c, n: (
        f"Commentaire retiré de {n.deliverable(p['deliverable'])} par "
        f"{'son auteur' if p['by_author'] else 'l’ANCT'}"
    ),
    "sign_off.recorded": _decided,
    "sign_off.withdrawn": lambda p, c, n: (
        f"{n.party(c)} retire sa décision sur {n.deliverable(p['deliverable'])}"
    ),
    "charter.signed_by_agency": lambda p, c, n: "L’ANCT signe la charte",
    "contract.awarded": lambda p, c, n: "Marché attribué, prestataire désigné",
    "contract.replaced": lambda p, c, n: (
        f"Prestataire remplacé : le marché précédent a pris fin le {_day(p['ended_on'])}"
    ),
    "consultation_strand.held": lambda p, c, n: (
        f"{n.party(c)} a tenu un volet de sa concertation le {_day(p['held_on'])} "
        f"({_several(p['participants'], 'participant', 'participants')})"
    ),
    "commitments.created": _promised,
    "commitments.taken_up": lambda p, c, n: (
        f"{_several(len(p['commitments']), 'engagement repris', 'engagements repris')} par {n.party(c)}"
    ),
    "commitment.begun": lambda p, c, n: f"Engagement n° {p['commitment']} commencé par {n.party(c)}",
    "commitment.kept": lambda p, c, n: f"Engagement n° {p['commitment']} tenu par {n.party(c)}",
    "commitment.waived": lambda p, c, n: f"Engagement n° {p['commitment']} levé ({n.party(c)})",
    "meeting.convened": lambda p, c, n: f"Réunion « {p['title']} » convoquée le {_hour(p['starts_at'])}",
    "meeting.moved": lambda p, c, n: f"Réunion « {p['title']} » changée : le {_hour(p['starts_at'])}",
    "meeting.cancelled": lambda p, c, n: f"Réunion « {p['title']} » annulée",
    "reminder.sent": lambda p, c, n: (
        f"Rappel envoyé à : {', '.join(n.person(one) for one in p['recipients'])}"
    ),
    "reminders.due": _reminded,
    "lessons.published": lambda p, c, n: (
        f"{n.deliverable(p['deliverable'])} publié{_whose(c, n)} ({p['licence']})"
    ),
    "channel.added": _channel("ajouté"),
    "channel.removed": _channel("retiré"),
}
"""What each event of a project's journal says, from its payload and the code of its party."""

REGISTER_SENTENCES: dict[str, Said] = {
    "person.added": lambda p, c, n: f"Personne n° {p['person']} inscrite : {n.person(p['person'])}",
    "address.asked": lambda p, c, n: f"Changement d’adresse demandé par {n.person(p['person'])}",
    "person.erased": lambda p, c, n: f"Données de la personne n° {p['person']} effacées",
    "token.created": _token,
    "token.revoked": lambda p, c, n: f"Jeton n° {p['token']} de {n.person(p['person'])} révoqué",
    "mail_frequency.chosen": _frequency,
    "links.renewed": lambda p, c, n: f"Adresses personnelles de {n.person(p['person'])} renouvelées",
    "delegation.recorded": _delegated,
    "delegation.revoked": lambda p, c, n: (
        f"Délégation de signature n° {p['delegation']} révoquée{_whose(c, n)}"
    ),
    "system.restored": lambda p, c, n: (
        f"Système restauré depuis une sauvegarde : ce qu’elle tient s’arrête le {_hour(p['holds_until'])}"
    ),
}
"""What each event that only the register has says, in the same way."""


def sentence(event: str, payload: dict[str, Any], party_code: str | None, names: Names) -> str:
    """The entry in French; an event without words of its own, or whose content was altered, is named as it is."""
    write = SENTENCES.get(event) or REGISTER_SENTENCES.get(event)
    try:
        return write(payload, party_code, names) if write else event
    except (KeyError, TypeError, ValueError):
        return event  # its line no longer has its hash: the page that shows it says so


def reason(payload: Mapping[str, Any]) -> str | None:
    """What somebody wrote with the fact: a reason, the evidence of a commitment."""
    return payload.get("reason") or payload.get("evidence")
