"""A nation of projects for the pages: a thousand of them, each with a hundred sign-offs and a thousand commitments.

Each is at its action plan: five stages closed, four rounds each; every city has signed its own plan, and the first of
the four the shared roadmap, so that three sign-offs are awaited.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import count

from benchmarks.commitments import CITIES, LONG_AGO, Country, tables_of
from benchmarks.fill import Row, Table, fill
from models.lifecycle import Lifecycle, load_lifecycle
from models.stage_definition import DeliverableDefinition, StageDefinition

HASH = "5f" * 32
ROUNDS = 4
AT_WORK = 5
"""The position of the stage under review: the action plan."""
ROADMAP = "feuille_de_route"


@dataclass(frozen=True, slots=True)
class Nation:
    """``projects`` with ``commitments`` in all, looked at on ``day``."""

    projects: int
    commitments: int
    day: date

    @property
    def country(self) -> Country:
        """Its people, parties and commitments: 2 % of these have a rung today."""
        return Country(self.commitments, self.commitments // 50, self.projects, self.day)

    def mayor(self, city: int) -> int:
        """The number of the mayor of this city (a party's number, from 1)."""
        return self.country.agents.stop - 1 + city


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sign-off that is awaited: the mayor, the project's number, the deliverable."""

    mayor_id: int
    city: int
    project: int
    deliverable_id: int


def seed(url: str, nation: Nation) -> list[Wanted]:
    """Fill an empty database; gives the sign-offs that are awaited. Commits."""
    stages = _Stages(nation)
    fill(url, [*tables_of(nation.country), *_offices(nation), *stages.tables()])
    return stages.wanted


def _offices(nation: Nation) -> Iterator[Table]:
    country = nation.country
    mayors = [nation.mayor(city) for city in range(1, country.contacts + 1)]
    yield (
        "person",
        "id, email, name, mail_frequency, links_version, created_at",
        ((n, f"maire-{n}@ville.example", f"Maire {n}", "daily", 0, LONG_AGO) for n in mayors),
    )
    yield (
        "mandate",
        "person_id, role, authority_code, since, evidence",
        (
            *((n, "signatory", f"{city:05}", LONG_AGO, "confirmed") for city, n in enumerate(mayors, 1)),
            *((n, "agency_agent", None, LONG_AGO, "declared") for n in country.agents),
        ),
    )


class _Stages:
    """The rows of the stages, deliverables, versions and sign-offs of every project."""

    def __init__(self, nation: Nation) -> None:
        self._nation = nation
        self._numbers = {name: count(1) for name in ("stage", "deliverable", "deliverable_version")}
        self.rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}
        self.wanted: list[Wanted] = []

    def tables(self) -> Iterator[Table]:
        for project in range(1, self._nation.projects + 1):
            for position, definition in enumerate(_lifecycle().stages):
                self._stage(project, position, definition)
        yield from ((name, COLUMNS[name], rows) for name, rows in self.rows.items())

    def _stage(self, project: int, position: int, definition: StageDefinition) -> None:
        number = next(self._numbers["stage"])
        begun = self._nation.day - timedelta(days=60 * (AT_WORK - position) + 20)
        due_on = begun + timedelta(days=15 + project % 30)
        status = "closed" if position < AT_WORK else "in_review" if position == AT_WORK else "planned"
        is_closed, is_open = status == "closed", status != "planned"
        opened_at = LONG_AGO if is_open else None
        self.rows["stage"].append(
            (number, project, definition.key, position, status, 1, opened_at, LONG_AGO if is_closed else None,
             due_on if is_open else None, 0, 0, 0)
        )  # fmt: skip
        if is_open:
            cities = range((project - 1) * CITIES + 1, project * CITIES + 1)
            self.rows["roster_seat"] += [(number, city) for city in cities]
            for one in definition.deliverables:
                for owner in (None,) if one.scope == "shared" else cities:
                    seats = list(cities) if owner is None else [owner]
                    self._deliverable(project, number, one, owner, seats if one.signed else [])

    def _deliverable(
        self, project: int, stage: int, asked: DeliverableDefinition, owner: int | None, seats: list[int]
    ) -> None:
        number = next(self._numbers["deliverable"])
        versions = [next(self._numbers["deliverable_version"]) for _ in range(ROUNDS)]
        self.rows["deliverable"].append(
            (
                number,
                stage,
                asked.key,
                asked.title,
                owner,
                asked.act.value,
                asked.signed,
                ROUNDS,
                ROUNDS,
                versions[-1],
                HASH,
            )
        )
        agent = self._nation.country.agents[project % len(self._nation.country.agents)]
        for at, version in enumerate(versions, 1):
            self.rows["deliverable_version"].append(
                (version, number, at, at, HASH, 1000, "livrable.pdf", False, agent, LONG_AGO)
            )
            is_current = at == ROUNDS
            signed = seats[:1] if asked.key == ROADMAP and is_current else seats
            self.rows["sign_off"] += [
                (number, version, city, at, HASH, "approved", asked.act.value, self._nation.mayor(city), "email_link",
                 LONG_AGO, None if is_current else LONG_AGO)
                for city in signed
            ]  # fmt: skip
        if asked.key == ROADMAP:
            self.wanted += [Wanted(self._nation.mayor(city), city, project, number) for city in seats[1:]]


COLUMNS = {
    "stage": "id, project_id, key, position, status, round, opened_at, closed_at, due_on, due_sequence,"
    " fact_seq, seen_seq",
    "roster_seat": "stage_id, party_id",
    "deliverable": "id, stage_id, key, title, party_id, act_kind, is_signed, round, number, version_id, sha256",
    "deliverable_version": "id, deliverable_id, number, round, sha256, size, file_name, is_minor, submitted_by,"
    " submitted_at",
    "sign_off": "deliverable_id, version_id, party_id, round, sha256, decision, act_kind, signed_by, auth_method,"
    " at, voided_at",
}


@cache
def _lifecycle() -> Lifecycle:
    return load_lifecycle("territoires-en-commun", 1)
