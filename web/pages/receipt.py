"""The receipt of a decision, to be read, printed and kept; and the way to take the decision back."""

from collections.abc import Mapping
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from actions.signing.withdraw_on_paper import PaperWithdrawal, withdraw_on_paper
from actions.signing.withdraw_sign_off import SignOffWithdrawal, withdraw_sign_off
from models.act_kind import ActKind
from models.columns import LONGEST_REASON
from models.file_kind import PDF
from models.refusal import Refusal
from notifications.attestation import Attestation, attestation_pdf
from queries.receipts.attestation import read_attestation
from queries.receipts.receipt import ReceiptPage, read_receipt
from web.access.signed_in import OurForm
from web.pages.addresses import Number
from web.pages.confirmations import proposed_note
from web.pages.deliberation_form import LABELS, council_facts
from web.pages.file_headers import serve_headers
from web.pages.form_fields import words
from web.pages.paper_acts import paper_act_of
from web.pages.upload import Upload
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/recus")


@router.get("/{sign_off_id}", dependencies=[may(Permission.read)])
def show_receipt(visit: Visit, sign_off_id: Number) -> HTMLResponse:
    """All that was decided, and what happens next."""
    return _page(visit, _receipt(visit, sign_off_id))


@router.get("/{sign_off_id}/attestation.pdf", dependencies=[may(Permission.read)])
def give_attestation(visit: Visit, sign_off_id: Number) -> Response:
    """The same on a page to keep, dated now: it says whether the decision still counts."""
    with visit.read() as session:
        values = read_attestation(session, sign_off_id, visit.person_id, visit.site.public_url, visit.now)
    attestation = Attestation(**values)
    headers = serve_headers(PDF, attestation.file_title, inline=True)
    return Response(attestation_pdf(attestation), headers=headers)


@router.post("/{sign_off_id}/retrait", dependencies=[may(Permission.read), OurForm])
def take_back(
    visit: Visit, sign_off_id: Number, reason: Annotated[str, Form(alias="motif")] = ""
) -> Response:
    """Withdraw the decision, with its reason, while that is possible."""
    receipt = _receipt(visit, sign_off_id)
    sign_off = receipt.sign_off
    if not sign_off.is_live:
        return visit.done(sign_off.path, "Cette décision ne compte déjà plus.")
    try:
        said = words({"motif": reason}, "motif", "Motif du retrait", LONGEST_REASON)
        visit.do(withdraw_sign_off, _withdrawal(receipt, sign_off_id, said))
    except Refusal as refusal:
        return _page(visit, receipt, refusal, {"motif": reason})
    return visit.done(receipt.deliverable.path, f"La décision de {sign_off.party_name} est retirée.")


@router.get("/{sign_off_id}/retrait-par-acte", dependencies=[may(Permission.record_paper)])
def ask_for_act(visit: Visit, sign_off_id: Number) -> HTMLResponse:
    """The form of an act that takes the decision back."""
    return _act_page(visit, _receipt(visit, sign_off_id))


@router.post("/{sign_off_id}/retrait-par-acte", dependencies=[may(Permission.record_paper)])
async def take_back_by_act(visit: Visit, sign_off_id: Number) -> Response:
    """Propose that the decision be withdrawn, by an act of at least its rank."""
    async with visit.upload() as upload:
        return await to_thread.run_sync(_take_back_by_act, visit, sign_off_id, upload)


def _take_back_by_act(visit: Visit, sign_off_id: int, upload: Upload) -> Response:
    receipt, fields = _receipt(visit, sign_off_id), upload.fields
    try:
        reason = words(fields, "motif", "Motif du retrait", LONGEST_REASON)
        asked = PaperWithdrawal(_withdrawal(receipt, sign_off_id, reason), paper_act_of(upload))
        proposal = visit.do(withdraw_on_paper, asked)
    except Refusal as refusal:
        return _act_page(visit, receipt, refusal, fields)
    return visit.done(f"/confirmations/{proposal.id}", proposed_note("Le retrait est proposé", proposal))


def _act_page(
    visit: Visit,
    receipt: ReceiptPage,
    refusal: Refusal | None = None,
    fields: Mapping[str, str] | None = None,
) -> HTMLResponse:
    return visit.page(
        "withdrawal_act.html",
        refusal=refusal,
        fields=fields,
        receipt=receipt,
        sign_off=receipt.sign_off,
        deliverable=receipt.deliverable,
        labels=LABELS,
        kinds=[each for each in reversed(ActKind) if each.satisfies(receipt.sign_off.act_kind)],
    )


def _withdrawal(receipt: ReceiptPage, sign_off_id: int, reason: str) -> SignOffWithdrawal:
    return SignOffWithdrawal(
        receipt.header.slug,
        receipt.stage.key,
        receipt.deliverable.key,
        party_code=receipt.sign_off.party,
        reason=reason,
        deliverable_party=receipt.deliverable.party,
        sign_off_id=sign_off_id,
    )


def _receipt(visit: Visit, sign_off_id: int) -> ReceiptPage:
    with visit.read() as session:
        return read_receipt(session, sign_off_id, visit.person_id, visit.now)


def _page(
    visit: Visit,
    receipt: ReceiptPage,
    refusal: Refusal | None = None,
    fields: Mapping[str, str] | None = None,
) -> HTMLResponse:
    return visit.page(
        "receipt.html",
        refusal=refusal,
        fields=fields,
        receipt=receipt,
        may_withdraw=receipt.may_withdraw(visit.actor),
        may_withdraw_by_act=receipt.may_withdraw_by_act,
        sign_off=receipt.sign_off,
        deliverable=receipt.deliverable,
        is_ours=receipt.sign_off.party in receipt.standing.signs_for | receipt.standing.acts_for,
        council_facts=council_facts(receipt.deliberation) if receipt.deliberation else [],
    )
