"""A mail server that takes nothing is named to the monitor, and to the agents whose mails wait."""

from collections.abc import Callable
from datetime import UTC, datetime

from post_office import free_port
from prefect_system import wait_until
from site_of_tests import Site

from actions.mail.claim_notices import hold_all
from database.engine import Database
from queries.system.machinery import MAIL, check_machinery

At = Callable[..., Site]


def test_a_mail_server_that_takes_nothing_is_named_with_the_reason(db: Database) -> None:
    ill = check_machinery(db, lambda: True, lambda: "Il refuse l’expéditeur.", now=datetime.now(UTC))
    (part,) = [part for part in ill.not_well if part.name == MAIL]
    assert part.text.endswith("Il refuse l’expéditeur.")


def test_readyz_names_the_mail_server_that_is_away(site: At) -> None:
    nobody = f"mailto://127.0.0.1:{free_port()}?from=projets@ville.example"
    here = site("charter in review", apprise_urls=nobody)
    with here.client() as anybody:
        wait_until(lambda: MAIL in anybody.get("/readyz").json()["not_well"])
        part = anybody.get("/readyz").json()["parts"][MAIL]
    assert "refuse la connexion" in part["text"]


def test_the_agents_board_says_why_mails_wait(site: At) -> None:
    here = site("charter in review")
    reason = "Le serveur de messagerie smtp.ville.example:587 est introuvable."
    hold_all(here.cast.db, reason, now=datetime.now(UTC))
    with here.client(here.cast.agent) as agent:
        assert reason in agent.read("/projets")
