"""What stages ask for besides their deliverables: the ANCT's signature, the contract, the strands of consultation."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import EmailStr, Field, StringConstraints

from actions.projects.appoint_contractor import AwardRequest, Firm, appoint_contractor
from actions.signing.sign_charter import CharterSignature, sign_charter
from actions.stages.record_strand import HeldStrand, record_strand
from models.answer_shapes import Awarded, CharterSigned, FirmShown, StrandRecorded
from models.contractor import LONGEST_SIRET
from models.stored_row import identity
from web.api.bearer import Caller
from web.api.declared import WRITES, Asked, Clean, Code, Day, Slug, Text, Words, now, problems
from web.api.project_access import caller_access
from web.api.sign_offs import Sha256
from web.dependencies import db_of

router = APIRouter(prefix="/projects/{slug}", tags=["Étapes"])

MOST_PEOPLE = 10**8


class CharterRead(Asked):
    """The content that the ANCT has read."""

    sha256: Sha256


class ContactEntry(Asked):
    """Whom to write to."""

    name: Words
    email: EmailStr


class FirmEntry(Asked):
    """A firm of the contract."""

    name: Words = Field(examples=["Coopérative Regards Croisés (fictive)"])
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


class StrandHeld(Asked):
    """A strand of the consultation that took place."""

    party: Code
    strand: Annotated[str, StringConstraints(min_length=1, max_length=40), Clean] = Field(
        description="La clé du volet.", examples=["citizens"]
    )
    held_on: Day = Field(description="Le jour où il s’est tenu.", examples=["2026-11-21"])
    participants: Annotated[int, Field(ge=0, le=MOST_PEOPLE)] = Field(
        description="Combien de personnes sont venues."
    )
    summary: Text | None = Field(default=None, description="Ce qu’on en retient.")


@router.post(
    "/charter/sign",
    operation_id="sign_charter",
    summary="Signer la charte pour l’ANCT",
    responses=problems(*WRITES),
)
def sign(request: Request, caller: Caller, slug: Slug, read: CharterRead) -> CharterSigned:
    """Réservé à l’ANCT, en dernier, quand chaque conseil a approuvé. Redite, c’est la même signature."""
    caller_access(request, caller, slug)
    signed = sign_charter(db_of(request), caller.actor, CharterSignature(slug, read.sha256), now=now())
    return CharterSigned(id=identity(signed), slug=slug, sha256=signed.sha256, at=signed.signed_at)


@router.post(
    "/contractor",
    operation_id="appoint_contractor",
    summary="Désigner le prestataire",
    status_code=201,
    responses=problems(*WRITES),
)
def appoint(request: Request, caller: Caller, slug: Slug, award: Award) -> Awarded:
    """Réservé à l’ANCT. Le même marché redit est le même."""
    caller_access(request, caller, slug)
    firms = [Firm(each.name, each.siret, each.contact.name, each.contact.email) for each in award.firms]
    made = appoint_contractor(
        db_of(request),
        caller.actor,
        AwardRequest(slug, firms, award.amount_eur, award.awarded_on),
        now=now(),
    )
    return Awarded(
        id=identity(made),
        slug=slug,
        amount_eur=made.amount_eur,
        awarded_on=made.awarded_on,
        firms=[FirmShown.model_validate(each) for each in firms],
    )


@router.post(
    "/strands",
    operation_id="record_strand",
    summary="Enregistrer un volet de concertation",
    responses=problems(*WRITES),
)
def record(request: Request, caller: Caller, slug: Slug, held: StrandHeld) -> StrandRecorded:
    """Par la ville qui l’a tenu ; une seconde fois, corrige ce qui en était dit."""
    caller_access(request, caller, slug)
    asked = HeldStrand(slug, held.party, held.strand, held.held_on, held.participants, held.summary)
    strand = record_strand(db_of(request), caller.actor, asked, now=now())
    return StrandRecorded(
        slug=slug,
        party=held.party,
        strand=strand.key,
        held_on=strand.held_on,
        participants=strand.participants,
    )
