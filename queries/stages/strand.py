"""One strand of a city's consultation, for those who may record that it was held."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from queries.access.project_access import Header, NotVisible
from queries.stages.stage import StrandShown, read_stage
from queries.stages.steps import StageStep

CONSULTATION = "consultation"


@dataclass(frozen=True, slots=True)
class StrandPage:
    """The strand, where it is, and whether the person may record it now."""

    header: Header
    stage: StageStep
    strand: StrandShown
    may_record: bool


def read_strand(
    session: Session, slug: str, party_code: str, key: str, person_id: int, now: datetime
) -> StrandPage:
    """The strand of this key asked of this city; raises ``NotVisible`` when it is not. Writes nothing."""
    page = read_stage(session, slug, CONSULTATION, person_id, now)
    for strand in page.strands:
        if (strand.party_code, strand.key) == (party_code, key):
            return StrandPage(page.header, page.stage, strand, page.may_record(strand))
    raise NotVisible
