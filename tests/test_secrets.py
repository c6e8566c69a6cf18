"""The secret of the system, and the addresses that it signs: one person's, for one use, until they are changed."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from notifications.personal_links import BadLink, LinkUse, PersonalLinks
from settings import Settings

LINKS = PersonalLinks("un secret", "https://projets.example/")
PERSON, VERSION = 12, 3
ADDRESSES = {
    LinkUse.frequency: LINKS.frequency(PERSON, VERSION),
    LinkUse.one_click: LINKS.one_click(PERSON, VERSION),
    LinkUse.calendar: LINKS.calendar(PERSON, VERSION),
    LinkUse.reader: LINKS.for_reader("https://projets.example/a-faire", PERSON, VERSION),
}


def token(use: LinkUse) -> str:
    last = ADDRESSES[use].rpartition("/")[2].removesuffix(".ics")
    return last.partition(f"?{LinkUse.reader}=")[2] if use is LinkUse.reader else last


@pytest.mark.parametrize("use", LinkUse)
def test_an_address_tells_whose_it_is_and_which_one(use: LinkUse) -> None:
    place = "a-faire?qui=" if use is LinkUse.reader else f"{use}/"
    assert ADDRESSES[use].startswith(f"https://projets.example/{place}")
    assert LINKS.read(use, token(use)) == (PERSON, VERSION)


def test_a_calendar_is_a_file_for_the_programs_that_want_one() -> None:
    assert ADDRESSES[LinkUse.calendar].endswith(".ics")


@pytest.mark.parametrize("use", LinkUse)
def test_a_token_opens_only_what_it_was_given_for(use: LinkUse) -> None:
    for other in set(LinkUse) - {use}:
        with pytest.raises(BadLink):
            LINKS.read(other, token(use))


def test_a_token_cannot_be_made_up_nor_changed() -> None:
    given = token(LinkUse.frequency)
    strangers = PersonalLinks("un autre secret", "https://projets.example")
    forged = strangers.frequency(PERSON, VERSION).rpartition("/")[2]
    for bad in ("", ".", given[:-1], given + "A", "A" + given, given.swapcase(), forged, "é", "x" * 5000):
        with pytest.raises(BadLink):
            LINKS.read(LinkUse.frequency, bad)


def test_a_token_is_safe_in_an_address_and_says_no_name() -> None:
    for address in ADDRESSES.values():
        assert address.isascii()
        assert not set(" <>\"'") & set(address)
        assert len(address) < 200


# The secret


def secret_of(folder: Path) -> str:
    return Settings(_env_file=None, data_dir=folder).secret()


def test_a_secret_is_drawn_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    first = secret_of(folder)
    assert len(first) >= 43
    assert secret_of(folder) == first
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in folder.iterdir()] == ["secret_key"]
    assert secret_of(tmp_path / "autre") != first


def test_the_operator_s_secret_comes_first_and_writes_nothing(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "var", secret_key="le nôtre")
    assert settings.secret() == "le nôtre"
    assert not (tmp_path / "var").exists()
    assert "le nôtre" not in repr(settings)


def _draw(folder: Path, results: "multiprocessing.Queue[str]") -> None:
    results.put(secret_of(folder))


def test_processes_that_start_together_share_one_secret(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()
    processes = [fork.Process(target=_draw, args=(tmp_path / "var", results)) for _ in range(8)]
    for process in processes:
        process.start()
    drawn = {results.get(timeout=120) for _ in processes}
    for process in processes:
        process.join()
    assert len(drawn) == 1
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["secret_key"]
