"""What the people of the demonstration do when something is awaited from them: the same actions as in life."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlmodel import select

from actions.commitments.settle_commitment import Evidence, keep_commitment
from actions.confirmation.settle import confirm_proposal
from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from actions.projects.appoint_contractor import AwardRequest, Firm, appoint_contractor
from actions.signing.paper_act import PaperAct
from actions.signing.sign_charter import CharterSignature, sign_charter
from actions.signing.sign_off import SignOffRequest, sign_off
from actions.signing.sign_on_paper import PaperSignOff, sign_on_paper
from actions.stages.record_strand import HeldStrand, record_strand
from commands.demo_cast import Cast
from commands.seed import EXAMPLES
from models.act_kind import ActKind
from models.commitment import Commitment, CommitmentOrigin, CommitmentStatus
from models.council_deliberation import CouncilDeliberation, moved_act
from models.deliverable import Deliverable
from models.paris_time import paris_day
from models.person import Actor, Role
from models.sign_off import Decision
from models.stage_needs import Missing
from models.stored_row import identity
from models.yaml_file import read_yaml
from queries.ledger.find import find_party, find_project, find_stage, strands_of

CONTRACTOR = Firm(
    "Coopérative Regards Croisés (fictive)",
    "73282932000074",
    "Jeanne Arnal",
    "jeanne.arnal@regards-croises.example",
)
PARTNER = Firm(
    "Atelier des Communs (fictif)", "55208131766522", "Karim Haddad", "karim.haddad@atelier-communs.example"
)
AMOUNT_EUR = Decimal("148500.00")
PARTICIPANTS = {"citizens": 214, "professionals": 63, "artistic_programme": 1250}
GUICHEN, NIORT = "35126", "79191"


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing done: by whom, what, and how it looks (good, soft or hard)."""

    who: str
    what: str
    style: str = "good"


def answer(cast: Cast, stage_key: str, missing: Missing) -> Beat | None:
    """Do what is awaited, as the person it is awaited from; None while it has not been asked yet."""
    acts = {
        "deliverable": _submit,
        "revision": _submit,
        "strand": _hold_strand,
        "sign_off": _sign,
        "agency_signature": _sign_for_agency,
        "contractor": _award,
    }
    act = acts.get(missing.what)
    return act(cast, stage_key, missing) if act else None


def _submit(cast: Cast, stage_key: str, missing: Missing) -> Beat | None:
    deliverable = cast.deliverable(stage_key, missing)
    if missing.what == "deliverable" and not cast.was_asked_for(deliverable):
        return None
    author = _author(cast, deliverable.key, missing.deliverable_party)
    path = _document(cast, deliverable, missing.deliverable_party)
    with cast.files.receive_path(path) as file:
        submission = Submission(cast.slug, stage_key, deliverable.key, file, missing.deliverable_party)
        version = submit_deliverable(cast.db, author, submission, now=_now())
    whose = f" de {cast.city(missing.deliverable_party)}" if missing.deliverable_party else ""
    news = f"dépose « {deliverable.title} »{whose}"
    if version.number > 1:
        news += f", version {version.number} : les validations de la version précédente tombent"
    return Beat(author.name, news, "soft")


def _author(cast: Cast, key: str, party_code: str | None) -> Actor:
    if party_code is not None:
        return cast.holder(Role.local_contact, party_code)
    if key in ("note_de_cadrage", "charte", "cahier_des_charges"):
        return cast.agent()
    return cast.holder(Role.contractor)


def _document(cast: Cast, deliverable: Deliverable, party_code: str | None) -> Path:
    if deliverable.key == "plan_d_action":
        (plan,) = (EXAMPLES / "plans").glob(f"{party_code}-*")
        return plan
    place = cast.city(party_code) if party_code else "Mantes-la-Jolie, Niort, Bourges et Guichen"
    path = cast.folder / f"{deliverable.key}-{party_code or 'partage'}-v{deliverable.number + 1}.md"
    path.write_text(
        f"# {deliverable.title}\n\n{place}\n\nDocument de démonstration, version {deliverable.number + 1}, "
        f"du projet « {cast.slug} ».\n",
        encoding="utf-8",
    )
    return path


def _hold_strand(cast: Cast, stage_key: str, missing: Missing) -> Beat:
    code = missing.party or ""
    contact = cast.holder(Role.local_contact, code)
    with cast.db.read() as session:
        project = find_project(session, cast.slug)
        party = find_party(session, project, code)
        strands = strands_of(session, find_stage(session, project, stage_key), identity(party))
    strand = next(each for each in strands if each.held_on is None)
    people = PARTICIPANTS.get(strand.key, 50)
    record_strand(
        cast.db,
        contact,
        HeldStrand(cast.slug, code, strand.key, held_on=_today(), participants=people),
        now=_now(),
    )
    return Beat(contact.name, f"{party.name} : « {strand.title} », {people} personnes", "soft")


