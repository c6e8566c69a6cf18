"""``python -m web``: the pages, on the host, port and number of processes of the settings."""

import os
import sys
import tempfile
from contextlib import closing

from actions.system.join_system import join_when_possible
from database.engine import Database
from logs import set_up_logs
from models.refusal import Refusal
from settings import Settings, settings
from web.app import app_of_settings
from web.pages.look import look_of_settings
from web.server.request_counts import SHARED_IN
from web.server.serving import Listening, serve


def listening(settings: Settings) -> Listening:
    """Proxies are believed once the pages are published: before, nobody stands between them and their reader."""
    is_published = settings.public_url.startswith("https://")
    return Listening(settings.web_port, settings.web_host, settings.trusted_proxies if is_published else "")


if __name__ == "__main__":
    processes = settings().web_processes
    set_up_logs("web", settings().log_format)
    try:
        look_of_settings(settings())
        with closing(Database(settings().domain_url)) as db:
            join_when_possible(db, settings().secret(), settings().files_dir)
    except Refusal as refusal:
        sys.exit(str(refusal))
    with tempfile.TemporaryDirectory(prefix="projet-partage-metrics-") as folder:
        if processes > 1:
            os.environ[SHARED_IN] = folder  # the requests that each counts are told by any of them
        serve(
            app_of_settings() if processes == 1 else "web.app:app_of_settings",
            listening(settings()),
            processes=processes,
        )
