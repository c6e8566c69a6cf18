"""Read the audit journal whole and find any line changed, removed, added or moved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from pydantic import Field
from sqlmodel import Session, col, select

from database.engine import Database
from models.audit_entry import AuditEntry, Journal, entry_hash
from models.person import AuthMethod, Person
from models.shape import Instant, Shape
from models.shared_project import SharedProject
from models.tables import AUDIT_ENTRY, JOURNAL

REGISTER = "registre"


@dataclass(frozen=True, slots=True)
class Tampering:
    """One line that is not what was written: which journal (a slug, or « registre »), which line, and how."""

    journal: str
    seq: int
    text: str


@dataclass(frozen=True, slots=True)
class Verification:
    """How many journals and entries were read, the end of each chain, and what does not hold."""

    entries: int
    heads: dict[str, str]
    tamperings: list[Tampering]


def verify_journal(db: Database) -> Verification:
    """Recompute every chain, in memory that does not grow with its length. Writes nothing.

    Keeping the ``heads`` it gives outside of the database (a mail, a paper) shows later even a journal that
    was rewritten from end to end.
    """
    with db.read() as session:
        names = {
            row.id: (row.slug or REGISTER, row.seq, row.head)
            for row in session.connection().execute(
                sa.select(
                    JOURNAL.c.id, JOURNAL.c.seq, JOURNAL.c.head, col(SharedProject.slug)
                ).outerjoin_from(JOURNAL, SharedProject, JOURNAL.c.project_id == SharedProject.id)
            )
        }
        rows = session.connection().execute(
            sa.select(AUDIT_ENTRY)
            .order_by(AUDIT_ENTRY.c.journal_id, AUDIT_ENTRY.c.seq)
            .execution_options(yield_per=1000)
        )
        count, faults, seen = 0, list[Tampering](), set[int]()
        for journal_id, entries in groupby(rows.mappings(), key=lambda row: row["journal_id"]):
            name, seq, head = names.get(journal_id, (f"journal {journal_id}", 0, ""))
            seen.add(journal_id)
            chain = _Chain(name)
            for entry in entries:
                count += 1
                faults += chain.follow(entry)
            faults += chain.end(seq, head)
        for journal_id, (name, seq, head) in names.items():
            if journal_id not in seen:
                faults += _Chain(name).end(seq, head)
        faults += _without_journal(session)
    return Verification(count, {name: head for name, _seq, head in names.values()}, faults)


def verify_project(session: Session, slug: str) -> list[Tampering]:
    """What does not hold in the journal of this project alone; empty when it is as it was written. Writes nothing."""
    project_id = sa.select(col(SharedProject.id)).where(col(SharedProject.slug) == slug).scalar_subquery()
    return _verify_one(session, slug, JOURNAL.c.project_id == project_id)


def verify_register(session: Session) -> list[Tampering]:
    """As ``verify_project``, in the register."""
    return _verify_one(session, REGISTER, JOURNAL.c.project_id.is_(None))


def _verify_one(session: Session, name: str, is_asked: sa.ColumnElement[bool]) -> list[Tampering]:
    connection = session.connection()
    end = sa.select(JOURNAL.c.id, JOURNAL.c.seq, JOURNAL.c.head).where(is_asked)
    journal_id, seq, head = connection.execute(end).one()
    rows = connection.execute(
        sa.select(AUDIT_ENTRY).where(AUDIT_ENTRY.c.journal_id == journal_id).order_by(AUDIT_ENTRY.c.seq)
    )
    chain = _Chain(name)
    faults = [each for entry in rows.mappings() for each in chain.follow(entry)]
    return [*faults, *chain.end(seq, head)]


def _without_journal(session: Session) -> list[Tampering]:
    query = (
        select(SharedProject.slug)
        .outerjoin(Journal, col(Journal.project_id) == SharedProject.id)
        .where(col(Journal.id).is_(None))
    )
    return [Tampering(slug, 0, "le journal entier du projet a été retiré") for slug in session.exec(query)]


class _Chain:
    """One journal as it is read, line after line."""

    def __init__(self, name: str) -> None:
        self.name, self.seq, self.head = name, 0, ""

    def follow(self, entry: sa.RowMapping) -> Iterator[Tampering]:
        seq = entry["seq"]
        if seq != self.seq + 1:
            yield Tampering(
                self.name, seq, f"ligne {self.seq + 1} absente : une ligne a été retirée ou déplacée"
            )
        elif entry["previous_hash"] != self.head:
            yield Tampering(
                self.name, seq, f"ligne {seq} : elle ne suit pas la ligne d’avant (ajoutée ou déplacée)"
            )
        if entry_hash(dict(entry)) != entry["hash"]:
            yield Tampering(self.name, seq, f"ligne {seq} ({entry['event']}) : son contenu a été modifié")
        self.seq, self.head = seq, entry["hash"]

    def end(self, seq: int, head: str) -> Iterator[Tampering]:
        if self.seq < seq:
            yield Tampering(self.name, seq, f"lignes {self.seq + 1} à {seq} absentes : la fin a été retirée")
        elif self.seq > seq:
            yield Tampering(self.name, self.seq, f"ligne {self.seq} en trop : elle a été ajoutée après coup")
        elif self.head != head:
            yield Tampering(self.name, seq, f"ligne {seq} : le journal ne finit plus comme il a été écrit")


def read_journal(
    session: Session, project: SharedProject | None, *, after: int = 0, most: int | None = None
) -> list[AuditEntry]:
    """The entries of a project (of the register without one), oldest first: ``most`` of them, from the one that
    follows number ``after``."""
    journal = sa.select(JOURNAL.c.id).where(_is_journal_of(project)).scalar_subquery()
    query = select(AuditEntry).where(AuditEntry.journal_id == journal, AuditEntry.seq > after)
    return list(session.exec(query.order_by(col(AuditEntry.seq)).limit(most)))


class EntryShown(Shape):
    """One fact; its hash holds the one before, so that nothing is changed unseen."""

    seq: int
    at: Instant
    event: str = Field(examples=["sign_off.recorded"])
    actor: str | None = Field(description="Qui ; vide pour le système.")
    actor_id: int | None
    auth_method: AuthMethod = Field(description="Comment cette personne a été reconnue.")
    party: str | None = Field(description="Pour quelle collectivité.")
    payload: dict[str, Any]
    hash: str


def show_entries(session: Session, entries: Sequence[AuditEntry]) -> list[EntryShown]:
    """These entries with the names of their actors."""
    actors = {each.actor_id for each in entries if each.actor_id}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(actors))).all())
    return [
        EntryShown(**each.model_dump(), actor=names.get(each.actor_id), party=each.party_code)
        for each in entries
    ]


def count_entries(session: Session, project: SharedProject | None) -> int:
    """How many there are, in a project's journal or, without one, in the register: the number of the last one."""
    return session.exec(select(Journal.seq).where(_is_journal_of(project))).one()


def _is_journal_of(project: SharedProject | None) -> sa.ColumnElement[bool]:
    return JOURNAL.c.project_id.is_(None) if project is None else JOURNAL.c.project_id == project.id
