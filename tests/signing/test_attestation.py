"""The attestation of a sign-off: one page, the same each time, that says what was signed and how to verify it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from cast import BOURGES, NIORT, Cast
from pypdf import PdfReader
from sample_attestation import ADDRESS, NIORT_SIGNS

from models.person import Actor
from models.sign_off import Decision
from notifications.attestation import Attestation, attestation_pdf
from queries.access.project_access import NotVisible
from queries.ledger.verify_journal import verify_journal
from queries.receipts.attestation import read_attestation

At = Callable[[str], Cast]
on_sqlite = pytest.mark.parametrize("shelf", ["sqlite"], indirect=True)
NOTE = "note_de_cadrage"
THE_PAGE = """Projets partagés · Territoires en commun
Attestation de validation
Niort a approuvé avec réserves la version 2 du document
« Diagnostic » de Niort.
État de cette validation le mardi 1er juin 2027 à 10 h : elle compte.
Projet Démocratie culturelle
Étape Diagnostic territorial
Document « Diagnostic » de Niort, version 2
diagnostic-de-niort.pdf
Empreinte SHA-256 5b20e9d4 c41877aa 5b20e9d4 c41877aa
5b20e9d4 c41877aa 5b20e9d4 c41877aa
Décision approuvé avec réserves
Motif Citez l’œuvre à 12 €, s’il vous plaît.
Sorte d’acte signature d’un élu
Pour Niort
Signataire Hélène Marchand, maire
Enregistrée le mardi 9 mars 2027 à 10 h 30 (heure de Paris)
Authentification par ProConnect
Journal du projet Inscription n° 128
c41877aa 5b20e9d4 c41877aa 5b20e9d4
c41877aa 5b20e9d4 c41877aa 5b20e9d4
"""


def read(pdf: bytes) -> str:
    """The words of its one page, as a screen reader says them."""
    (page,) = PdfReader(BytesIO(pdf)).pages
    return " ".join(page.extract_text().split())


# The page


def test_it_says_what_was_decided_on_what_by_whom_and_how_and_in_what_order() -> None:
    words = read(attestation_pdf(NIORT_SIGNS))
    assert words.startswith(" ".join(THE_PAGE.split()))
    assert f"{ADDRESS}/recus/44" in words
    assert "projet-partage audit verify" in words


def test_the_same_values_give_the_same_file() -> None:
    assert attestation_pdf(NIORT_SIGNS) == attestation_pdf(replace(NIORT_SIGNS))
    assert attestation_pdf(NIORT_SIGNS) != attestation_pdf(replace(NIORT_SIGNS, number=45))


def test_it_can_be_kept_and_read_aloud() -> None:
    reader = PdfReader(BytesIO(attestation_pdf(NIORT_SIGNS)))
    assert reader.root_object["/Lang"] == "fr-FR"
    assert bool(reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"])  # type: ignore[index]
    xmp = reader.xmp_metadata
    assert xmp is not None
    assert (
        xmp.dc_title["x-default"]
        == "Attestation de validation\u00a0: «\u00a0Diagnostic\u00a0» de Niort, Niort"
    )
    assert xmp.xmp_modify_date == NIORT_SIGNS.signed_at.replace(tzinfo=None)
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert all("DejaVuSans" in font["/BaseFont"] for font in fonts)
    assert all("/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts)


def test_an_act_on_paper_is_shown_as_such() -> None:
    paper = replace(NIORT_SIGNS, recorded_by="Inès Moreau", acted_on=date(2027, 3, 1), reason=None)
    words = read(attestation_pdf(paper))
    assert "Acte daté du 1er mars 2027, enregistré par Inès Moreau" in words
    assert "Motif" not in words


def test_it_says_that_a_sign_off_counts_no_more() -> None:
    ended = replace(NIORT_SIGNS, ended="Niort l’a retirée le 12/03/2027 (vote à refaire).")
    assert "elle ne compte plus : Niort l’a retirée le 12/03/2027 (vote à refaire)." in read(
        attestation_pdf(ended)
    )


def test_it_is_one_page_whatever_was_typed() -> None:
    long = replace(
        NIORT_SIGNS,
        project_title="Projet " * 25,
        deliverable_title="Livrable " * 20,
        file_name="n" * 116 + ".pdf",
        reason="Une réserve,\nen plusieurs lignes. " * 150,
        party_name="Communauté d’agglomération du pays de Niort et des marais",
        signed_by="王小明 Ελένη Иван <b>\x00\u202e " + "x" * 180,
        quality="par délégation de signature (" + "arrêté " * 17 + ")",
        recorded_by="Inès " * 40,
        acted_on=date(2027, 3, 1),
        ended="une nouvelle version a remplacé celle-ci le 12/03/2027.",
        revised="Version 12, la dernière de 11 révisions mineures, du 11/03/2027 (" + "coquille " * 18 + "…)",
    )
    words = read(attestation_pdf(long))
    assert "[Wang Xiao Ming] Ελένη Иван <b>" in words
    assert words.index("refait toute la chaîne") < words.index("elle ne remplace pas l’acte lui-même")
    assert "…" in words


# What it is made of


def attest(cast: Cast, number: int, who: Actor) -> Attestation:
    with cast.db.read() as session:
        return Attestation(**read_attestation(session, number, who.person_id, ADDRESS, cast.now))


def test_its_values_are_those_of_the_sign_off_and_its_entry_in_the_journal(at: At) -> None:
    cast = at("constitution in review")
    cast.sign(NOTE, BOURGES)
    number = cast.sign(NOTE, NIORT, Decision.approved_with_reservations, reason="Et les jeunes ?")
    attestation = attest(cast, number, cast.observer)
    (entry,) = [
        each
        for each in cast.entries()
        if each["event"] == "sign_off.recorded" and each["party_code"] == NIORT
    ]
    assert (attestation.entry, attestation.entry_hash) == (entry["seq"], entry["hash"])
    assert verify_journal(cast.db) is not None
    assert (attestation.decision, attestation.reason, attestation.quality, attestation.ended) == (
        "approuvé avec réserves",
        "Et les jeunes ?",
        "maire",
        None,
    )
    assert attestation.sha256 == cast.deliverable(NOTE).sha256
    assert attestation.receipt_link == f"{ADDRESS}/recus/{number}"
    assert "Et les jeunes" in read(attestation_pdf(attestation))


@on_sqlite
def test_a_delegate_signs_by_the_order_and_an_act_on_paper_names_who_recorded_it(at: At) -> None:
    cast = at("constitution in review")
    deputy = cast.delegate()
    attestation = attest(cast, cast.sign(NOTE, NIORT, actor=deputy), cast.agent)
    assert (attestation.signed_by, attestation.quality) == (
        "Odile Fournier",
        "par délégation de signature (Arrêté 2026-118)",
    )
    charter = at("charter in review")
    number = charter.sign("charte", NIORT, actor=charter.contact(NIORT))
    paper = attest(charter, number, charter.agent)
    assert (paper.signed_by, paper.recorded_by) == (charter.mayor(NIORT).name, charter.contact(NIORT).name)
    assert paper.acted_on is not None


@on_sqlite
def test_what_was_revised_since_is_told_and_the_hash_stays_that_of_what_was_signed(at: At) -> None:
    cast = at("constitution in review")
    signed, number = cast.deliverable(NOTE).sha256, cast.sign(NOTE, NIORT)
    assert attest(cast, number, cast.agent).revised is None
    cast.submit(NOTE, minor="Une date")
    cast.submit(NOTE, minor="Une\nautre date")
    attestation = attest(cast, number, cast.agent)
    assert (attestation.version, attestation.sha256, attestation.ended) == (1, signed, None)
    assert attestation.revised == (
        "Version 3, la dernière de 2 révisions mineures, du 22/11/2026 (Une autre date)"
    )
    assert "Une autre date" in read(attestation_pdf(attestation))


@on_sqlite
def test_what_became_of_the_sign_off_is_told(at: At) -> None:
    cast = at("constitution in review")
    withdrawn, voided = cast.sign(NOTE, NIORT), cast.sign(NOTE, BOURGES)
    cast.withdraw(NOTE, NIORT, reason="Vote à\nrefaire " + "x" * 300)
    cast.submit(NOTE)
    assert (attest(cast, withdrawn, cast.agent).ended or "").startswith(
        "Niort l’a retirée le 22/11/2026 (Vote à refaire"
    )
    assert attest(cast, voided, cast.agent).ended == "une nouvelle version a remplacé celle-ci le 22/11/2026."


@on_sqlite
def test_an_outsider_gets_no_attestation(at: At) -> None:
    cast = at("constitution in review")
    number = cast.sign(NOTE, NIORT)
    for who, which in ((cast.outsider, number), (cast.agent, 99999)):
        with pytest.raises(NotVisible):
            attest(cast, which, who)
