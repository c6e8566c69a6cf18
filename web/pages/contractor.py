"""The ANCT, contracting authority, appoints and replaces the contractor: one firm, or a consortium and its lead."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from actions.projects.appoint_contractor import AwardRequest, Firm, appoint_contractor
from actions.projects.replace_contractor import Replacement, replace_contractor
from models.columns import LONGEST_REASON
from models.refusal import Refusal
from web.access.signed_in import OurForm
from web.pages.form_fields import Fields, TypedFields, WrongField, day, needed
from web.pages.participants import participants_page
from web.pages.shared_mailbox import is_shared
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/participants/prestataire", dependencies=[may(Permission.appoint)])

MOST_FIRMS = 4
LARGEST = Decimal("9999999999.99")
FIELDS = (
    ("nom", "raison sociale"),
    ("siret", "SIRET"),
    ("contact", "nom du contact"),
    ("adresse", "adresse électronique"),
)


@router.get("")
def ask(visit: Visit, slug: str) -> HTMLResponse:
    """The form of the award."""
    return _page(visit, slug)


@router.post("", dependencies=[OurForm])
def appoint(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """Record the award: each contact gets the contractor's role, and everybody is told."""
    try:
        visit.do(appoint_contractor, _award(slug, fields))
    except Refusal as refusal:
        return _page(visit, slug, refusal, fields)
    return visit.done(
        f"/projets/{slug}/participants", "Le prestataire est désigné, et chacun en est prévenu."
    )


@router.get("/remplacement")
def ask_for_another(visit: Visit, slug: str) -> HTMLResponse:
    """The form of the contract that takes the place of the present one."""
    return _page(visit, slug, replaces=True)


@router.post("/remplacement", dependencies=[OurForm])
def replace(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """The former contractor loses access, the new one takes its commitments over; everybody is told."""
    try:
        ended_on, reason = (
            day(fields, "fin", "Fin du marché actuel"),
            needed(fields, "motif", "Motif", LONGEST_REASON),
        )
        visit.do(replace_contractor, Replacement(_award(slug, fields), ended_on, reason))
    except Refusal as refusal:
        return _page(visit, slug, refusal, fields, replaces=True)
    return visit.done(
        f"/projets/{slug}/participants#prestataire", "Le prestataire est remplacé, et chacun en est prévenu."
    )


def _page(
    visit: Visit,
    slug: str,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
    *,
    replaces: bool = False,
) -> HTMLResponse:
    return participants_page(
        visit, slug, "contractor.html", refusal=refusal, fields=fields, most=MOST_FIRMS, replaces=replaces
    )


def _award(slug: str, fields: Fields) -> AwardRequest:
    return AwardRequest(
        slug,
        firms=list(_firms(fields)),
        amount_eur=_amount(fields),
        awarded_on=day(fields, "attribue-le", "Date d’attribution"),
    )


def _firms(fields: Fields) -> Iterator[Firm]:
    """Those that were filled in; the first one leads."""
    for number in range(1, MOST_FIRMS + 1):
        if number > 1 and not any(fields.get(f"{name}-{number}", "").strip() for name, _ in FIELDS):
            continue
        whose = "Mandataire" if number == 1 else f"Entreprise {number}"
        name, siret, contact, email = (
            needed(fields, f"{name}-{number}", f"{whose}, {label}") for name, label in FIELDS
        )
        yield Firm(name, siret, contact, email, is_shared(fields, email))


def _amount(fields: Fields) -> Decimal:
    label, text = "Montant hors taxes", needed(fields, "montant", "Montant hors taxes")
    bare = "".join(text.replace("€", "").split()).replace(",", ".")
    try:
        amount = Decimal(bare)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount > LARGEST or amount != round(amount, 2):
        raise WrongField(
            "montant", label, f"« {text[:40]} » n’est pas un montant en euros ; écrivez-le comme 148 500,00"
        )
    return amount
