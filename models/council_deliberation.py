"""A council's deliberation as its register records it; what is unknown stays empty.

The rules of the CGCT that it must meet are in ``models.deliberation_rules``.
"""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models.iso_date import IsoDate
from models.limits import Text

LONGEST_PHRASE, LONGEST_NUMBER = 2000, 100

Phrase = Annotated[str, Text("Texte", LONGEST_PHRASE, is_needed=True)]
Count = Annotated[int, Field(ge=0, le=999)]


class CouncilDeliberation(BaseModel):
    """The data of one deliberation; number, session date, subject and matter code are always known.

    Built from a file by ``read_yaml``; ``check_deliberation`` says whether the council could so decide.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    number: Annotated[str, Text("Numéro", LONGEST_NUMBER, is_needed=True)]
    session_date: IsoDate
    subject: Phrase
    matter_code: Annotated[str, Field(pattern=r"^\d\.\d{1,2}$")]
    """Nomenclature ACTES, such as 8.9 (culture)."""
    matter_name: Phrase | None = None

    members_in_office: Annotated[int, Field(ge=1, le=999)] | None = None
    present: Count | None = None
    represented: Count | None = None
    second_convocation: bool = False
    """The council met again after a failed quorum: none is needed (CGCT L2121-17)."""
    failed_session_date: IsoDate | None = None
    """The session that failed for want of a quorum, when there was one."""

    votes_for: Count | None = None
    votes_against: Count | None = None
    abstentions: Count | None = None
    president_vote_for: bool | None = None
    """How the president voted; counts only when the votes are equal."""
    secret_ballot: bool = False
    """In a secret ballot the president has no casting vote."""

    secretary: Phrase | None = None
    signed_by_mayor: bool | None = None
    signed_by_secretary: bool | None = None

    published_on: IsoDate | None = None
    transmitted_on: IsoDate | None = None
    prefecture_id: (
        Annotated[str, Field(pattern=r"^(PREF\d{2}[\dAB]|SPREF\d{2}[\dAB]\d|SGAR\d{3})$")] | None
    ) = None
    """Who checks its legality: PREF078, or a sous-préfecture (SPREF0782)."""
    acknowledgement: Phrase | None = None
    """Identifier of the receipt the prefecture gave."""

    @property
    def quorum_needed(self) -> bool:
        """False for a session held after one that failed for want of a quorum."""
        return not (self.second_convocation or self.failed_session_date)

    @property
    def enforceable_on(self) -> date | None:
        """Later of publication and transmission to the prefect (CGCT L2131-1); None while one is unknown."""
        if self.published_on is None or self.transmitted_on is None:
            return None
        return max(self.published_on, self.transmitted_on)


def moved_act(act: CouncilDeliberation, day: date) -> CouncilDeliberation:
    """The same vote in a session of this day, published and transmitted at once: for the demonstration."""
    known = {name: day for name in ("published_on", "transmitted_on") if getattr(act, name) is not None}
    return act.model_copy(update={"session_date": day, **known})
