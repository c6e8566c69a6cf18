"""An archive that was cut, forged or altered restores nothing, writes nothing elsewhere, and is told so."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backups import Elsewhere, back_up
from shelf import Shelf

from models.backup import RestoreImpossible, UnusableBackup


@pytest.fixture(scope="module")
def archive(sqlite_shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good one: its manifest, its database and one file."""
    cast = sqlite_shelf.take("constitution in review")
    target = tmp_path_factory.mktemp("archive") / "a.tar"
    back_up(cast, target)
    sqlite_shelf.give_back(cast)
    return target


@pytest.fixture
def elsewhere(tmp_path: Path) -> Elsewhere:
    return Elsewhere(f"sqlite:///{tmp_path / 'ailleurs' / 'projet-partage.db'}", tmp_path / "ailleurs")


def members(archive: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(archive) as tar:
        return [(each, tar.extractfile(each).read()) for each in tar]  # type: ignore[union-attr]


def write(archive: Path, parts: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(archive, "w", format=tarfile.GNU_FORMAT) as made:
        for member, content in parts:
            if member.isreg():
                member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return archive


def named(name: str, like: tarfile.TarInfo) -> tarfile.TarInfo:
    like.name = name
    return like


def link(name: str, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member


def with_manifest(parts: list[Any], **changes: Any) -> list[Any]:
    (head, text), *rest = parts
    return [(head, json.dumps(json.loads(text) | changes).encode()), *rest]


FORGED: dict[str, Callable[[list[Any]], list[Any]]] = {
    "a path that leaves the folder": lambda p: [*p[:2], (named("files/../../evil", p[2][0]), p[2][1])],
    "an absolute path": lambda p: [*p[:2], (named("/etc/evil", p[2][0]), p[2][1])],
    "a link": lambda p: [*p[:2], (link(p[2][0].name, "/etc/passwd"), b"")],
    "a link for a database": lambda p: [p[0], (link("database", "/etc/passwd"), b""), p[2]],
    "an altered file": lambda p: [*p[:2], (p[2][0], p[2][1][:-1] + b"!")],
    "a file that grows": lambda p: [*p[:2], (p[2][0], p[2][1] + b"0" * 10_000_000)],
    "one file more": lambda p: [*p, (named(f"files/{'f' * 64}", tarfile.TarInfo()), b"de trop")],
    "one file less": lambda p: p[:2],
    "an altered database": lambda p: [p[0], (p[1][0], p[1][1][:-1] + b"!"), p[2]],
    "a database that grows": lambda p: [p[0], (p[1][0], p[1][1] + b"!"), p[2]],
    "no manifest": lambda p: p[1:],
    "members in another order": lambda p: [p[0], p[2], p[1]],
    "an unreadable manifest": lambda p: [(p[0][0], b"{"), *p[1:]],
    "another manifest": lambda p: with_manifest(p, heads={}),
    "a manifest of another format": lambda p: with_manifest(p, format="projet-partage/9"),
    "a missing file left unsaid": lambda p: with_manifest(p, files=0, file_bytes=0)[:2],
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_archive_restores_nothing(
    archive: Path, elsewhere: Elsewhere, tmp_path: Path, forgery: str
) -> None:
    forged = write(tmp_path / "forged.tar", FORGED[forgery](members(archive)))
    with pytest.raises(UnusableBackup):
        elsewhere.restore(forged)
    assert elsewhere.is_empty()
    assert not (tmp_path / "evil").exists()


def test_an_archive_cut_anywhere_restores_nothing(
    archive: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    whole = archive.read_bytes()
    for length in (0, 100, 512, 5000, len(whole) // 2, len(whole) - 10240 - 512):
        (tmp_path / "cut.tar").write_bytes(whole[:length])
        with pytest.raises(UnusableBackup):
            elsewhere.restore(tmp_path / "cut.tar")
        assert elsewhere.is_empty()


def test_a_backup_of_a_later_version_is_not_guessed_at(
    archive: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    parts = with_manifest(members(archive), revision="9999")
    with pytest.raises(RestoreImpossible, match="plus récente"):
        elsewhere.restore(write(tmp_path / "b.tar", parts))
    assert elsewhere.is_empty()


def test_more_than_the_disk_can_hold_is_refused_at_once(
    archive: Path, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    parts = with_manifest(members(archive), file_bytes=10**18)
    with pytest.raises(RestoreImpossible, match="Il faut"):
        elsewhere.restore(write(tmp_path / "b.tar", parts))
    assert elsewhere.is_empty()
