"""What a proposal asks, line by line, as whoever confirms it reads it: on its page, in its mail, at the terminal."""

from datetime import date

from sqlmodel import Session

from models.act_kind import ActKind
from models.deliverable import Deliverable
from models.lifecycle import load_lifecycle
from models.local_authority import find_authority
from models.person import Person
from models.proposal import Proposal, ProposalKind
from models.sign_off import Decision
from models.signature_delegation import delegation_scopes

Facts = list[tuple[str, str]]


def facts_of(session: Session, proposal: Proposal) -> Facts:
    """The labels and the values, in the order in which they are read; names are read now."""
    authority = find_authority(proposal.authority_code)
    facts: Facts = [("Collectivité", f"{authority.name} ({authority.code})")]
    write = {
        ProposalKind.office: _office,
        ProposalKind.delegation: _delegation,
        ProposalKind.paper_act: _paper_act,
        ProposalKind.withdrawal: _withdrawal,
        ProposalKind.departure: _departure,
        ProposalKind.address: _address,
        ProposalKind.entry: _accession,
        ProposalKind.comeback: _accession,
        ProposalKind.become_signatory: _accession,
        ProposalKind.adhesion: _adhesion,
    }[proposal.kind]
    return facts + write(session, proposal)


def proposer_of(session: Session, proposal: Proposal) -> str:
    """Who proposes it, by name; the operator and a project file speak for the ANCT."""
    if proposal.proposed_by is None:
        return "L’ANCT"
    return session.get_one(Person, proposal.proposed_by).name


def _who(session: Session, proposal: Proposal) -> str:
    if proposal.subject_id is None:
        return "une personne"
    person = session.get_one(Person, proposal.subject_id)
    return f"{person.name} ({person.email})"


def _office(session: Session, proposal: Proposal) -> Facts:
    asked = proposal.request
    facts = [("Qui signera pour elle", _who(session, proposal))]
    if asked.get("quality"):
        facts.append(("Qualité", asked["quality"]))
    since = asked.get("since")
    facts.append(("À partir du", _day(since) if since else "jour de la confirmation"))
    if asked.get("replaces"):
        former = session.get_one(Person, asked["replaces"])
        facts.append(("À la place de", former.name))
    return facts


def _delegation(session: Session, proposal: Proposal) -> Facts:
    asked = proposal.request
    titles = delegation_scopes(load_lifecycle())
    covers = ", ".join(titles.get(word, word) for word in asked["scope"].split(","))
    return [
        ("À", _who(session, proposal)),
        ("Arrêté", asked["order_reference"]),
        ("Portée", covers),
        ("Du", _day(asked["valid_from"])),
        ("Au", _day(asked["valid_until"])),
        ("Donnée à", "un élu (CGCT L2122-18)" if asked["to_elected"] else "un agent (CGCT L2122-19)"),
    ]


def _paper_act(session: Session, proposal: Proposal) -> Facts:
    asked = proposal.request
    deliverable = session.get_one(Deliverable, proposal.deliverable_id)
    facts = [
        ("Livrable", f"{deliverable.title}, version {asked['version']} (empreinte {asked['sha256'][:12]}…)"),
        ("Décision", Decision(asked["decision"]).label),
        ("Acte", f"{ActKind(asked['kind']).label}, du {_day(asked['acted_on'])}"),
    ]
    if asked.get("reason"):
        facts.append(("Motif", asked["reason"]))
    if asked.get("early_reason"):
        facts.append(("Acte antérieur au texte, parce que", asked["early_reason"]))
    return facts


def _withdrawal(session: Session, proposal: Proposal) -> Facts:
    asked = proposal.request
    deliverable = session.get_one(Deliverable, proposal.deliverable_id)
    return [
        ("Livrable", deliverable.title),
        ("Acte", f"{ActKind(asked['kind']).label}, du {_day(asked['acted_on'])}"),
        ("Motif du retrait", asked["reason"]),
    ]


def _departure(_session: Session, proposal: Proposal) -> Facts:
    return [("Motif", proposal.request["reason"])]


def _address(session: Session, proposal: Proposal) -> Facts:
    return [("Personne", _who(session, proposal)), ("Nouvelle adresse", proposal.request["email"])]


def _accession(session: Session, proposal: Proposal) -> Facts:
    asked = proposal.request
    facts = _council(proposal)
    for label, number in (("Interlocuteur privilégié", asked["contact"]), ("Qui signe", asked["signatory"])):
        if number is not None:
            person = session.get_one(Person, number)
            facts.append((label, f"{person.name} ({person.email})"))
    if asked["sha256"] is None:
        charter = "pas encore signée par toutes : à signer à son étape, ou par une adhésion une fois close"
    else:
        charter = _charter(asked["sha256"])
    return [*facts, ("La charte", charter), ("Compte", "dans les étapes qui s’ouvrent ensuite")]


def _adhesion(_session: Session, proposal: Proposal) -> Facts:
    return [*_council(proposal), ("La charte", _charter(proposal.request["sha256"]))]


def _council(proposal: Proposal) -> Facts:
    asked = proposal.request
    council = asked["deliberation"]
    facts = [
        ("Acte", f"délibération n° {council['number']} du {_day(asked['acted_on'])}, {council['subject']}")
    ]
    if asked["early_reason"]:
        facts.append(("Acte antérieur au texte, parce que", asked["early_reason"]))
    return facts


def _charter(sha256: str) -> str:
    return f"approuvée par cet acte, avec tous ses engagements (empreinte {sha256[:12]}…)"


def _day(text: str) -> str:
    return f"{date.fromisoformat(text[:10]):%d/%m/%Y}"
