"""``projet-partage party``: a local authority joins a project, leaves it, comes back, becomes a signatory."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from actions.projects.accession import AccessionRequest, propose_accession
from actions.projects.adhesion import AdhesionRequest, propose_adhesion
from actions.projects.join_project import JoinRequest, join_project
from actions.projects.leave_project import DepartureRequest, propose_departure
from actions.signing.paper_act import PaperAct
from commands.lazy_group import group
from commands.open_database import act, acting, file_store, now, open_database
from commands.options import As, AsJson, Reason, Slug, party_option
from commands.paper import paper_act
from commands.printing import answer
from commands.proposal_view import answer_proposal
from database.engine import Database
from models.party import PartyRole
from models.people_file import located_in
from models.person import Actor
from models.project_file import PartyEntry, PeopleEntry
from models.proposal import Proposal, ProposalKind
from models.recorded_act import ActFileMissing
from models.yaml_file import read_text, read_yaml_text

app = group(
    "Les collectivités qui entrent dans un projet, le quittent, y reviennent ou en deviennent signataires."
)

Code = Annotated[str, typer.Argument(metavar="CODE", help="Le code de la collectivité.")]
CouncilAct = Annotated[
    Path, typer.Option("--act", metavar="FICHIER.yaml", help="Les données de la délibération de son conseil.")
]
Proof = Annotated[Path, typer.Option(metavar="FICHIER", help="La délibération signée, numérisée.")]
EarlyReason = Annotated[
    str | None,
    typer.Option(metavar="TEXTE", help="Pourquoi l’acte est antérieur à la charte ; montré à tous."),
]
People = Annotated[
    Path | None,
    typer.Option(
        "--people",
        metavar="FICHIER.yaml",
        help="Qui agit et signe pour elle (« local_contact », « signatory »), si cela change.",
    ),
]
Propose = Callable[[Database, Actor, PaperAct], Proposal]


@app.command()
def join(
    slug: Slug,
    file: Annotated[
        Path, typer.Argument(metavar="FICHIER.yaml", help="La collectivité, comme dans un fichier de projet.")
    ],
    email: As,
    act_file: Annotated[
        Path | None,
        typer.Option(
            "--act", metavar="FICHIER.yaml", help="La délibération de son conseil, la charte signée."
        ),
    ] = None,
    proof: Annotated[
        Path | None, typer.Option(metavar="FICHIER", help="La délibération signée, numérisée.")
    ] = None,
    early_reason: EarlyReason = None,
    as_json: AsJson = False,
) -> None:
    """L’ANCT fait entrer une collectivité ; elle compte dans les étapes qui s’ouvriront ensuite.

    Une fois la charte signée, une signataire entre par la délibération de son conseil, et sa ville le confirme.
    """
    text = read_text(file)
    entry = read_yaml_text(text, PartyEntry, file=file.name)
    if act_file is not None or proof is not None:
        if act_file is None or proof is None:
            raise ActFileMissing
        with located_in(text, file=file.name):
            _by_council(_entry_of(slug, entry), email, act_file, proof, early_reason, as_json)
        return
    with located_in(text, file=file.name):
        party = act(join_project, email, JoinRequest(slug, entry))
    role = "signataire" if party.role is PartyRole.signatory else "observatrice"
    data = {"slug": slug, "code": party.code, "name": party.name, "role": party.role}
    answer(f"{party.address} entre dans le projet, comme {role}.", data, as_json)


@app.command()
def leave(
    slug: Slug,
    party: Annotated[str, party_option("La collectivité qui part.")],
    reason: Reason,
    file: Annotated[Path, typer.Option(metavar="FICHIER", help="La décision de la collectivité, numérisée.")],
    email: As,
    as_json: AsJson = False,
) -> None:
    """Propose le départ d’une collectivité, avec sa décision ; l’ANCT le confirme."""
    with open_database() as db, file_store().receive_path(file) as decision:
        request = DepartureRequest(slug, party, reason, decision)
        proposal = propose_departure(db, acting(db, email), request, now=now())
    answer_proposal(proposal, as_json)


@app.command("return")
def come_back(
    slug: Slug,
    code: Code,
    act_file: CouncilAct,
    proof: Proof,
    email: As,
    people: People = None,
    early_reason: EarlyReason = None,
    as_json: AsJson = False,
) -> None:
    """L’ANCT propose le retour d’une collectivité qui a quitté le projet ; la collectivité le confirme."""
    _accede(ProposalKind.comeback, slug, code, email, people, act_file, proof, early_reason, as_json)


@app.command()
def become_signatory(
    slug: Slug,
    code: Code,
    act_file: CouncilAct,
    proof: Proof,
    email: As,
    people: People = None,
    early_reason: EarlyReason = None,
    as_json: AsJson = False,
) -> None:
    """Propose qu’une observatrice devienne signataire ; l’autre côté le confirme."""
    _accede(ProposalKind.become_signatory, slug, code, email, people, act_file, proof, early_reason, as_json)


@app.command()
def adhere(
    slug: Slug,
    code: Code,
    act_file: CouncilAct,
    proof: Proof,
    email: As,
    early_reason: EarlyReason = None,
    as_json: AsJson = False,
) -> None:
    """Propose l’adhésion à la charte d’une collectivité entrée pendant que les autres la signaient."""

    def propose(db: Database, actor: Actor, council: PaperAct) -> Proposal:
        return propose_adhesion(db, actor, AdhesionRequest(slug, code, council), now=now())

    _by_council(propose, email, act_file, proof, early_reason, as_json)


def _entry_of(slug: str, entry: PartyEntry) -> Propose:
    """A signatory that comes in after the charter, as its file names it."""
    acts = {key: str(each) for key, each in entry.acts.items()}

    def propose(db: Database, actor: Actor, council: PaperAct) -> Proposal:
        request = AccessionRequest(
            slug,
            ProposalKind.entry,
            entry.code,
            council,
            entry.local_contact,
            entry.signatory,
            entry.local_project,
            acts,
        )
        return propose_accession(db, actor, request, now=now())

    return propose


def _accede(
    kind: ProposalKind,
    slug: str,
    code: str,
    email: str,
    people: Path | None,
    act_file: Path,
    proof: Path,
    early_reason: str | None,
    as_json: bool,
) -> None:
    text = read_text(people) if people else ""
    named = read_yaml_text(text, PeopleEntry, file=people.name) if people else PeopleEntry()

    def propose(db: Database, actor: Actor, council: PaperAct) -> Proposal:
        request = AccessionRequest(slug, kind, code, council, named.local_contact, named.signatory)
        return propose_accession(db, actor, request, now=now())

    with located_in(text, file=people.name if people else ""):
        _by_council(propose, email, act_file, proof, early_reason, as_json)


def _by_council(
    propose: Propose, email: str, act_file: Path, proof: Path, early_reason: str | None, as_json: bool
) -> None:
    with (
        open_database() as db,
        paper_act(
            file_store(), act=act_file, proof=proof, kind=None, signed_on=None, early=early_reason
        ) as council,
    ):
        if council is None:
            raise ActFileMissing
        proposal = propose(db, acting(db, email), council)
    answer_proposal(proposal, as_json)
