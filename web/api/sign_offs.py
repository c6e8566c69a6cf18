"""The sign-offs: a party decides on a content, or takes its decision back, by the same rules as a click."""

from typing import Annotated

from pydantic import Field, StringConstraints
from sqlmodel import col, select

from actions.signing.paper_act import PaperAct
from actions.signing.sign_off import SignOffRequest, sign_off
from actions.signing.sign_on_paper import PaperSignOff, sign_on_paper
from actions.signing.withdraw_sign_off import SignOffWithdrawal, withdraw_sign_off
from models.answer_shapes import SignOffGiven, SignOffWithdrawn
from models.deliverable import Deliverable, DeliverableVersion
from models.proposal_shapes import ProposalShown
from models.sign_off import SIGNING_REASON, Decision
from models.stored_row import identity
from queries.ledger.find import find_seat
from web.api.caller import ApiCaller, Caller
from web.api.places import DeliverablePlace, Place
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import Asked, Code, Reason

router = ApiRouter(
    prefix="/projects/{slug}/stages/{stage}/deliverables/{key}/sign-offs", tags=[Tag.sign_offs]
)

Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(description="L’empreinte du contenu qui a été lu."),
]
OwnersCode = Annotated[
    Code | None, Field(description="La ville dont c’est le livrable, si ce n’est pas celle qui se prononce.")
]


class DecisionGiven(Asked):
    """What a party decides, on the content that was read."""

    party: Code
    decision: Decision = Field(description="Approuver, approuver avec réserves, refuser.")
    sha256: Sha256
    reason: Annotated[str, SIGNING_REASON.needed] | None = Field(
        default=None, description="Nécessaire pour une réserve ou un refus."
    )
    deliverable_party: OwnersCode = None


class Withdrawal(Asked):
    """Whose decision is taken back, and why."""

    party: Code
    reason: Reason = Field(examples=["Le conseil souhaite relire l’article 4."])
    deliverable_party: OwnersCode = None


@router.writes("", "give_sign_off", "Donner sa décision", status=201)
def give(caller: Caller, place: Place, answer: DecisionGiven) -> SignOffGiven:
    """Vaut signature du titulaire du jeton : maire, président, ou titulaire d’une délégation qui couvre cet acte.

    Elle porte sur le contenu dont l’empreinte est donnée ; un autre l’a-t-il remplacé, rien n’est signé (409). Ce
    n’est jamais l’acte d’un conseil. La même décision redonnée est le même fait, et garde son numéro, même
    quand l’étape est close depuis.
    """
    request, deliverable = _request(caller, place, answer)
    return SignOffGiven(
        id=caller.act(sign_off, request),
        slug=place.slug,
        stage=place.stage,
        deliverable=place.key,
        party=answer.party,
        decision=answer.decision,
        version=_version_signed(caller, deliverable, answer.sha256),
        sha256=answer.sha256,
    )


def propose_paper_act(
    caller: ApiCaller, place: DeliverablePlace, answer: DecisionGiven, paper: PaperAct
) -> ProposalShown:
    """Propose a decision of a party given on paper, with its act."""
    request, _deliverable = _request(caller, place, answer)
    return ProposalShown.of(caller.act(sign_on_paper, PaperSignOff(request, paper)))


def _request(
    caller: ApiCaller, place: DeliverablePlace, answer: DecisionGiven
) -> tuple[SignOffRequest, Deliverable]:
    with caller.read(place.slug) as (session, project):
        seat = find_seat(session, project, place.stage, place.key, answer.party, answer.deliverable_party)
    request = SignOffRequest(
        identity(seat.deliverable), identity(seat.party), answer.sha256, answer.decision, answer.reason
    )
    return request, seat.deliverable


def _version_signed(caller: ApiCaller, deliverable: Deliverable, sha256: str) -> int:
    """The number of the version of this content: the current one's, or an older one's that a minor revision kept."""
    if deliverable.sha256 == sha256:
        return deliverable.number
    query = select(DeliverableVersion.number).where(
        DeliverableVersion.deliverable_id == deliverable.id, DeliverableVersion.sha256 == sha256
    )
    with caller.db.read() as session:
        return session.exec(query.order_by(col(DeliverableVersion.id).desc()).limit(1)).one()


@router.writes("/withdraw", "withdraw_sign_off", "Retirer sa décision")
def withdraw(caller: Caller, place: Place, taken: Withdrawal) -> SignOffWithdrawn:
    """Par qui peut signer, avec un motif, tant que l’étape n’est pas close."""
    slug, stage, key = place.slug, place.stage, place.key
    withdrawal = SignOffWithdrawal(slug, stage, key, taken.party, taken.reason, taken.deliverable_party)
    withdrawn = caller.act_in(slug, withdraw_sign_off, withdrawal)
    return SignOffWithdrawn(
        id=identity(withdrawn), slug=slug, stage=stage, deliverable=key, party=taken.party, withdrawn=True
    )
