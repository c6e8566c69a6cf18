"""The system's secrets, and the addresses that one of them signs: one person's, for one use, until they are changed."""

import multiprocessing
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import ValidationError

from commands.processes import children
from notifications.personal_links import BadLink, LinkUse, PersonalLinks
from settings import BadPrefectLogin, Settings

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
    signed = token(LinkUse.frequency)
    strangers = PersonalLinks("un autre secret", "https://projets.example")
    forged = strangers.frequency(PERSON, VERSION).rpartition("/")[2]
    for bad in ("", ".", signed[:-1], signed + "A", "A" + signed, signed.swapcase(), forged, "é", "x" * 5000):
        with pytest.raises(BadLink):
            LINKS.read(LinkUse.frequency, bad)


def test_a_token_is_safe_in_an_address_and_says_no_name() -> None:
    for address in ADDRESSES.values():
        assert address.isascii()
        assert not set(" <>\"'") & set(address)
        assert len(address) < 200


# The secrets that the system draws


@dataclass(frozen=True)
class Drawn:
    """A secret that is drawn once: the file that keeps it, the setting that stands for it, a value one may give."""

    file: str
    setting: str
    given: str
    read: Callable[[Settings], str]

    def of(self, folder: Path, **changes: str) -> str:
        return self.read(Settings(_env_file=None, data_dir=folder, **changes))


DRAWN = [
    Drawn("secret_key", "secret_key", "le nôtre", Settings.secret),
    Drawn("prefect_auth", "prefect_auth", "exploitant:le-notre", Settings.prefect_login),
]
each_secret = pytest.mark.parametrize("drawn", DRAWN, ids=lambda drawn: drawn.file)


@each_secret
def test_a_secret_is_drawn_once_and_kept_to_its_owner(tmp_path: Path, drawn: Drawn) -> None:
    folder = tmp_path / "var"
    first = drawn.of(folder)
    assert len(first) >= 43
    assert drawn.of(folder) == first
    assert stat.S_IMODE((folder / drawn.file).stat().st_mode) == 0o600
    assert [file.name for file in folder.iterdir()] == [drawn.file]
    assert drawn.of(tmp_path / "autre") != first


@each_secret
def test_the_operator_s_secret_comes_first_and_writes_nothing(tmp_path: Path, drawn: Drawn) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "var", **{drawn.setting: drawn.given})
    assert drawn.read(settings) == drawn.given
    assert not (tmp_path / "var").exists()
    assert drawn.given not in repr(settings)


def _draw(drawn: Drawn, folder: Path, results: "multiprocessing.Queue[str]") -> None:
    results.put(drawn.of(folder))


@each_secret
def test_processes_that_start_together_share_one_secret(tmp_path: Path, drawn: Drawn) -> None:
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()
    processes = [fork.Process(target=_draw, args=(drawn, tmp_path / "var", results)) for _ in range(8)]
    for process in processes:
        process.start()
    secrets = {results.get(timeout=120) for _ in processes}
    for process in processes:
        process.join()
    assert len(secrets) == 1
    assert [file.name for file in (tmp_path / "var").iterdir()] == [drawn.file]


# Prefect's login


def test_a_login_is_one_line_user_and_secret(tmp_path: Path) -> None:
    login = Settings(_env_file=None, data_dir=tmp_path).prefect_login()
    user, _, secret = (tmp_path / "prefect_auth").read_text("ascii").partition(":")
    assert (user, f"{user}:{secret}") == ("projet-partage", login)
    assert len(secret) >= 43
    (tmp_path / "prefect_auth").write_text("chez-nous:abc\n")  # as an editor leaves it
    assert Settings(_env_file=None, data_dir=tmp_path).prefect_login() == "chez-nous:abc"


@pytest.mark.parametrize(
    "bad", ["", "\n", "sans-deux-points", ":secret", "nom:", "a:b\nc:d", "nom:sécret", "a b:c"]
)
def test_a_login_that_is_none_is_refused_where_it_is_kept_and_where_it_is_set(
    tmp_path: Path, bad: str
) -> None:
    (tmp_path / "prefect_auth").write_text(bad, encoding="utf-8")
    with pytest.raises(BadPrefectLogin, match="prefect_auth"):
        Settings(_env_file=None, data_dir=tmp_path).prefect_login()
    if bad:
        with pytest.raises(ValidationError, match="prefect_auth"):
            Settings(_env_file=None, prefect_auth=bad)


def test_a_setting_that_is_refused_is_not_repeated_in_a_log() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, prefect_auth="le mot de passe")
    assert "le mot de passe" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://prefect.example/api", "prefect.example", "https://"])
def test_a_login_never_crosses_a_network_in_clear(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, prefect_url=url)
    assert Settings(_env_file=None, prefect_url="https://prefect.example/api/").prefect_api_url == (
        "https://prefect.example/api"
    )


def test_each_process_of_the_system_is_given_the_secrets_as_they_are(tmp_path: Path) -> None:
    values = {drawn.setting: drawn.given for drawn in DRAWN} | {"proconnect_client_secret": "leur-secret"}
    system = children(Settings(_env_file=None, data_dir=tmp_path, **values), web=True)
    for child in system.values():
        for name, value in values.items():
            assert child.environment[f"PROJET_PARTAGE_{name.upper()}"] == value
            assert value not in " ".join(child.command)
