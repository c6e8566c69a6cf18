"""The command line as the tests use it: on a database of theirs, with the steps of the flows played by hand."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sample_files import written_pdf
from sqlmodel import SQLModel, select
from typer.testing import CliRunner

from actions.commitments.schedule_commitments import promise_charter
from actions.stages.ask import start_review
from actions.stages.close_stage import close_stage
from actions.stages.open_stage import open_stage
from cli import app
from commands.seed import confirm_mayors
from database.engine import Database
from models.council_deliberation import CouncilDeliberation, moved_act
from models.deliverable import Deliverable
from models.paris_time import paris_day
from models.party import Party
from models.periodic_round import PeriodicRound
from models.shared_project import SharedProject
from models.stage import Stage
from models.stored_row import identity
from models.yaml_file import read_yaml
from queries.ledger.find import find_project, find_stage
from settings import settings

EXAMPLES = Path(__file__).parents[2] / "examples"
SEED = EXAMPLES / "democratie-culturelle.yaml"
SLUG = "democratie-culturelle"
AGENT = "camille.roussel@anct.example"
MAYORS = {
    "78361": "etienne.marchal@mantes-la-jolie.example",
    "79191": "solene.guerin@niort.example",
    "18033": "paul.desforges@bourges.example",
    "35126": "maelle.rivoal@guichen.example",
}
CONTACTS = {
    "78361": "nadia.benali@mantes-la-jolie.example",
    "79191": "hugo.texier@niort.example",
    "18033": "ines.moreau@bourges.example",
    "35126": "yann.legoff@guichen.example",
}
COUNCIL_ACTS = {
    "78361": "mantes-la-jolie-2021-07-12",
    "79191": "niort-2021-09-20-fictive",
    "18033": "bourges-2021-09-23-fictive",
    "35126": "guichen-2021-09-14-fictive",
}


class CommandLine:
    """Runs commands on the database of a test; ``folder`` is the data directory and holds the documents."""

    def __init__(self, db: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.db, self.folder = db, folder
        monkeypatch.setenv("PROJET_PARTAGE_DATABASE_URL", db.url)
        monkeypatch.setenv("PROJET_PARTAGE_DATA_DIR", str(folder / "data"))
        monkeypatch.delenv("PROJET_PARTAGE_DEBUG", raising=False)
        settings.cache_clear()

    def run(self, *arguments: object) -> Any:
        return CliRunner().invoke(app, [str(each) for each in arguments])

    def ok(self, *arguments: object) -> str:
        """What a command that succeeds prints."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.stderr or result.exception
        return result.stdout

    def json(self, *arguments: object) -> Any:
        return json.loads(self.ok(*arguments, "--json"))

    def refused(self, *arguments: object) -> str:
        """The sentence of a command that is refused, once it is sure that it has written nothing."""
        before = self.rows()
        result = self.run(*arguments)
        assert result.exit_code == 1, (result.exit_code, result.stdout, result.stderr)
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        assert self.rows() == before
        return str(result.stderr).replace("\u00a0", " ").strip()

    def rows(self) -> dict[str, int]:
        """How many rows each table has, but for the traces of who passed by, which are no facts."""
        with self.db.read() as session:
            return {
                table.name: session.connection().scalar(sa.select(sa.func.count()).select_from(table)) or 0
                for table in SQLModel.metadata.sorted_tables
                if table.name != PeriodicRound.__tablename__
            }

    def document(self, name: str, text: str = "Un document.") -> Path:
        path = self.folder / name
        is_pdf = bool(text) and path.suffix == ".pdf"
        path.write_bytes(written_pdf(text) if is_pdf else text.encode())
        return path

    def stage_id(self, key: str) -> int:
        with self.db.read() as session:
            return identity(find_stage(session, find_project(session, SLUG), key))

    def flow_opens(self, key: str) -> None:
        """The stage's flow opens it."""
        assert open_stage(self.db, self.stage_id(key), now=datetime.now(UTC))

    def flow_starts_review(self, key: str) -> None:
        start_review(self.db, self.stage_id(key), now=datetime.now(UTC))

    def flow_closes(self, key: str) -> None:
        at_the_end = promise_charter if key == "charter" else None
        assert close_stage(self.db, self.stage_id(key), now=datetime.now(UTC), at_the_end=at_the_end)

    def create(self) -> None:
        """The real project, its mayors confirmed by their cities."""
        self.ok("project", "create", SEED)
        confirm_mayors(self.db, SLUG, now=datetime.now(UTC))

    def in_review(self) -> str:
        """The real project, its « note de cadrage » submitted and under review; gives its hash."""
        self.create()
        self.ok("stage", "open", SLUG, "constitution", "--as", AGENT)
        self.flow_opens("constitution")
        note = self.document("note.md")
        submitted = self.json(
            "deliverable", "submit", SLUG, "constitution", "note_de_cadrage", note, "--as", AGENT
        )
        self.flow_starts_review("constitution")
        return str(submitted["sha256"])

    def charter_in_review(self) -> None:
        """The first stage signed and closed, the charter submitted and under review."""
        self.in_review()
        for code in MAYORS:
            self.ok(*self.sign(code))
        self.flow_closes("constitution")
        self.ok("stage", "open", SLUG, "charter", "--as", AGENT)
        self.flow_opens("charter")
        charter = self.document("charte.md")
        self.ok("deliverable", "submit", SLUG, "charter", "charte", charter, "--as", AGENT)
        self.flow_starts_review("charter")

    def sign(
        self, code: str, *more: object, key: str = "note_de_cadrage", stage: str = "constitution"
    ) -> list[object]:
        """The words of a mayor's approval of the current version, unless ``more`` says that another was read."""
        signer = ["--party", code, "--as", MAYORS[code], "--decision", "approved"]
        read = [] if "--sha256" in more else self.having_read(stage, key, code)
        return ["sign-off", "give", SLUG, stage, key, *signer, *read, *more]

    def council_act(self, code: str) -> list[object]:
        """The options of a deliberation of the city's council, voted today."""
        file = EXAMPLES / "deliberations" / f"{COUNCIL_ACTS[code]}.yaml"
        voted = moved_act(read_yaml(file, CouncilDeliberation), paris_day(datetime.now(UTC)))
        act = self.document(f"{code}.yaml", voted.model_dump_json(exclude_none=True))  # JSON is YAML
        return ["--act", act, "--proof", self.document(f"{code}.pdf", f"extrait du registre de {code}")]

    def confirm(self, proposal: int, who: str = AGENT) -> Any:
        """Turn the second key."""
        return self.json("authority", "confirm", proposal, "--as", who)

    def sign_charter(self) -> list[object]:
        """The words of the ANCT's signature of the charter as it stands."""
        return ["charter", "sign", SLUG, "--as", AGENT, *self.having_read("charter", "charte")]

    def having_read(self, stage: str, key: str, code: str | None = None) -> list[object]:
        """The option that names the current content; no word while there is none."""
        with self.db.read() as session:
            query = select(Deliverable).join(Stage).join(SharedProject)
            query = query.where(SharedProject.slug == SLUG, Stage.key == stage, Deliverable.key == key)
            found = {each.party_id: each.sha256 for each in session.exec(query)}
            codes = dict(session.exec(select(Party.id, Party.code)).all())
        hashes = {codes.get(party_id): sha256 for party_id, sha256 in found.items()}
        sha256 = hashes.get(None) or hashes.get(code)
        return ["--sha256", sha256] if sha256 else []
