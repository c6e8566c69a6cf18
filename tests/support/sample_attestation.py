"""An attestation of a sign-off of Niort, in plain values."""

from datetime import UTC, datetime

from notifications.attestation import Attestation

ADDRESS = "https://projets.example"
NIORT_SIGNS = Attestation(
    number=44,
    project_title="Démocratie culturelle",
    stage_title="Diagnostic territorial",
    deliverable_title="Diagnostic",
    deliverable_party="Niort",
    version=2,
    file_name="diagnostic-de-niort.pdf",
    sha256="5b20e9d4c41877aa" * 4,
    decision="approuvé avec réserves",
    reason="Citez l’œuvre à 12 €,\ns’il vous plaît.",
    act="signature d’un élu",
    party_name="Niort",
    signed_by="Hélène Marchand",
    quality="maire",
    recorded_by=None,
    acted_on=None,
    signed_at=datetime(2027, 3, 9, 9, 30, tzinfo=UTC),
    authenticated="par ProConnect",
    entry=128,
    entry_hash="c41877aa5b20e9d4" * 4,
    ended=None,
    receipt_link=f"{ADDRESS}/recus/44",
    read_at=datetime(2027, 6, 1, 8, 0, tzinfo=UTC),
)
