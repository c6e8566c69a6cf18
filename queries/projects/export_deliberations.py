"""The council deliberations of a project as open data: the national schema SCDL « Délibérations »."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from database.engine import Database
from models.act_kind import ActKind
from models.contractor import InvalidSiret, check_siret
from models.party import Party
from models.recorded_act import RecordedAct
from models.refusal import Refusal
from models.scdl import SCDL_COLUMNS, scdl_row
from models.shared_project import SharedProject
from models.table_writer import written_table
from queries.ledger.find import find_project

FIRST_ESTABLISHMENT = "0001"


@dataclass(frozen=True, slots=True)
class Exported:
    """The file's text (UTF-8, comma, LF; no cell is a formula), and what has to be said beside it."""

    text: str
    remarks: list[str]


class InvalidSiretOption(Refusal):
    """A SIRET is given for a code."""

    def __init__(self, text: str) -> None:
        super().__init__(f"« {text} » ne dit pas le SIRET d’une collectivité : écrivez « CODE=SIRET ».")


class OtherSiret(Refusal):
    """The SIRET given is one of another local authority."""

    def __init__(self, party: Party, siret: str) -> None:
        super().__init__(
            f"« {siret} » n’est pas un SIRET de {party.address}, dont le SIREN est {party.siren} : "
            "écrivez le SIREN puis les 5 chiffres de l’établissement."
        )


class UnknownSiret(Refusal):
    """Nothing tells the SIRET of this local authority."""

    def __init__(self, party: Party) -> None:
        super().__init__(
            f"Le SIRET de {party.address} n’est pas connu : donnez « --siret {party.code}=SIRET »."
        )


def export_deliberations(db: Database, slug: str, *, sirets: Mapping[str, str]) -> Exported:
    """One row per deliberation, however often it was recorded. Writes nothing.

    ``sirets`` gives, by party code, the SIRET of the seat. For a party it does not name, the number of its
    first establishment (NIC 0001 and its key) is taken, and a remark says so: it nearly always is the town
    hall's. Raises ``UnknownProject``, ``InvalidSiret``, ``OtherSiret``, ``UnknownSiret``.
    """
    with db.read() as session:
        project = find_project(session, slug)
        rows: dict[tuple[str, str, str], dict[str, str]] = {}
        remarks: list[str] = []
        for act, party in _acts(session, project):
            siret = _siret(party, sirets, remarks)
            # A public address comes with the public pages: none is claimed here.
            row = scdl_row(act.deliberation, collectivity_name=party.name, siret=siret, url=None)
            rows[party.code, row["DELIB_ID"], row["DELIB_DATE"]] = row
    return Exported(written_table(SCDL_COLUMNS, rows.values()), remarks)


def _acts(session: Session, project: SharedProject) -> list[tuple[RecordedAct, Party]]:
    query = (
        select(RecordedAct, Party)
        .join(Party, col(Party.id) == RecordedAct.party_id)
        .where(RecordedAct.project_id == project.id, RecordedAct.kind == ActKind.deliberation)
        .order_by(col(RecordedAct.id))
    )
    return list(session.exec(query))


def _siret(party: Party, sirets: Mapping[str, str], remarks: list[str]) -> str:
    if party.code in sirets:
        siret = check_siret(sirets[party.code])
        if party.siren and not siret.startswith(party.siren):
            raise OtherSiret(party, siret)
        return siret
    if party.siren is None:
        raise UnknownSiret(party)
    siret = _first_establishment(party.siren)
    remark = f"SIRET de {party.name} supposé : {siret} ; sinon, donnez « --siret {party.code}=SIRET »."
    if remark not in remarks:
        remarks.append(remark)
    return siret


def _first_establishment(siren: str) -> str:
    """SIREN, then 0001, then the key that checks them (Luhn)."""
    for key in range(10):
        try:
            return check_siret(f"{siren}{FIRST_ESTABLISHMENT}{key}")
        except InvalidSiret:
            continue
    raise InvalidSiret(siren)
