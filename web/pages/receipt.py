"""The receipt of a decision, to be read, printed and kept; and the way to take the decision back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from actions.signing.withdraw_sign_off import SignOffWithdrawal, withdraw_sign_off
from models.columns import LONGEST_REASON
from models.file_kind import PDF
from models.paris_time import paris_day
from models.refusal import Refusal
from models.typed_text import plain
from notifications.attestation import Attestation, attestation_pdf
from queries.receipts.attestation import read_attestation
from queries.receipts.receipt import ReceiptPage, read_receipt
from web.access.signed_in import OurForm, Visitor, signed_in
from web.dependencies import db_of, public_url_of
from web.pages.addresses import Number
from web.pages.deliberation_form import council_facts
from web.pages.file_headers import serve_headers
from web.pages.form_fields import words
from web.pages.rendering import done, page
from web.rights import Permission, may

router = APIRouter(prefix="/recus")


@router.get("/{sign_off_id}", dependencies=[may(Permission.read)])
def show_receipt(request: Request, sign_off_id: Number, who: Visitor) -> HTMLResponse:
    """All that was decided, and what happens next."""
    return _page(request, _receipt(request, sign_off_id, who.person_id))


@router.get("/{sign_off_id}/attestation.pdf", dependencies=[may(Permission.read)])
def give_attestation(request: Request, sign_off_id: Number, who: Visitor) -> Response:
    """The same on a page to keep, dated now: it says whether the decision still counts."""
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        values = read_attestation(session, sign_off_id, who.person_id, public_url_of(request), now)
    attestation = Attestation(**values)
    headers = serve_headers(PDF, attestation.file_title, inline=True)
    return Response(attestation_pdf(attestation), headers=headers)


@router.post("/{sign_off_id}/retrait", dependencies=[may(Permission.sign_off), OurForm])
def take_back(
    request: Request, sign_off_id: Number, who: Visitor, reason: Annotated[str, Form(alias="motif")] = ""
) -> Response:
    """Withdraw the decision, with its reason, while that is possible."""
    receipt = _receipt(request, sign_off_id, who.person_id)
    sign_off = receipt.sign_off
    if not sign_off.is_live:
        return done(request, sign_off.path, "Cette décision ne compte déjà plus.")
    try:
        withdrawal = SignOffWithdrawal(
            receipt.header.slug,
            receipt.stage.key,
            receipt.deliverable.key,
            party_code=sign_off.party,
            reason=words({"motif": plain(reason)}, "motif", "Motif du retrait", LONGEST_REASON),
            deliverable_party=receipt.deliverable.party,
            sign_off_id=sign_off_id,
        )
        withdraw_sign_off(db_of(request), who.actor, withdrawal, now=datetime.now(UTC))
    except Refusal as refusal:
        return _page(request, receipt, refusal, {"motif": reason})
    return done(request, receipt.deliverable.path, f"La décision de {sign_off.party_name} est retirée.")


def _receipt(request: Request, sign_off_id: int, person_id: int) -> ReceiptPage:
    with db_of(request).read() as session:
        return read_receipt(session, sign_off_id, person_id, datetime.now(UTC))


def _page(
    request: Request,
    receipt: ReceiptPage,
    refusal: Refusal | None = None,
    fields: Mapping[str, str] | None = None,
) -> HTMLResponse:
    return page(
        request,
        "receipt.html",
        refusal=refusal,
        fields=fields,
        receipt=receipt,
        may_withdraw=receipt.may_withdraw(signed_in(request).actor),
        sign_off=receipt.sign_off,
        deliverable=receipt.deliverable,
        is_ours=receipt.sign_off.party in receipt.standing.signs_for | receipt.standing.acts_for,
        council_facts=council_facts(receipt.deliberation) if receipt.deliberation else [],
        today=paris_day(datetime.now(UTC)),
    )
