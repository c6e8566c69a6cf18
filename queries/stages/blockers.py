"""What stands between some stages and their end: who, what, how late; as ``still_missing``, all read at once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.engine import Connection

from models.awaited import AGENCY, CONTRACTOR
from models.gate import missing as missing_cells
from models.lifecycle import load_lifecycle
from models.party import PartyRole
from models.person import Role
from models.sign_off import Decision
from models.stage import StageStatus
from queries.stages.deadlines import Deadlines, deadlines_of
from queries.stages.stages_at_work import (
    StageAtWork,
    awarded,
    offices_to_name,
    signed_by_agency,
    stages_at_work,
)
from queries.stages.still_missing import Missing


@dataclass(frozen=True, slots=True)
class Blocking:
    """One thing a stage waits for. ``who`` names whose turn it is: a city, « ANCT », « Prestataire ».

    ``what`` is one of those of ``Missing``; ``due_on`` is the day that counts for that city, and ``days_late``
    is 0 while it has not passed. ``path`` is where it is done.
    """

    what: str
    who: str
    party_code: str | None
    text: str
    due_on: date | None
    days_late: int
    path: str
    missing: Missing


Found = tuple[Missing, Any, Any]
"""What is missing, the row of the party that owes it (none: the ANCT, the contractor), that of the deliverable."""
OPENING: Found = (Missing("opening", None, None, None, "l’ouverture de l’étape est en cours"), None, None)
"""Its flow lays the stage out: all else is known a moment later."""


def what_blocks(connection: Connection, stage_ids: Collection[int], today: date) -> dict[int, list[Blocking]]:
    """What each of these stages still waits for, the most urgent first; nothing for one that is not at work.

    A fixed number of queries, however many stages. Writes nothing.
    """
    stages = stages_at_work(connection, stage_ids)
    deadlines, offices = deadlines_of(connection, stages), offices_to_name(connection, stages)
    signed, has_contract = signed_by_agency(connection, stages), awarded(connection, stages)
    found: dict[int, list[Blocking]] = {}
    for number, stage in stages.items():
        if stage.row.status is StageStatus.opening:
            missing: tuple[Found, ...] = (OPENING,)
        else:
            missing = (
                *_people(stage, offices),
                *_strands(stage),
                *_deliverables(stage),
                *_sign_offs(stage),
                *_agency(stage, signed, has_contract),
            )
        lines = [_blocking(stage, deadlines, each, today) for each in missing]
        found[number] = sorted(lines, key=lambda each: each.due_on or date.max)
    return found


def _blocking(stage: StageAtWork, deadlines: Deadlines, found: Found, today: date) -> Blocking:
    missing, party, row = found
    due_on = deadlines.of(stage.row.id, party.id if party else None).due_on
    who, named, text = missing.text.partition(" : ")
    late = (today - due_on).days if due_on else 0
    return Blocking(
        missing.what,
        party.name if party else _in_charge(stage, row),
        missing.party,
        text if named else who,
        due_on,
        max(late, 0),
        f"/projets/{stage.row.slug}/etapes/{stage.row.key}" + (f"#livrable-{row.id}" if row else ""),
        missing,
    )


def _in_charge(stage: StageAtWork, row: Any) -> str:
    """Who owes what no city owes: the first submitter of the deliverable (lifecycle data), or the ANCT."""
    if row is None:
        return AGENCY
    lifecycle = load_lifecycle(stage.row.lifecycle_key, stage.row.lifecycle_version)
    first = lifecycle.stage(stage.row.key).deliverable(row.key).submitted_by[0]
    return CONTRACTOR if first == Role.contractor else AGENCY


def _people(stage: StageAtWork, offices: set[tuple[Role, str, int | None]]) -> Iterator[Found]:
    """The constitution ends with each signatory's contact and signatory named."""
    if stage.row.key != "constitution" or stage.row.opened_at is None:
        return
    wanted = (
        (Role.local_contact, "contact", "nommer son interlocuteur privilégié"),
        (Role.signatory, "signatory", "indiquer qui signe pour elle (maire, président)"),
    )
    for party in stage.parties.values():
        if party.role is not PartyRole.signatory or party.left_at is not None:
            continue
        for role, what, act in wanted:
            if not {(role, party.code, None), (role, party.code, party.project_id)} & offices:
                yield Missing(what, party.code, None, None, f"{party.name} : {act}"), party, None


def _strands(stage: StageAtWork) -> Iterator[Found]:
    for strand in stage.strands:
        party = stage.parties[strand.party_id]
        if party.left_at is None:
            text = f"{party.name} : tenir « {strand.title} »"
            yield Missing("strand", party.code, None, None, text), party, None


def _deliverables(stage: StageAtWork) -> Iterator[Found]:
    for row in stage.deliverables.values():
        owner = stage.parties.get(row.party_id)
        if row.number == 0 and (owner is None or owner.left_at is None):
            code = owner.code if owner else None
            text = f"{owner.name if owner else 'Ensemble'} : déposer « {row.title} »"
            yield Missing("deliverable", code, row.key, code, text), owner, row


def _sign_offs(stage: StageAtWork) -> Iterator[Found]:
    for seat in missing_cells(stage.cells):
        if not seat.is_submitted:
            continue
        row, party = stage.deliverables[seat.deliverable_id], stage.parties[seat.party_id]
        owner, refused = stage.parties.get(row.party_id), seat.decision is Decision.refused
        text = f"{party.name} : {'a refusé' if refused else 'valider'} « {row.title} »"
        text += " (une nouvelle version est attendue)" if refused else ""
        what, code = "revision" if refused else "sign_off", owner.code if owner else None
        yield Missing(what, party.code, row.key, code, text), party, row


def _agency(stage: StageAtWork, signed: set[int], has_contract: set[int]) -> Iterator[Found]:
    if stage.row.key == "charter" and stage.row.id not in signed:
        text = "ANCT : signer la charte, en dernier"
        yield Missing("agency_signature", None, "charte", None, text), None, None
    if stage.row.key == "terms_of_reference" and stage.row.project_id not in has_contract:
        text = "ANCT : attribuer le marché et désigner le prestataire"
        yield Missing("contractor", None, None, None, text), None, None
