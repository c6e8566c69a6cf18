"""``python -m web``: the pages, on 127.0.0.1 and ``PROJET_PARTAGE_WEB_PORT``."""

from models.database import Database
from settings import settings
from web.app import make_app
from web.serving import serve

if __name__ == "__main__":
    is_published = settings().public_url.startswith("https://")
    app = make_app(Database(settings().domain_url), settings())
    serve(app, settings().web_port, behind_proxy=is_published)
