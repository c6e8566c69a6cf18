"""Who reaches Prefect's port without its login, or from elsewhere than its own pages, gets nothing there."""

import httpx
import pytest
from prefect_system import PrefectSystem

from actions.prefect_api import LoginRefused, PrefectApi

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