def _sign(cast: Cast, stage_key: str, missing: Missing) -> Beat:
    code, deliverable = missing.party or "", cast.deliverable(stage_key, missing)
    mayor = cast.holder(Role.signatory, code)
    decision, reason = _decision(deliverable, code)
    paper = _council_act(cast, code) if deliverable.act_kind is ActKind.deliberation else None
    with cast.db.read() as session:
        party_id = identity(find_party(session, find_project(session, cast.slug), code))
    request = SignOffRequest(identity(deliverable), party_id, deliverable.sha256 or "", decision, reason)
    if paper is None:
        sign_off(cast.db, mayor, request, now=_now())
    else:
        proposal = sign_on_paper(cast.db, mayor, PaperSignOff(request, paper), now=_now())
        confirm_proposal(cast.db, cast.agent(), identity(proposal), now=_now())
    return _beat(cast.city(code), mayor, deliverable, decision, reason, paper)


def _decision(deliverable: Deliverable, code: str) -> tuple[Decision, str | None]:
    """Guichen refuses its first diagnosis; Niort approves the cross synthesis with reservations."""
    if deliverable.key == "diagnostic" and code == GUICHEN and deliverable.number == 1:
        return Decision.refused, "Les associations du bourg n’ont pas été entendues : complétez l’enquête."
    if deliverable.key == "synthese_croisee" and code == NIORT:
        return Decision.approved_with_reservations, "La place des jeunes de moins de 15 ans reste à préciser."
    return Decision.approved, None


def _council_act(cast: Cast, code: str) -> PaperAct:
    slugs = {"78361": "mantes-la-jolie", "79191": "niort", "18033": "bourges", "35126": "guichen"}
    (file,) = (EXAMPLES / "deliberations").glob(f"{slugs[code]}-*.yaml")
    deliberation = moved_act(read_yaml(file, CouncilDeliberation), _today())
    proof = cast.files.receive_path(file)
    return PaperAct(ActKind.deliberation, deliberation.session_date, proof, deliberation)


def _beat(
    city: str,
    mayor: Actor,
    deliverable: Deliverable,
    decision: Decision,
    reason: str | None,
    paper: PaperAct | None,
) -> Beat:
    name = f"« {deliverable.title} »"
    if decision is Decision.refused:
        return Beat(mayor.name, f"{city} refuse {name} : {reason}", "hard")
    if decision is Decision.approved_with_reservations:
        return Beat(mayor.name, f"{city} approuve {name}, avec une réserve : {reason}", "soft")
    act = f" (délibération du {paper.acted_on:%d/%m/%Y})" if paper else ""
    return Beat(mayor.name, f"{city} approuve {name}, version {deliverable.number}{act}")


def _sign_for_agency(cast: Cast, stage_key: str, missing: Missing) -> Beat:
    agent, charter = cast.agent(), cast.deliverable(stage_key, missing)
    sign_charter(cast.db, agent, CharterSignature(cast.slug, sha256=charter.sha256 or ""), now=_now())
    return Beat(agent.name, "l’ANCT signe la charte, en dernier")


def _award(cast: Cast, _stage_key: str, _missing: Missing) -> Beat:
    agent = cast.agent()
    appoint_contractor(
        cast.db,
        agent,
        AwardRequest(cast.slug, [CONTRACTOR, PARTNER], AMOUNT_EUR, _today() - timedelta(days=1)),
        now=_now(),
    )
    return Beat(agent.name, f"attribue le marché à {CONTRACTOR.name} et {PARTNER.name}, 148 500 € HT")


def answer_reservations(cast: Cast) -> list[Beat]:
    """The authors answer the reservations that were raised, which keeps those commitments."""
    with cast.db.read() as session:
        project = find_project(session, cast.slug)
        raised = session.exec(
            select(Commitment).where(
                Commitment.project_id == project.id,
                Commitment.origin == CommitmentOrigin.reservation,
                Commitment.status == CommitmentStatus.to_do,
            )
        ).all()
    beats = []
    for commitment in raised:
        author = cast.holder(Role.contractor)
        answer = "Une annexe sur les moins de 15 ans a été ajoutée."
        keep_commitment(cast.db, author, Evidence(identity(commitment), answer), now=_now())
        beats.append(Beat(author.name, "répond à la réserve de Niort : l’engagement est tenu"))
    return beats


def _now() -> datetime:
    return datetime.now(UTC)


def _today() -> date:
    return paris_day(_now())
