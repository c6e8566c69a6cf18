"""``python -m web``: the pages, on 127.0.0.1 and ``PROJET_PARTAGE_WEB_PORT``."""

import sys

from actions.state_look import NoStateLook
from models.database import Database
from settings import settings
from web.app import make_app
from web.serving import serve

if __name__ == "__main__":
    is_published = settings().public_url.startswith("https://")
    try:
        app = make_app(Database(settings().domain_url), settings())
    except NoStateLook as refusal:
        sys.exit(str(refusal))
    serve(app, settings().web_port, behind_proxy=is_published)
