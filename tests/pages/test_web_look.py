"""One markup, two looks: ours by default; the State's where its service has installed the assets itself."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from browser import DESKTOP, PHONE, fits_its_width
from playwright.sync_api import Browser, ConsoleMessage
from site_of_tests import Site

from commands.system import run_system
from queries.system.state_assets import NEEDED, NoStateLook
from settings import Settings

Sites = Callable[..., Site]
ROOT = Path(__file__).parents[2]
STATIC = ROOT / "web" / "static"
REAL_ASSETS = os.environ.get("PROJET_PARTAGE_TEST_DSFR", "")
PROPERTY = re.compile(r"(--[a-z-]+):")


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A folder with files of the names that the pages link to; what is in them is not looked at here."""
    for name in NEEDED:
        (tmp_path / "dist" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "dist" / name).write_text("/* la feuille de l’État */", "utf-8")
    return tmp_path / "dist"


def test_by_default_nothing_is_the_states(site: Sites) -> None:
    with site("met").client() as anybody:
        page = anybody.read("/")
        assert '<link rel="stylesheet" href="/static/neutral.css?' in page
        assert "République" not in page
        assert "dsfr" not in page
        policy = anybody.get("/").headers["content-security-policy"]
        assert "data:" not in policy
        assert anybody.get("/static/dsfr/dsfr.min.css").status_code == 404
    sheets = "".join(sheet.read_text("utf-8") for sheet in STATIC.glob("*.css"))
    assert "Marianne" not in sheets


def test_the_look_of_the_state_is_its_own_sheets_its_block_and_ours_beside(site: Sites, assets: Path) -> None:
    with site("met", theme="dsfr", dsfr_dir=assets).client() as anybody:
        page = anybody.read("/")
        links = re.findall(r'rel="stylesheet" href="([^"]+)"', page)
        assert [link.partition("?v=")[0] for link in links] == [
            "/static/dsfr/dsfr.min.css",
            "/static/dsfr/utility/utility.min.css",
            "/static/with-dsfr.css",
            "/static/style.css",
        ]
        assert '<script src="/static/dsfr/dsfr.module.min.js?' in page
        assert "République<br>Française" in page
        for link in links:
            sheet = anybody.get(link)
            assert sheet.headers["content-type"].startswith("text/css")
            assert "immutable" in sheet.headers["cache-control"]


def test_the_policy_opens_only_data_pictures_to_the_look_of_the_state(site: Sites, assets: Path) -> None:
    with site("met", theme="dsfr", dsfr_dir=assets).client() as anybody:
        policy = anybody.get("/").headers["content-security-policy"]
    assert "img-src 'self' data:;" in policy
    assert policy.count("data:") == 1
    assert "unsafe" not in policy


def test_a_failure_wears_the_same_look(site: Sites, assets: Path) -> None:
    with site("met", theme="dsfr", dsfr_dir=assets).client() as anybody:
        assert "République<br>Française" in anybody.get("/nulle-part").text


def test_the_look_of_the_state_without_its_assets_is_refused_at_the_start(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "var", theme="dsfr", dsfr_dir=tmp_path)
    with pytest.raises(NoStateLook, match="acceptez vous-même"):
        run_system(settings, web=True)
    assert not (tmp_path / "var").exists()


def test_the_process_of_the_pages_says_so_in_one_sentence(tmp_path: Path) -> None:
    environment = os.environ | {
        "PROJET_PARTAGE_DATA_DIR": str(tmp_path),
        "PROJET_PARTAGE_THEME": "dsfr",
        "PROJET_PARTAGE_DSFR_DIR": str(tmp_path / "nulle-part"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "web"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "npm install @gouvfr/dsfr@1.15" in done.stderr
    assert "Traceback" not in done.stderr


def test_both_looks_give_the_same_properties(site: Sites) -> None:
    ours = set(
        PROPERTY.findall((STATIC / "neutral.css").read_text("utf-8").split("/* Letters and page */")[0])
    )
    states = set(PROPERTY.findall((STATIC / "with-dsfr.css").read_text("utf-8")))
    assert states == ours - {"--letters"}
    rules = (STATIC / "style.css").read_text("utf-8")
    assert set(re.findall(r"var\((--[a-z-]+)", rules)) - set(PROPERTY.findall(rules)) <= states


def test_what_is_written_for_both_looks_has_no_colour_of_its_own() -> None:
    rules = (STATIC / "style.css").read_text("utf-8")
    wrong = re.findall(r"(?:#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch)\().*", rules, re.IGNORECASE)
    assert wrong == ["#fff }"], (
        "only the frame of a caught mail, which is white paper, has a colour of its own"
    )


@pytest.mark.skipif(
    not REAL_ASSETS,
    reason="l’apparence de l’État n’est pas vue ici : donnez le dossier « dist » de @gouvfr/dsfr, que vous avez le "
    "droit d’employer, dans PROJET_PARTAGE_TEST_DSFR",
)
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_real_sheets_dress_the_pages_within_the_policy(
    site: Sites, chrome: Browser, viewport: dict[str, int]
) -> None:
    here = site("charter in review", theme="dsfr", dsfr_dir=Path(REAL_ASSETS))
    with here.browser(chrome, here.cast.agent, viewport) as page:
        lines: list[str] = []

        def hear(message: ConsoleMessage) -> None:
            lines.append(message.text)

        page.on("console", hear)
        page.goto("/a-faire")
        page.wait_for_load_state("networkidle")
        assert [line for line in lines if "Content Security Policy" in line] == []
        assert "Marianne" in page.evaluate("getComputedStyle(document.body).fontFamily")
        for part in ("Menu principal", "Rechercher", "Se déconnecter"):
            assert page.get_by_text(part).or_(page.get_by_label(part)).first.is_visible()
        assert fits_its_width(page)
