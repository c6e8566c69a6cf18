"""What stages ask for besides their deliverables: the ANCT's signature, the contract, the strands of consultation."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from actions.projects.appoint_contractor import AwardRequest, Firm, appoint_contractor
from actions.projects.replace_contractor import Replacement, replace_contractor
from actions.signing.sign_charter import CharterSignature, sign_charter
from actions.stages.record_strand import HeldStrand, record_strand
from models.answer_shapes import Awarded, CharterSigned, FirmShown, StrandRecorded
from models.columns import REASON
from models.consultation_strand import MOST_PARTICIPANTS, SUMMARY
from models.contractor import CONTACT_NAME, FIRM_NAME, LONGEST_SIRET, ContractAward
from models.mailbox import MailAddress
from models.stored_row import identity
from web.api.caller import Caller
from web.api.router import ApiRouter
from web.api.sign_offs import Sha256
from web.api.tags import Tag
from web.api.values import Asked, Clean, Code, Day, Slug

router = ApiRouter(prefix="/projects/{slug}", tags=[Tag.stages])


class CharterRead(Asked):
    """The content that the ANCT has read."""

    sha256: Sha256


class ContactEntry(Asked):
    """Whom to write to."""

    name: Annotated[str, CONTACT_NAME.needed]
    email: MailAddress
    shares_mailbox: bool = Field(
        default=False, description="Quelqu’un d’autre a déjà cette adresse : ils partagent la boîte."
    )


class FirmEntry(Asked):
    """A firm of the contract."""

    name: Annotated[str, FIRM_NAME.needed] = Field(examples=["Coopérative Regards Croisés (fictive)"])
    siret: Annotated[str, StringConstraints(min_length=14, max_length=LONGEST_SIRET), Clean] = Field(
        examples=["73282932000074"]
    )
    contact: ContactEntry


class Award(Asked):
    """The contract; the first firm leads the consortium."""

    firms: Annotated[list[FirmEntry], Field(min_length=1, max_length=20)]
    amount_eur: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)] = Field(
        description="Hors taxes.", examples=["148500.00"]
    )
    awarded_on: Day = Field(description="Le jour de l’attribution.", examples=["2026-11-20"])


class Replacing(Award):
    """The contract that takes the place of the present one."""

    ended_on: Day = Field(description="Le dernier jour du marché actuel.", examples=["2027-02-26"])
    reason: Annotated[str, REASON.needed] = Field(description="Pourquoi il a pris fin.")


class StrandHeld(Asked):
    """A strand of the consultation that took place."""

    party: Code
    strand: Annotated[str, StringConstraints(min_length=1, max_length=40), Clean] = Field(
        description="La clé du volet.", examples=["citizens"]
    )
    held_on: Day = Field(description="Le jour où il s’est tenu.", examples=["2026-11-21"])
    participants: Annotated[int, Field(ge=0, le=MOST_PARTICIPANTS)] = Field(
        description="Combien de personnes sont venues."
    )
    summary: Annotated[str, SUMMARY.needed] | None = Field(default=None, description="Ce qu’on en retient.")


@router.writes("/charter/sign", "sign_charter", "Signer la charte pour l’ANCT")
def sign(caller: Caller, slug: Slug, read: CharterRead) -> CharterSigned:
    """Réservé à l’ANCT, en dernier, quand chaque conseil a approuvé. Redite, c’est la même signature."""
    signed = caller.act_in(slug, sign_charter, CharterSignature(slug, read.sha256))
    return CharterSigned(id=identity(signed), slug=slug, sha256=signed.sha256, at=signed.signed_at)


@router.writes("/contractor", "appoint_contractor", "Désigner le prestataire", status=201)
def appoint(caller: Caller, slug: Slug, award: Award) -> Awarded:
    """Réservé à l’ANCT. Le même marché redit est le même."""
    request = _request(slug, award)
    return _awarded(request, caller.act_in(slug, appoint_contractor, request))


@router.writes("/contractor/replace", "replace_contractor", "Remplacer le prestataire")
def replace(caller: Caller, slug: Slug, replacing: Replacing) -> Awarded:
    """Réservé à l’ANCT. L’ancien prestataire n’a plus accès au projet ; redit, c’est le même remplacement."""
    request = _request(slug, replacing)
    replacement = Replacement(request, replacing.ended_on, replacing.reason)
    return _awarded(request, caller.act_in(slug, replace_contractor, replacement))


def _request(slug: str, award: Award) -> AwardRequest:
    firms = [
        Firm(each.name, each.siret, each.contact.name, each.contact.email, each.contact.shares_mailbox)
        for each in award.firms
    ]
    return AwardRequest(slug, firms, award.amount_eur, award.awarded_on)


def _awarded(request: AwardRequest, made: ContractAward) -> Awarded:
    return Awarded(
        id=identity(made),
        slug=request.slug,
        amount_eur=made.amount_eur,
        awarded_on=made.awarded_on,
        firms=[FirmShown.model_validate(each) for each in request.firms],
    )


@router.writes("/strands", "record_strand", "Enregistrer un volet de concertation")
def record(caller: Caller, slug: Slug, held: StrandHeld) -> StrandRecorded:
    """Par la ville qui l’a tenu ; une seconde fois, corrige ce qui en était dit."""
    request = HeldStrand(slug, held.party, held.strand, held.held_on, held.participants, held.summary)
    strand = caller.act_in(slug, record_strand, request)
    return StrandRecorded(
        slug=slug,
        party=held.party,
        strand=strand.key,
        held_on=strand.held_on,
        participants=strand.participants,
    )
