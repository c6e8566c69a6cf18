"""A client made from the description of the API alone, by a generator that others use, works on the real API."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cast import NIORT, SLUG
from httpx import Client as HttpClient
from sample_files import pdf
from shelf import Shelf
from site_of_tests import Site, site_of
from starlette.datastructures import State

from actions.access.tokens import TokenRequest, create_token
from models.person import Actor
from web.api.application import PATH, make_api

pytestmark = pytest.mark.trials
ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / ".venv-client" / "bin" / "openapi-python-client"
PACKAGE = "territoires_en_commun_client"
CHARTER = {"slug": SLUG, "stage": "charter", "key": "charte"}


@pytest.fixture
def site(sqlite_shelf: Shelf) -> Iterator[Site]:
    cast = sqlite_shelf.take("charter in review")
    with site_of(cast) as site:
        yield site
    sqlite_shelf.give_back(cast)


class Generated:
    """The client's own modules, and one of its clients for each person."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{PACKAGE}.{name}")

    def operations(self) -> set[str]:
        """Those it knows; each module is named in ASCII."""
        folder = Path(self.module("api").__path__[0])
        modules = [each.relative_to(folder) for each in folder.rglob("*.py") if each.name != "__init__.py"]
        assert all(str(each).isascii() for each in modules)
        return {each.stem for each in modules}

    def client(self, who: Actor) -> Any:
        now = self._site.cast.now
        secret = create_token(self._site.cast.db, who, TokenRequest("essai"), now=now).secret
        return self.module("client").AuthenticatedClient(base_url=self._site.address + PATH, token=secret)

    def ask(self, who: Actor, operation: str, **values: Any) -> Any:
        """The answer, parsed, of an operation (« deliverables.download_version »)."""
        with self.client(who) as client:
            return self.module(f"api.{operation}").sync(client=client, **values)


@pytest.fixture
def generated(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Generated]:
    if not GENERATOR.exists() and os.environ.get("CI") != "true":
        pytest.skip(
            "essai laissé de côté : openapi-python-client n’est pas installé (make .venv-client/installed)"
        )
    description, settings = tmp_path / "openapi.json", tmp_path / "settings.yaml"
    with HttpClient(trust_env=False) as anybody:
        description.write_bytes(anybody.get(f"{site.address}{PATH}/openapi.json").content)
    settings.write_text("post_hooks: []\n")
    where = ["--path", description, "--config", settings, "--output-path", tmp_path / PACKAGE]
    command = [GENERATOR, "generate", "--meta", "none", "--fail-on-warning", *where]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("NO_PROXY", "*")
    yield Generated(site)
    for name in [each for each in sys.modules if each.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def test_it_has_every_operation_reads_writes_uploads_downloads_and_understands_refusals(
    site: Site, generated: Generated
) -> None:
    described = make_api(State()).openapi()["paths"].values()
    operations = {operation["operationId"] for path in described for operation in path.values()}
    assert generated.operations() == operations
    cast, problem = site.cast, generated.module("models.problem").Problem
    listed = generated.ask(cast.agent, "projects.list_projects")
    assert [each.slug for each in listed] == [SLUG]

    note = generated.module("models.new_comment").NewComment(text="L’article 4 est à relire.")
    said = generated.ask(cast.contact(NIORT), "comments.add_comment", body=note, **CHARTER)
    assert said.text == "L’article 4 est à relire."

    file = generated.module("types").File(payload=pdf(), file_name="charte.pdf", mime_type="application/pdf")
    form = generated.module("models.submit_version_body").SubmitVersionBody(file=file, note="Relue.")
    sent = generated.ask(cast.agent, "deliverables.submit_version", body=form, **CHARTER)
    assert sent.version == 2
    kept = generated.ask(cast.observer, "deliverables.download_version", number=2, **CHARTER)
    assert kept.payload.read() == pdf()

    refused = generated.ask(cast.observer, "deliverables.download_version", number=3, **CHARTER)
    assert isinstance(refused, problem)
    assert (refused.status, refused.code) == (404, "not-found")
    assert refused.detail
