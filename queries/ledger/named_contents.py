"""The contents that facts name: the files that are kept."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from models.agency_signature import AgencySignature
from models.commitment import Commitment
from models.deliverable import Deliverable, DeliverableVersion
from models.party import PartyDeparture
from models.proposal import Proposal
from models.recorded_act import RecordedAct
from models.sign_off import SignOff
from models.signature_delegation import SignatureDelegation

NAMING: tuple[tuple[type[SQLModel], str], ...] = (
    (Deliverable, "sha256"),
    (DeliverableVersion, "sha256"),
    (SignOff, "sha256"),
    (SignOff, "proof_sha256"),
    (AgencySignature, "sha256"),
    (RecordedAct, "file_sha256"),
    (PartyDeparture, "file_sha256"),
    (Commitment, "evidence_sha256"),
    (SignatureDelegation, "file_sha256"),
    (Proposal, "file_sha256"),
)
"""Every column that names a content. A new one belongs here, or its files are swept (a test compares)."""


def named_contents(connection: Connection) -> set[str]:
    """The hash of every content a fact names."""
    columns = [getattr(model, column) for model, column in NAMING]
    queries = [sa.select(column.label("sha256")).where(column.is_not(None)) for column in columns]
    return set(connection.execute(sa.union(*queries)).scalars())
