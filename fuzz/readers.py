"""Every reader of foreign bytes, and the bytes that each begins with: files, mail addresses, mails, requests.

What is read in a child process with limits is called as it stands, child included.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

from pydantic import BaseModel

from actions.backup.read_backup import BackupReader
from actions.files.store_file import FileStore
from actions.people.add_person import check_email
from fuzz.http_requests import SmallSystem, first_requests
from fuzz.judge import Reader
from models.action_plan import read_action_plan
from models.anct_list import read_anct_list
from models.council_deliberation import CouncilDeliberation
from models.file_text import decode
from models.handover_file import read_handover
from models.project_file import ProjectFile
from models.yaml_file import read_yaml_text
from web.mail_catcher.mails import CaughtMails

EXAMPLES = Path(__file__).parent.parent / "examples"
CORPUS = Path(__file__).parent / "corpus"
"""For each target, inputs to begin with and those that once broke a promise."""


@dataclass(frozen=True, slots=True)
class Target:
    """A reader: ``open_in`` opens it in a folder of its own, ``seeds`` are the files that its corpus begins with.

    ``longest``: the bytes of the longest input that is tried.
    """

    open_in: Callable[[Path], AbstractContextManager[Reader]]
    seeds: tuple[Path, ...] = ()
    longest: int = 64 * 1024


def _plain(read: Callable[[bytes], object]) -> Callable[[Path], AbstractContextManager[Reader]]:
    return lambda _folder: nullcontext(read)


def _yaml(model: type[BaseModel], content: bytes) -> None:
    read_yaml_text(decode(content, file="fichier.yaml"), model, file="fichier.yaml")


def _file(folder: Path) -> AbstractContextManager[Reader]:
    """A received file, under a name that its first line chooses."""
    store = FileStore(folder)

    def read(content: bytes) -> None:
        name, _, rest = content.partition(b"\n")
        with store.receive([rest], name.decode("utf-8", "replace")):
            pass

    return nullcontext(read)


def _backup(folder: Path) -> AbstractContextManager[Reader]:
    def read(content: bytes) -> None:
        backup = BackupReader(BytesIO(content), "sauvegarde")
        backup.database(folder / "base")
        backup.secret_key()
        for _, chunks in backup.contents():
            for _ in chunks:
                pass

    return nullcontext(read)


def _mail(folder: Path) -> AbstractContextManager[Reader]:
    caught = CaughtMails(folder)
    (folder / "new").mkdir(exist_ok=True)

    def read(content: bytes) -> None:
        (folder / "new" / "1.M1.mail").write_bytes(content)
        for each in caught.find("", "", start=0, most=10):
            caught.read(each.name)

    return nullcontext(read)


@contextmanager
def _request(folder: Path) -> Iterator[Reader]:
    with closing(SmallSystem(folder)) as system:
        yield system.read


TARGETS = {
    "anct_list": Target(
        _plain(partial(read_anct_list, file="liste.csv")), (EXAMPLES / "anct-projets-partages.csv",)
    ),
    "handover": Target(
        _plain(lambda content: read_handover(decode(content, file="passation.csv", by_line=True)))
    ),
    "plan_csv": Target(_plain(partial(read_action_plan, filename="plan.csv"))),
    "plan_yaml": Target(
        _plain(partial(read_action_plan, filename="plan.yaml")), tuple(EXAMPLES.glob("plans/*.yaml"))
    ),
    "project_file": Target(_plain(partial(_yaml, ProjectFile)), tuple(EXAMPLES.glob("*.yaml"))),
    "deliberation": Target(
        _plain(partial(_yaml, CouncilDeliberation)), tuple(EXAMPLES.glob("deliberations/*.yaml"))
    ),
    "address": Target(_plain(lambda content: check_email(content.decode("utf-8", "replace"))), longest=2048),
    "file": Target(_file),
    "backup": Target(_backup),
    "mail": Target(_mail),
    "request": Target(_request, longest=8192),
}


def seeds_of(name: str) -> Iterator[bytes]:
    """What the corpus of a target begins with, besides what was kept of earlier rounds."""
    yield from (seed.read_bytes() for seed in TARGETS[name].seeds)
    if name == "request":
        yield from first_requests()


@contextmanager
def opened(name: str) -> Iterator[Reader]:
    """The reader of this name, in a folder that is removed."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, TARGETS[name].open_in(Path(folder)) as reader:
        yield reader
