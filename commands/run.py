"""``projet-partage run PROCESS``: be one process of the system, for the operator's own process manager.

`up` starts them all on one machine; here systemd, a Procfile or a container starts each, as often as needed. The
process takes this one's place (and so its number): signals, exit codes and output are its own.
"""

import os
import sys
from enum import StrEnum
from typing import Annotated, Never

import typer

from commands.child import OWNER_ONLY
from commands.mail_at_start import MailAtStart
from commands.processes import environment
from models.refusal import Refusal
from settings import Settings, settings

_MIGRATES_APART = {"PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false"}
"""Two servers that start together must not migrate together: ``prefect-database`` does it, before them."""


class ProcessName(StrEnum):
    """The processes of a system, as the `Procfile` names them."""

    prefect = "prefect"
    prefect_services = "prefect-services"
    prefect_database = "prefect-database"
    flows = "flows"
    relay = "relay"
    web = "web"
    mail = "mail"
    mail_page = "mail-page"


MAILS = (ProcessName.flows, ProcessName.relay, ProcessName.web)


class NothingToShare(Refusal):
    """Prefect's services were asked for apart from its server, which has them itself when there is no Redis."""

    sentence = (
        "Démarrage impossible : sans PROJET_PARTAGE_REDIS_URL, le serveur Prefect fait lui-même ce travail ; "
        "réglez cette variable, ou ne démarrez pas « prefect-services »."
    )


def run(
    process: Annotated[ProcessName, typer.Argument(help="Le processus à devenir.", show_default=False)],
    port: Annotated[
        int | None,
        typer.Option(help="Le port où écouter, au lieu de celui des réglages.", min=1, max=65535),
    ] = None,
) -> None:
    """Devient un seul processus du système, pour systemd, un Procfile ou un conteneur.

    « up » les démarre tous sur une seule machine. Voir docs/production.md.
    """
    check_mail(process, settings())
    chosen = settings() if port is None else listening_on(settings(), process, port)
    for folder in (chosen.data_dir.absolute(), chosen.data_dir.absolute() / "prefect"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    become(arguments_of(process, chosen), chosen)


def check_mail(process: ProcessName, chosen: Settings) -> None:
    """Try the operator's mail addresses before becoming one that sends, and print what is wrong with a server.

    Raises ``BadWayOut`` for an address that cannot be read whole.
    """
    if process not in MAILS:
        return
    for line in MailAtStart(chosen.apprise_urls).lines():
        print(line, file=sys.stderr, flush=True)


def listening_on(chosen: Settings, process: ProcessName, port: int) -> Settings:
    """The same settings for one more of this process, on a port of its own; others are reached where they were."""
    if process is ProcessName.prefect:
        return chosen.model_copy(update={"prefect_port": port, "prefect_url": chosen.prefect_api_url})
    fields = {
        ProcessName.web: "web_port",
        ProcessName.mail: "mail_port",
        ProcessName.mail_page: "mail_page_port",
    }
    if process not in fields:
        raise typer.BadParameter(f"« {process} » n’écoute sur aucun port.", param_hint="--port")
    # What is mailed keeps the address that people were given.
    return chosen.model_copy(update={fields[process]: port, "base_url": chosen.public_url})


def arguments_of(process: ProcessName, chosen: Settings) -> list[str]:
    """What follows ``python -m``."""
    is_shared = bool(chosen.redis_url.get_secret_value())
    if process is ProcessName.prefect_services and not is_shared:
        raise NothingToShare
    server = ["flows.prefect_server", "server"]
    start = [*server, "start", "--host", chosen.prefect_host, "--port", str(chosen.prefect_port)]
    catcher = ["notifications.mail_catcher", "--port", str(chosen.mail_port)]
    return {
        ProcessName.prefect: [*start, "--no-services"] if is_shared else start,
        ProcessName.prefect_services: [*server, "services", "start"],
        ProcessName.prefect_database: [*server, "database", "upgrade", "--yes"],
        ProcessName.flows: ["flows"],
        ProcessName.relay: ["commands.relay"],
        ProcessName.web: ["web"],
        ProcessName.mail: [*catcher, "--folder", str(chosen.data_dir.absolute() / "mail")],
        ProcessName.mail_page: ["web.mail_catcher.page"],
    }[process]


def become(arguments: list[str], chosen: Settings) -> Never:
    """Replace this process. The operator's environment is kept, and what it says of Prefect wins over our choices."""
    os.umask(OWNER_ONLY)
    theirs = {name: value for name, value in os.environ.items() if name.startswith("PREFECT_")}
    ours = (
        environment(chosen) | _MIGRATES_APART if chosen.redis_url.get_secret_value() else environment(chosen)
    )
    os.execve(sys.executable, [sys.executable, "-m", *arguments], os.environ | ours | theirs)  # noqa: S606
