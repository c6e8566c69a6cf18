"""A city comes in after the charter, comes back, stops observing, or adheres to the charter: by its council's act."""

from collections.abc import Mapping

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from actions.projects.accession import AccessionRequest, propose_accession
from actions.projects.adhesion import AdhesionRequest, propose_adhesion
from actions.signing.paper_act import PaperAct
from models.act_kind import ActKind
from models.columns import LONGEST_LINE, LONGEST_REASON
from models.project_file import PersonEntry
from models.proposal import ACCESSIONS, Proposal, ProposalKind
from models.recorded_act import ActFileMissing
from models.refusal import Refusal
from models.typed_text import paragraph
from web.pages.authority_field import WhichAuthority, meant
from web.pages.confirmations import proposed_note
from web.pages.deliberation_form import LABELS, deliberation_of
from web.pages.form_fields import Fields, WrongField, needed, words
from web.pages.joining import person_of
from web.pages.participants import participants_page
from web.pages.upload import Upload
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/participants/signataire")

KINDS = (*ACCESSIONS, ProposalKind.adhesion)


class ExtractMissing(ActFileMissing):
    """The council's act comes with its file."""

    sentence = "Joignez l’extrait signé de la délibération du conseil (PDF ou photo)."


@router.get("", dependencies=[may(Permission.accede)])
def ask_how(visit: Visit, slug: str) -> HTMLResponse:
    """The form: which city (``partie``), how (``comment``), and its council's act."""
    return _page(visit, slug, dict(visit.request.query_params))


@router.post("", dependencies=[may(Permission.accede)])
async def propose(visit: Visit, slug: str) -> Response:
    """Propose it; nothing changes until the other side has confirmed it."""
    async with visit.upload() as upload:
        return await to_thread.run_sync(_propose, visit, slug, upload)


def _propose(visit: Visit, slug: str, upload: Upload) -> Response:
    fields = upload.fields
    try:
        proposal = _proposed(visit, slug, fields, upload)
    except Refusal as refusal:
        return _page(visit, slug, fields, refusal)
    return visit.done(f"/confirmations/{proposal.id}", proposed_note("C’est proposé", proposal))


def _proposed(visit: Visit, slug: str, fields: Fields, upload: Upload) -> Proposal:
    kind = _kind(fields)
    if kind is None:
        raise WrongField("comment", "Comment", "choisissez sur la page des participants")
    code = _code(fields, kind)
    contact, signatory = _someone(fields, "contact", kind), _someone(fields, "signataire", kind)
    act = _act(fields, upload)
    if kind is ProposalKind.adhesion:
        return visit.do(propose_adhesion, AdhesionRequest(slug, code, act))
    local = words(fields, "projet", "Projet local", LONGEST_LINE) or None
    return visit.do(propose_accession, AccessionRequest(slug, kind, code, act, contact, signatory, local))


def _code(fields: Fields, kind: ProposalKind) -> str:
    if kind is ProposalKind.entry:
        written = needed(fields, "collectivite", "Collectivité")
        return meant(written, fields.get("collectivite-choix", "")).code
    return needed(fields, "partie", "Collectivité")


def _someone(fields: Fields, name: str, kind: ProposalKind) -> PersonEntry | None:
    """Who is named; nobody, where the city keeps those whom it has."""
    label = "Interlocuteur" if name == "contact" else "Signataire"
    is_written = any(fields.get(f"{name}-{each}", "").strip() for each in ("nom", "adresse"))
    if kind is ProposalKind.adhesion or not (is_written or kind is ProposalKind.entry):
        return None
    return person_of(fields, name, label)


def _act(fields: Fields, upload: Upload) -> PaperAct:
    """The council's act. Fields are checked before the file: they take longer to correct."""
    early = words(fields, "motif-date", "Motif de l’antériorité", LONGEST_REASON) or None
    deliberation = deliberation_of({name: paragraph(fields.get(name, "")) for name in LABELS})
    proof = upload.required_file(ExtractMissing)
    return PaperAct(ActKind.deliberation, deliberation.session_date, proof, deliberation, early)


def _kind(fields: Mapping[str, str]) -> ProposalKind | None:
    return next((each for each in KINDS if each == fields.get("comment")), None)


def _page(visit: Visit, slug: str, fields: Fields, refusal: Refusal | None = None) -> HTMLResponse:
    return participants_page(
        visit,
        slug,
        "accession.html",
        refusal=refusal,
        fields=fields,
        candidates=refusal.candidates if isinstance(refusal, WhichAuthority) else (),
        labels=LABELS,
        how=(_kind(fields) or ProposalKind.entry).value,
    )
