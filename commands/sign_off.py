"""``projet-partage sign-off``: a party decides on a deliverable, or takes its decision back."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from actions.signing.sign_off import SignOffRequest, sign_off
from actions.signing.sign_on_paper import PaperSignOff, sign_on_paper
from actions.signing.withdraw_on_paper import PaperWithdrawal, withdraw_on_paper
from actions.signing.withdraw_sign_off import SignOffWithdrawal, withdraw_sign_off
from commands.content_read import ContentRead, content_to_sign
from commands.lazy_group import group
from commands.open_database import act, acting, file_store, now, open_database
from commands.options import (
    As,
    AsJson,
    DeliverableKey,
    PartyCode,
    Reason,
    Slug,
    StageKey,
    day_option,
    party_option,
)
from commands.paper import paper_act
from commands.printing import answer
from commands.proposal_view import answer_proposal
from database.engine import Database
from models.act_kind import ActKind
from models.answer_shapes import SignOffGiven, SignOffWithdrawn
from models.sign_off import Decision, NotSubmittedYet
from models.stored_row import identity
from queries.deliverables.versions import VersionToRead, versions_to_read
from queries.ledger.find import Seat, find_project, find_seat

app = group("Valider un livrable, ou retirer sa validation.")

DeliverableParty = Annotated[
    str | None, party_option("La ville dont c’est le livrable, si ce n’est pas la vôtre.")
]
DecisionReason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXTE", help="Le motif, pour une réserve ou un refus.")
]
ActFile = Annotated[
    Path | None,
    typer.Option("--act", metavar="FICHIER.yaml", help="Les données de la délibération du conseil."),
]
EarlyReason = Annotated[
    str | None,
    typer.Option(metavar="TEXTE", help="Pourquoi l’acte est antérieur au texte ; montré à tous."),
]
SignedOn = Annotated[date | None, day_option("La date portée sur le papier.")]


@app.command()
def give(
    slug: Slug,
    stage: StageKey,
    key: DeliverableKey,
    party: PartyCode,
    email: As,
    decision: Annotated[Decision, typer.Option(help="Ce que la collectivité décide.")],
    deliverable_party: DeliverableParty = None,
    reason: DecisionReason = None,
    sha256: ContentRead = None,
    act_file: ActFile = None,
    proof: Annotated[Path | None, typer.Option(metavar="FICHIER", help="L’acte signé, numérisé.")] = None,
    act_kind: Annotated[ActKind | None, typer.Option(help="La sorte d’acte donné sur papier.")] = None,
    signed_on: SignedOn = None,
    early_reason: EarlyReason = None,
    as_json: AsJson = False,
) -> None:
    """Donne la décision d’une collectivité sur un livrable.

    Elle porte sur le contenu que vous avez lu : celui de --sha256, ou celui que la commande montre avant de demander.

    Seule, elle vaut signature de qui la donne. Avec --proof, c’est un acte donné sur papier, à confirmer.

    Avec --act en plus, c’est la délibération du conseil.
    """
    with open_database() as db:
        actor = acting(db, email)
        seat, versions = _seat(db, slug, stage, key, party, deliverable_party)
        deliverable = seat.deliverable
        act = f"donner la décision « {decision.label} » pour {seat.party.name}"
        read = content_to_sign(versions, sha256, title=deliverable.title, slug=slug, act=act)
        request = SignOffRequest(identity(deliverable), identity(seat.party), read, decision, reason)
        with paper_act(
            file_store(), act=act_file, proof=proof, kind=act_kind, signed_on=signed_on, early=early_reason
        ) as paper:
            if paper is not None:
                proposal = sign_on_paper(db, actor, PaperSignOff(request, paper), now=now())
                answer_proposal(proposal, as_json)
                return
            number = sign_off(db, actor, request, now=now())
    recorded = SignOffGiven(
        id=number,
        slug=slug,
        stage=stage,
        deliverable=key,
        party=party,
        decision=decision,
        version=deliverable.number,
        sha256=read,
    )
    decided = f"« {deliverable.title} », version {deliverable.number} : {decision.label} pour {party}"
    answer(f"{decided}, empreinte {read}.", recorded, as_json)


def _seat(
    db: Database,
    slug: str,
    stage_key: str,
    key: str,
    party_code: str,
    owner_code: str | None,
) -> tuple[Seat, list[VersionToRead]]:
    """The party before the deliverable, and the versions submitted so far.

    Raises ``NotSubmittedYet``, and as ``find_seat``.
    """
    with db.read() as session:
        seat = find_seat(session, find_project(session, slug), stage_key, key, party_code, owner_code)
        versions = versions_to_read(session, identity(seat.deliverable))
    if not versions:
        raise NotSubmittedYet(seat.deliverable.title)
    return seat, versions


@app.command()
def withdraw(
    slug: Slug,
    stage: StageKey,
    key: DeliverableKey,
    party: PartyCode,
    email: As,
    reason: Reason,
    deliverable_party: DeliverableParty = None,
    act_file: ActFile = None,
    proof: Annotated[
        Path | None, typer.Option(metavar="FICHIER", help="L’acte qui retire, numérisé.")
    ] = None,
    act_kind: Annotated[ActKind | None, typer.Option(help="La sorte d’acte qui retire.")] = None,
    signed_on: SignedOn = None,
    as_json: AsJson = False,
) -> None:
    """Retire la décision d’une collectivité, tant que l’étape n’est pas close.

    Ce qu’un acte a décidé se retire par un acte de même rang (--proof, --act), à confirmer.
    """
    withdrawal = SignOffWithdrawal(slug, stage, key, party, reason, deliverable_party)
    with (
        open_database() as db,
        paper_act(file_store(), act=act_file, proof=proof, kind=act_kind, signed_on=signed_on) as paper,
    ):
        if paper is not None:
            asked = PaperWithdrawal(withdrawal, paper)
            answer_proposal(withdraw_on_paper(db, acting(db, email), asked, now=now()), as_json)
            return
    number = identity(act(withdraw_sign_off, email, withdrawal))
    withdrawn = SignOffWithdrawn(
        id=number, slug=slug, stage=stage, deliverable=key, party=party, withdrawn=True
    )
    answer(f"La décision de {party} sur « {key} » est retirée.", withdrawn, as_json)
