"""The attestation of a sign-off: one page to print, file or forward, that says how it can be verified."""

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from notifications.printable import BOLD, FONTS, OTHER, USUAL, is_usual, needs_shaping, printable
from notifications.typography import cut, french, instant, long_date, of, one_line, quoted, visible

if TYPE_CHECKING:
    from fpdf import FPDF

INK, SOFT, BLUE, PALE = (22, 22, 22), (84, 84, 84), (0, 0, 145), (245, 245, 254)
MARGIN, TOP, FOOT, WIDTH, LABELS = 20, 12, -15, 170, 44
"""Millimetres, on A4."""
LONGEST_REASON, LONGEST_TITLE, LONGEST_NAME = 300, 80, 55
"""Characters: the page stays one page, and the receipt has the rest."""
AUTHOR, TOOL = "Projets partagés (ANCT)", "projet-partage"


@dataclass(frozen=True, slots=True)
class Attestation:
    """What one decision was, in plain values; texts are as people read them (« approuvé avec réserves »).

    ``act`` is the kind of act, ``quality`` the one in which ``signed_by`` signs (« maire », « par délégation… »);
    ``acted_on`` is the day on the paper of an act that ``recorded_by`` recorded. ``entry`` is the number of the
    fact in the project's journal, ``entry_hash`` its hash there (none for an entry that cannot be found).
    ``ended`` says what became of it since, if it counts no more; ``revised``, how the text was revised as minor since.
    ``read_at`` is when all that was read.
    """

    number: int
    project_title: str
    stage_title: str
    deliverable_title: str
    deliverable_party: str | None
    version: int
    file_name: str
    sha256: str
    decision: str
    reason: str | None
    act: str
    party_name: str
    signed_by: str
    quality: str
    recorded_by: str | None
    acted_on: date | None
    signed_at: datetime
    authenticated: str
    entry: int | None
    entry_hash: str | None
    ended: str | None
    receipt_link: str
    read_at: datetime
    revised: str | None = None

    @property
    def deliverable(self) -> str:
        """« Charte », « Diagnostic » de Niort."""
        title = quoted(cut(self.deliverable_title, LONGEST_TITLE))
        return f"{title} {of(self.deliverable_party)}" if self.deliverable_party else title

    @property
    def file_title(self) -> str:
        """The name that its file is kept under."""
        return f"attestation-{self.number}.pdf"


def attestation_pdf(values: Attestation) -> bytes:
    """The page, as PDF/A. The same values give the same bytes: it is dated by the sign-off itself."""
    texts = _texts(values)
    pdf = _paper(values, needs_others=not all(map(is_usual, texts.values())))
    values = replace(values, **texts)
    _head(pdf, values)
    _facts(pdf, _rows(values))
    _how_to_verify(pdf, values)
    _foot(pdf, values)
    return bytes(pdf.output())


def _paper(values: Attestation, *, needs_others: bool) -> "FPDF":
    from fpdf import FPDF, ViewerPreferences  # half a second, that only those who make a PDF pay

    pdf = FPDF(enforce_compliance="PDF/A-2U")
    pdf.set_creation_date(values.signed_at)
    pdf.set_lang("fr-FR")
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    pdf.set_xmp_metadata(_metadata(values))
    pdf.set_margins(MARGIN, TOP, MARGIN)
    pdf.set_auto_page_break(False)
    pdf.add_font("DejaVu", "", FONTS / USUAL)
    pdf.add_font("DejaVu", "B", FONTS / BOLD)
    if needs_others:  # reading them takes as long as all the rest
        pdf.add_font("Other", "", FONTS / OTHER)
        pdf.add_font("Other", "B", FONTS / OTHER)
        pdf.set_fallback_fonts(["Other"])
    pdf.add_page()
    return pdf


def _title(values: Attestation) -> str:
    return _text(f"Attestation de validation : {values.deliverable}, {values.party_name}")


def _metadata(values: Attestation) -> str:
    """XMP, as PDF/A wants it. The library's own says when it was written: no two would be the same."""
    title, project = escape(_title(values)), escape(_text(values.project_title))
    at = values.signed_at.astimezone(UTC).isoformat(timespec="seconds")
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
        f'<rdf:Description rdf:about="" xmp:CreatorTool="{TOOL}" xmp:CreateDate="{at}" xmp:ModifyDate="{at}" '
        f'xmp:MetadataDate="{at}" pdf:Producer="{TOOL}"><pdfaid:part>2</pdfaid:part>'
        "<pdfaid:conformance>U</pdfaid:conformance>"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{project}</rdf:li></rdf:Alt></dc:description>'
        f"<dc:creator><rdf:Seq><rdf:li>{AUTHOR}</rdf:li></rdf:Seq></dc:creator>"
        "<dc:language><rdf:Bag><rdf:li>fr-FR</rdf:li></rdf:Bag></dc:language>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def _head(pdf: "FPDF", values: Attestation) -> None:
    pdf.set_fill_color(*BLUE)
    pdf.rect(0, 0, 210, 3, style="F")
    _write(pdf, "Projets partagés · Territoires en commun", 9, SOFT)
    pdf.ln(2)
    _write(pdf, "Attestation de validation", 20, BLUE, bold=True)
    pdf.ln(3)
    statement = f"{values.party_name} a {values.decision} la version {values.version} du document {values.deliverable}."
    pdf.set_fill_color(*PALE)
    _write(pdf, statement, 12, INK, bold=True, fill=True)
    state = f"Elle ne compte plus : {values.ended}" if values.ended else "Elle compte."
    state = f"État de cette validation le {instant(values.read_at)} : {_lowered(state)}"
    _write(pdf, state, 9.5, INK, fill=True)
    pdf.ln(4)


