"""A country of commitments for the daily sweep: many that exist, few that are due, one contact per city."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from benchmarks.fill import Row, Table, fill

DAY = date(2026, 11, 24)
"""A Tuesday, no public holiday: nobody's weekly mail falls on it."""
LONG_AGO = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
CITIES = 4
AGENTS = 25
LADDER = (30, 15, 7, 1, 0)
"""The days before its due date on which a commitment is reminded (lifecycle « territoires-en-commun »)."""


@dataclass(frozen=True, slots=True)
class Country:
    """``projects`` of four cities with one contact each; ``due`` of the ``commitments`` have a rung on ``day``."""

    commitments: int
    due: int
    projects: int = 1250
    day: date = DAY

    @property
    def contacts(self) -> int:
        return self.projects * CITIES

    @property
    def agents(self) -> range:
        """The numbers of the ANCT's agents, among the people."""
        return range(self.contacts + 1, self.contacts + AGENTS + 1)


def seed(url: str, country: Country) -> None:
    """Fill an empty database. Commits, and leaves it as a database at rest is."""
    fill(url, tables_of(country))


def tables_of(country: Country) -> Iterator[Table]:
    """The people, the projects and their parties, then the commitments and what was reminded of them."""
    contacts = range(1, country.contacts + 1)
    yield from _projects(country, contacts)
    yield (
        "commitment",
        "project_id, owner, party_id, origin, reference, text, due_on, status, created_at",
        _commitments(country),
    )
    yield (
        "reminder",
        "kind, subject, project_id, recipient_id, due_on, rung, day, text, path, is_copy",
        _earlier_reminders(country),
    )
    yield (
        "notice",
        "key, recipient_id, message, payload, is_held, created_at, next_try_at, attempts, sent_at",
        ((f"digest:{day}:{n}", n, "daily_digest", "{}", False, LONG_AGO, LONG_AGO, 1, LONG_AGO)
         for day in {country.day - timedelta(days=days) for days in (7, 14)} for n in contacts),
    )  # fmt: skip


def _projects(country: Country, contacts: range) -> Iterator[Table]:
    projects, agents = range(1, country.projects + 1), country.agents
    yield (
        "person",
        "id, email, name, mail_frequency, links_version, created_at",
        ((n, f"personne-{n}@ville.example", f"Personne {n}", "daily", 0, LONG_AGO)
         for n in (*contacts, *agents)),
    )  # fmt: skip
    yield (
        "shared_project",
        "id, slug, title, theme, period_from, period_until, lifecycle_key, lifecycle_version,"
        " agency_agent_id, status, created_at",
        ((n, f"projet-{n}", f"Projet {n}", "culture", date(2026, 1, 1), date(2027, 3, 31),
          "territoires-en-commun", 1, agents[n % AGENTS], "active", LONG_AGO)
         for n in projects),
    )  # fmt: skip
    yield (
        "journal",
        "project_id, seq, head, mirrored_seq",
        ((n, 0, "", 0) for n in projects),
    )
    yield (
        "party",
        "id, project_id, code, name, kind, departement, role, acts, joined_at",
        ((n, _project_of(n), f"{n:05}", f"Ville {n}", "commune", "79", "signatory", "{}", LONG_AGO)
         for n in contacts),
    )  # fmt: skip
    yield (
        "mandate",
        "person_id, role, authority_code, since",
        ((n, "local_contact", f"{n:05}", LONG_AGO) for n in contacts),
    )


def _commitments(country: Country) -> Iterator[Row]:
    """Year after year, each city in turn; half of what is not due is kept, half is for later."""
    every = country.commitments // country.due
    for number in range(country.commitments):
        city = number // every % country.contacts + 1
        if number % every == 0:
            due_on, status = country.day + timedelta(days=LADDER[number // every % len(LADDER)]), "to_do"
        else:
            days = 90 + number % 300
            kept = number % 2 == 0
            due_on = country.day + timedelta(days=-days if kept else days)
            status = "kept" if kept else "in_progress"
        text = f"Ouvrir la maison des associations de la ville {city}, salle {number}"
        yield (
            _project_of(city), f"{city:05}", city, "action", f"action-{number}", text, due_on, status,
            LONG_AGO,
        )  # fmt: skip


def _earlier_reminders(country: Country) -> Iterator[Row]:
    """What is due has been reminded on each earlier rung: the history that the sweep must not remind again."""
    every = country.commitments // country.due
    for turn in range(country.due):
        number, city, rung = turn * every, turn % country.contacts + 1, turn % len(LADDER)
        due_on = country.day + timedelta(days=LADDER[rung])
        for days in LADDER[:rung]:
            yield (
                "commitment", f"commitment-{number + 1}", _project_of(city), city, due_on, f"J-{days}",
                due_on - timedelta(days=days), "Ouvrir la maison des associations", f"/projets/{city}", False,
            )  # fmt: skip


def _project_of(city: int) -> int:
    return (city - 1) // CITIES + 1
