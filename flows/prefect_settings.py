"""Where Prefect is and how to sign in there: set in each process that uses prefect, however it is started.

`projet-partage up`, a Procfile or systemd may start the server and the worker: none of them can forget the login.
"""

import os

from prefect.context import refresh_global_settings_context

from settings import Settings


def use_settings(settings: Settings) -> None:
    """Have prefect, in this process and those it starts, use our address and login; draws the login if need be.

    What the environment says of them is replaced: no server starts without a login, or open to other sites' pages.
    """
    login = settings.prefect_login()
    os.environ["PREFECT_API_URL"] = settings.prefect_api_url
    os.environ["PREFECT_API_AUTH_STRING"] = login
    os.environ["PREFECT_SERVER_API_AUTH_STRING"] = login
    os.environ["PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS"] = ""  # Prefect's own pages need none
    os.environ["PREFECT_SERVER_UI_API_URL"] = "/api"  # by whatever name the pages were opened
    refresh_global_settings_context()  # prefect has read the environment when it was imported