def _rows(values: Attestation) -> list[tuple[str, str | None]]:
    reason = cut(one_line(visible(values.reason)), LONGEST_REASON) if values.reason else None
    paper = f"Acte daté du {long_date(values.acted_on)}" if values.acted_on else None
    if paper and values.recorded_by:
        paper += f", enregistré par {cut(values.recorded_by, LONGEST_NAME)}"
    entry = f"Inscription n° {values.entry}\n{_grouped(values.entry_hash or '')}" if values.entry else None
    return [
        ("Projet", cut(values.project_title, LONGEST_TITLE)),
        ("Étape", values.stage_title),
        (
            "Document",
            f"{values.deliverable}, version {values.version}\n{cut(values.file_name, LONGEST_NAME)}",
        ),
        ("Empreinte SHA-256", _grouped(values.sha256)),
        ("Révisé depuis", one_line(visible(values.revised)) if values.revised else None),
        ("Décision", values.decision),
        ("Motif", reason),
        ("Sorte d’acte", values.act),
        ("Pour", values.party_name),
        ("Signataire", f"{cut(values.signed_by, LONGEST_NAME)}, {cut(values.quality, LONGEST_TITLE)}"),
        ("Donnée sur papier", paper),
        ("Enregistrée le", f"{instant(values.signed_at)} (heure de Paris)"),
        ("Authentification", values.authenticated),
        ("Journal du projet", entry),
    ]


def _facts(pdf: "FPDF", rows: list[tuple[str, str | None]]) -> None:
    for label, value in rows:
        if not value:
            continue
        top = pdf.get_y()
        _write(pdf, label, 9, SOFT, width=LABELS)
        under = pdf.get_y()
        pdf.set_xy(MARGIN + LABELS, top)
        _write(pdf, value, 10, INK, width=WIDTH - LABELS)
        pdf.set_y(max(under, pdf.get_y()) + 1.4)
        pdf.set_draw_color(221, 221, 221)
        pdf.line(MARGIN, pdf.get_y(), MARGIN + WIDTH, pdf.get_y())
        pdf.ln(1.4)


def _how_to_verify(pdf: "FPDF", values: Attestation) -> None:
    pdf.ln(3)
    _write(pdf, "Comment la vérifier", 12, BLUE, bold=True)
    pdf.ln(1)
    _write(
        pdf,
        "1. Le document : calculez l’empreinte SHA-256 de votre exemplaire (« sha256sum » sous Linux, "
        "« Get-FileHash » sous Windows). C’est celle qui est écrite plus haut, ou c’est un autre document.",
        9.5,
        INK,
    )
    _write(
        pdf,
        "2. La validation : son reçu en ligne, ouvert aux membres du projet, dit si elle compte encore :",
        9.5,
        INK,
    )
    _write(pdf, values.receipt_link, 9.5, BLUE, link=values.receipt_link)
    entry = f"l’inscription n° {values.entry}" if values.entry else "cette inscription"
    _write(
        pdf,
        f"3. Le journal : {entry} y est liée à toutes celles d’avant par son empreinte. La commande "
        "« projet-partage audit verify », sur le serveur de la plateforme, refait toute la chaîne.",
        9.5,
        INK,
    )


def _foot(pdf: "FPDF", values: Attestation) -> None:
    pdf.set_y(FOOT)
    _write(
        pdf,
        f"Validation n° {values.number}. Attestation établie par la plateforme des projets partagés de l’ANCT "
        "(Agence nationale de la cohésion des territoires) ; elle ne remplace pas l’acte lui-même.",
        8,
        SOFT,
    )


def _write(
    pdf: "FPDF",
    text: str,
    size: float,
    color: tuple[int, int, int],
    *,
    bold: bool = False,
    width: float = WIDTH,
    fill: bool = False,
    link: str = "",
) -> None:
    """A paragraph from where the pen is; the pen ends at the left margin, under it."""
    pdf.set_font("DejaVu", "B" if bold else "", size)
    pdf.set_text_color(*color)
    pdf.set_text_shaping(needs_shaping(text), direction="ltr")
    pdf.multi_cell(
        width,
        h=size * 0.5,
        text=_text(text),
        align="L",
        fill=fill,
        link=link,
        padding=(2, 3) if fill else 0,
        new_x="LMARGIN",
        new_y="NEXT",
    )


def _texts(values: Attestation) -> dict[str, Any]:
    """Each text of these values in letters that can be printed, before it is cut to its length."""
    texts = {each.name: getattr(values, each.name) for each in fields(values)}
    return {name: printable(visible(text)) for name, text in texts.items() if isinstance(text, str)}


def _text(text: str) -> str:
    """In French typography, without control characters nor halves of letters."""
    return french(visible(text)).encode(errors="ignore").decode()


def _grouped(sha256: str) -> str:
    """Sixty-four characters in groups of eight, four a line: they are compared by eye."""
    groups = [sha256[at : at + 8] for at in range(0, len(sha256), 8)]
    return "\n".join(" ".join(groups[at : at + 4]) for at in range(0, len(groups), 4))


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
