"""Fill a new system with projects whose first stage awaits its cities, and deal their sign-offs to the clients.

``python -m chaos.prepare FOLDER --stages N --seed S`` with the environment of the system; everything goes through
the system's own actions, so that its outbox, its journal and its mails are those of real projects.
"""

import argparse
import hashlib
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlmodel import Session, select

from actions.access.sign_in import open_session
from actions.access.tokens import TokenRequest, create_token
from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from actions.files.store_file import FileStore
from actions.projects.create_project import ProjectRequest, create_project
from actions.stages.ask import ask_for_deliverable, start_review
from actions.stages.open_stage import open_stage
from actions.stages.request_transition import TransitionRequest, request_transition
from chaos.load.outcome import People
from chaos.plan import WAYS, Chain, PlannedAct, deal, write_plan
from commands.seed import confirm_mayors
from database.engine import Database
from database.upgrade import upgrade_database
from models.deliverable import Deliverable
from models.party import Party, PartyRole
from models.person import Actor, AuthMethod, UnknownPerson
from models.project_file import PartyEntry, Period, PersonEntry, ProjectFile
from models.stored_row import identity
from queries.ledger.find import find_project, find_stage, identify, parties_of
from settings import settings

STAGE, NOTE = "constitution", "note_de_cadrage"
AGENT = "agent@anct.example"
GROUPS = (
    ("78361", "79191", "18033", "35126"),
    ("44109", "35238", "29019", "56260"),
    ("31555", "33063", "34172", "64445"),
    ("69123", "38185", "42218", "63113"),
    ("59350", "62041", "80021", "02691"),
    ("67482", "68224", "57463", "54395"),
    ("13055", "06088", "83137", "84007"),
    ("45234", "37261", "41018", "28085"),
)
"""Cities of eight shared projects at a time, so that no one city has it all to sign."""
REVISED = 0.2
"""The share of projects whose first version a city refuses: another is submitted, and signed by all."""


def prepare(folder: Path, stages: int, seed: int) -> None:
    """Write the database, ``folder/people.json`` (secrets) and ``folder/NAME.plan`` for each client. Commits."""
    draw = random.Random(seed)  # noqa: S311 - chance that can be played again
    db = Database(settings().domain_url)
    upgrade_database(db)
    files = FileStore(settings().files_dir)
    chains = [chain for number in range(1, stages + 1) for chain in _project(db, files, folder, number, draw)]
    (folder / "people.json").touch(mode=0o600)
    (folder / "people.json").write_text(json.dumps(_let_in(db)), encoding="utf-8")
    for name, given in deal(chains, WAYS, draw).items():
        write_plan(folder / f"{name}.plan", given)
    db.close()


def _project(
    db: Database, files: FileStore, folder: Path, number: int, draw: random.Random
) -> Iterator[Chain]:
    """A project under review of its first stage, and what its cities will decide."""
    now = datetime.now(UTC)
    cities = GROUPS[number % len(GROUPS)]
    project = create_project(
        db, None, ProjectRequest(_file(number, cities, now.date()), f"essai-{number}"), now=now
    )
    confirm_mayors(db, project.slug, now=now)
    with db.read() as session:
        agent = identify(session, AGENT)
        stage = find_stage(session, find_project(session, project.slug), STAGE)
    request_transition(db, agent, TransitionRequest(project.slug, STAGE), now=now)
    open_stage(db, identity(stage), now=now)
    ask_for_deliverable(db, identity(stage), NOTE, now=now)
    content = folder / "note.md"
    content.write_text(_text(number, 1), encoding="utf-8")
    submission = Submission(project.slug, STAGE, NOTE, files.receive_path(content))
    submit_deliverable(db, agent, submission, now=now)
    start_review(db, identity(stage), now=now)
    with db.read() as session:
        query = select(Deliverable).where(Deliverable.stage_id == stage.id)
        deliverable = session.exec(query).one()
        parties = parties_of(session, identity(project))
    yield from _decisions(project.slug, number, deliverable, parties, draw)


def _file(number: int, cities: tuple[str, ...], today: date) -> ProjectFile:
    return ProjectFile(
        title=f"Essai {number}",
        theme="culture",
        period=Period.model_validate({"from": today, "until": today + timedelta(days=450)}),
        agency_agent=PersonEntry(name="Agente des essais", email=AGENT),
        parties=[
            PartyEntry(
                code=code,
                role=PartyRole.signatory,
                local_contact=PersonEntry(name=f"Contact {code}", email=f"contact-{code}@ville.example"),
                signatory=PersonEntry(name=f"Maire {code}", email=mayor(code), quality="Maire"),
            )
            for code in cities
        ],
    )


def mayor(code: str) -> str:
    return f"maire-{code}@ville.example"


def _text(number: int, version: int) -> str:
    return f"# Note de cadrage\n\nEssai {number}, version {version}.\n"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _decisions(
    slug: str, number: int, deliverable: Deliverable, parties: list[Party], draw: random.Random
) -> Iterator[Chain]:
    """Four sign-offs by whoever comes; or a refusal, a new version and four sign-offs on it, in this order."""
    act = partial(PlannedAct, slug=slug, stage=STAGE, key=NOTE, deliverable_id=identity(deliverable))

    def decides(
        party: Party, version: int, decision: str = "approved", reason: str | None = None
    ) -> PlannedAct:
        return act(
            id=f"{slug}/{party.code}/{version}", person=mayor(party.code), sha256=_sha256(_text(number, version)),
            party=party.code, party_id=identity(party), decision=decision, reason=reason,
        )  # fmt: skip

    if draw.random() >= REVISED:
        reserved = draw.choice(parties) if draw.random() < 0.2 else None
        for party in parties:
            if party is reserved:
                yield [decides(party, 1, "approved_with_reservations", "Préciser le budget.")]
            else:
                yield [decides(party, 1)]
        return
    refusing = draw.choice(parties)
    text = _text(number, 2)
    submits = act(id=f"{slug}/version/2", person=AGENT, sha256=_sha256(text), text=text)
    yield [
        decides(refusing, 1, "refused", "Il manque les associations."),
        submits,
        *(decides(party, 2) for party in draw.sample(parties, k=len(parties))),
    ]


def _let_in(db: Database) -> People:
    """Of each person who acts: number, name, a token of the API and a session of the pages."""
    now = datetime.now(UTC)
    emails = [AGENT, *(mayor(code) for cities in GROUPS for code in cities)]
    with db.read() as session:
        people = {email: actor for email in emails if (actor := _known(session, email)) is not None}
    found: People = {}
    for email, actor in people.items():
        with db.write() as session:
            cookie = open_session(session, actor.person_id, AuthMethod.email_link, now)
        token = create_token(db, actor, TokenRequest("Essais"), now=now).secret
        found[email] = {"id": actor.person_id, "name": actor.name, "token": token, "session": cookie}
    return found


def _known(session: Session, email: str) -> Actor | None:
    """None when so few projects have nobody of that city."""
    try:
        return identify(session, email)
    except UnknownPerson:
        return None


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m chaos.prepare", description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--stages", type=int, required=True)
    options.add_argument("--seed", type=int, required=True)
    chosen = options.parse_args()
    prepare(chosen.folder, chosen.stages, chosen.seed)
