"""Who reaches Prefect's port without its login, or from elsewhere than its own pages, gets nothing there."""

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from browser import DESKTOP
from playwright.sync_api import Browser
from prefect_system import PrefectSystem
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from actions.prefect.client import LoginRefused, PrefectApi
from commands.processes import environment
from flows.server_guard import ServerGuard
from settings import Settings

pytest_plugins = ["trial_fixtures"]
pytestmark = pytest.mark.prefect


@pytest.fixture
def system(trial_system: PrefectSystem) -> PrefectSystem:
    return trial_system


def test_prefect_asks_for_the_login_everywhere_but_for_its_health(system: PrefectSystem) -> None:
    with httpx.Client(base_url=system.api_url, trust_env=False, timeout=60) as anybody:
        assert anybody.get("/health").json() is True
        for method, path in (("POST", "/deployments/filter"), ("GET", "/admin/version"), ("GET", "/version")):
            for login in (None, ("projet-partage", "autre"), ("", "")):
                assert anybody.request(method, path, json={}, auth=login).status_code == 401
        assert anybody.post("/deployments/filter", json={}, auth=system.login).status_code == 200


def test_another_login_is_refused_in_a_sentence_and_may_be_taken_later(system: PrefectSystem) -> None:
    with (
        PrefectApi(system.api_url, "projet-partage:autre") as api,
        pytest.raises(LoginRefused, match="PROJET_PARTAGE_PREFECT_AUTH"),
    ):
        api.deployments()


def test_the_login_is_in_no_log_and_in_the_arguments_of_no_process(system: PrefectSystem) -> None:
    user, secret = system.login
    for name in ("prefect", "flows"):
        assert secret not in system.log(name)
    for child in (system.server, system.worker):
        assert secret not in " ".join(child.command)
    assert user in (system.folder / "prefect_auth").read_text()


# Its own pages, and no others


def own(system: PrefectSystem) -> str:
    """Where the server and its pages are."""
    return system.api_url.removesuffix("/api")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "projets.example"},
        {"Host": "projets.example:{port}"},
        {"Host": "127.0.0.1.projets.example:{port}"},
        {"Host": "127.0.0.1:1"},
        {"Host": "localhost"},
        {"Origin": "http://projets.example"},
        {"Origin": "http://localhost:1"},
        {"Origin": "https://localhost:{port}"},
        {"Origin": "http://localhost:{port}.projets.example"},
        {"Origin": "null"},
        {"Origin": ""},
    ],
    ids=str,
)
def test_a_host_or_an_origin_of_elsewhere_is_refused_even_with_the_login(
    system: PrefectSystem, headers: dict[str, str]
) -> None:
    port = str(system.settings.prefect_port)
    foreign = {name: value.replace("{port}", port) for name, value in headers.items()}
    with httpx.Client(auth=system.login, headers=foreign, trust_env=False, timeout=60) as page_of_elsewhere:
        answers = [
            page_of_elsewhere.get(f"{system.api_url}/health"),
            page_of_elsewhere.get(own(system)),
            page_of_elsewhere.post(f"{system.api_url}/deployments/filter", json={}),
            page_of_elsewhere.post(
                f"{system.api_url}/variables/",
                content='{"name": "ouverte", "value": "oui"}',
                headers={"Content-Type": "text/plain"},
            ),
        ]
        assert [answer.status_code for answer in answers] == [403] * 4
        assert "PROJET_PARTAGE_PREFECT_URL" in answers[0].json()["exception_message"]
    assert (
        httpx.get(f"{system.api_url}/variables/name/ouverte", auth=system.login, timeout=60).status_code
        == 404
    )


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "LOCALHOST"])
def test_its_own_names_are_taken_and_allow_no_other_site(system: PrefectSystem, name: str) -> None:
    host = f"{name}:{system.settings.prefect_port}"
    answer = httpx.get(
        f"{system.api_url}/health", headers={"Host": host, "Origin": f"http://{host}"}, timeout=60
    )
    assert answer.json() is True
    assert not [header for header in answer.headers if header.startswith("access-control-")]


