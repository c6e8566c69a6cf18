"""What the operations of the API take from the site that serves them."""

from fastapi import Request

from actions.files.store_file import FileStore
from database.engine import Database
from web.site import site_of


def db_of(request: Request) -> Database:
    """The domain database."""
    return site_of(request).db


def files_of(request: Request) -> FileStore:
    """Where files are received and kept."""
    return site_of(request).files


def public_url_of(request: Request) -> str:
    """Where people reach the pages, without a final slash; never what the caller says it is."""
    return site_of(request).public_url