def test_the_address_that_is_set_is_a_name_of_the_server() -> None:
    def is_taken(host: str, origin: str) -> bool:
        headers = [(b"host", host.encode()), (b"origin", origin.encode())]
        scope = {"type": "http", "server": ("127.0.0.1", 4201), "headers": headers}
        return ServerGuard(never_called, "https://Prefect.example/api").is_for_us(scope)

    for host in ("prefect.example", "prefect.example:443", "127.0.0.1:4201"):
        assert is_taken(host, "https://prefect.example")
    for host in ("prefect.example:8443", "example"):
        assert not is_taken(host, "https://prefect.example")
    assert not is_taken("prefect.example", "http://prefect.example")


async def never_called(*_: object) -> None:
    raise AssertionError


WORKER = """
from multiprocessing import spawn
spawn._fixup_main_from_name("flows.prefect_server")  # what a process of uvicorn's does first, told by its parent
from prefect.server.api import server
from prefect.settings import get_current_settings
print(server.create_app.__qualname__, get_current_settings().server.api.auth_string.get_secret_value())
"""


@pytest.mark.trials
def test_each_process_of_a_server_that_has_several_is_behind_the_guard_and_the_login(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path)
    command = [sys.executable, "-c", WORKER]
    said = subprocess.run(
        command, env=environment(settings), capture_output=True, text=True, check=True, timeout=240
    )
    assert said.stdout.split() == ["guarded.<locals>.create", settings.prefect_login()]


def test_a_socket_opens_for_its_own_pages_with_the_login_only(system: PrefectSystem) -> None:
    address = f"ws{system.api_url.removeprefix('http')}/events/out"

    def answer_to(origin: str | None, token: str) -> str:
        with connect(address, origin=origin, subprotocols=["prefect"], proxy=None) as socket:
            socket.send(json.dumps({"type": "auth", "token": token}))
            return json.loads(socket.recv(timeout=60))["type"]

    login = system.settings.prefect_login()
    assert answer_to(own(system), login) == answer_to(None, login) == "auth_success"
    with pytest.raises(ConnectionClosed):
        answer_to(own(system), "projet-partage:autre")
    for origin in ("http://projets.example", "null"):
        with pytest.raises(InvalidStatus, match="403"):
            answer_to(origin, login)


ATTACK = """
<script>
const api = "API", said = document.title = "";
const evil = JSON.stringify({name: "ouverte", value: "oui"});
const send = (options) => fetch(api + "/variables/", {method: "POST", body: evil, ...options});
const open = () => new Promise((done) => {
  const socket = new WebSocket(api.replace("http", "ws") + "/events/out", "prefect");
  socket.onopen = () => done("open");
  socket.onerror = () => done("refused");
});
const login = {"Content-Type": "application/json", "Authorization": "Basic " + btoa("LOGIN")};
const tell = (promise) => promise.then((answer) => answer.type || answer, () => "refused");
const all = [send({mode: "no-cors"}), send({headers: login}), fetch(api + "/health"), open()];
Promise.all(all.map(tell)).then((answers) => { document.title = "done " + answers.join(" "); });
</script>
"""


@contextmanager
def page_of_elsewhere(html: str) -> Iterator[str]:
    """The address of a page of another origin on this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as served:
        serving = threading.Thread(target=served.serve_forever)
        serving.start()
        try:
            yield f"http://localhost:{served.server_port}/"
        finally:
            served.shutdown()
            serving.join()


def test_the_operator_signs_in_in_a_browser_and_a_page_of_elsewhere_gets_nothing(
    system: PrefectSystem, chrome: Browser
) -> None:
    page = chrome.new_page(viewport=DESKTOP)
    page.set_default_timeout(120_000)
    asked: list[str] = []
    page.on("response", lambda answer: asked.append(answer.url))
    page.goto(own(system))
    page.get_by_placeholder("admin:pass").fill("projet-partage:autre")
    page.keyboard.press("Enter")
    page.get_by_placeholder("admin:pass").fill(system.settings.prefect_login())
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Deployments").click()
    page.get_by_role("link", name="waiting").first.wait_for()
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(own(system)).netloc}

    attack = ATTACK.replace("API", system.api_url).replace("LOGIN", system.settings.prefect_login())
    with page_of_elsewhere(attack) as address:
        answers = {}
        page.on("response", lambda answer: answers.update({answer.url: answer.status}))
        page.goto(address)
        page.wait_for_function("document.title.startsWith('done')")
        assert page.title() == "done opaque refused refused refused"
        assert answers[f"{system.api_url}/variables/"] == 403
    page.close()
    assert (
        httpx.get(f"{system.api_url}/variables/name/ouverte", auth=system.login, timeout=60).status_code
        == 404
    )
