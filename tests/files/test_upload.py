"""A form with a file, over HTTP: streamed, ours only, refused in a sentence with nothing typed lost."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI, Request
from sample_files import pdf

from actions.files.store_file import MEGABYTE, FileStore
from web.access.signed_in import form_token
from web.pages.upload import read_upload
from web.server.protections import SmallRequests

BOUNDARY = "limite"
Part = tuple[str, str | None, bytes]


class Site:
    """One page that takes a file, behind the limit of every page, and how it answers."""

    def __init__(self, store: FileStore) -> None:
        self.store, self.app = store, FastAPI()
        self.app.state.site = SimpleNamespace(secret="secret", is_published=False)
        self.app.add_middleware(SmallRequests, most=64 * 1024)
        self.token = ""

        @self.app.get("/")
        def form(request: Request) -> str:
            return form_token(request)

        @self.app.post("/")
        async def take(request: Request) -> dict[str, object]:
            async with read_upload(request, store) as upload:
                kept = store.keep(upload.file) if upload.file and "garder" in upload.fields else None
                refusal = str(upload.refusal) if upload.refusal else None
                name = upload.file.name if upload.file else None
                fields = {key: value for key, value in upload.fields.items() if key != "jeton"}
                return {"fields": fields, "refusal": refusal, "name": name, "kept": kept and kept.sha256}

    async def post(self, *parts: Part, end: bool = True, kind: str = "multipart/form-data") -> httpx.Response:
        async def body() -> AsyncIterator[bytes]:
            for name, file_name, content in parts:
                filename = "" if file_name is None else f'; filename="{file_name}"'
                head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'
                yield head.encode()
                for start in range(0, len(content), 65536):
                    yield content[start : start + 65536]
                yield b"\r\n"
            if end:
                yield f"--{BOUNDARY}--\r\n".encode()

        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            self.token = (await client.get("/")).json()
            parts = tuple((n, f, c.replace(b"{token}", self.token.encode())) for n, f, c in parts)
            return await client.post(
                "/", content=body(), headers={"Content-Type": f"{kind}; boundary={BOUNDARY}"}
            )

    def sent(self, *parts: Part, end: bool = True, kind: str = "multipart/form-data") -> httpx.Response:
        return asyncio.run(self.post(*parts, end=end, kind=kind))

    def left(self) -> list[Path]:
        return [
            each for each in self.store.folder.rglob("*") if each.is_file() and not each.name.startswith(".")
        ]


OURS: Part = ("jeton", None, b"{token}")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(FileStore(tmp_path / "files", limit=3 * MEGABYTE))


def test_a_form_gives_its_fields_and_its_file(site: Site) -> None:
    motif = ("motif", None, "Version été\r\nrelue".encode())
    answer = site.sent(OURS, motif, ("garder", None, b"1"), ("fichier", "été.pdf", pdf())).json()
    assert answer["fields"] == {"motif": "Version été\nrelue", "garder": "1"}
    assert (answer["name"], answer["refusal"]) == ("été.pdf", None)
    assert site.store.path(answer["kept"]).read_bytes() == pdf()
    assert site.left() == [site.store.path(answer["kept"])]


def test_what_the_page_did_not_keep_goes_away(site: Site) -> None:
    assert site.sent(OURS, ("fichier", "a.pdf", pdf())).json()["kept"] is None
    assert site.left() == []


def test_no_file_chosen_is_no_file(site: Site) -> None:
    answer = site.sent(OURS, ("fichier", "", b"")).json()
    assert (answer["name"], answer["refusal"]) == (None, None)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.pdf", b"<html>", "une page web"),
        ("a.txt", b"a" * (3 * MEGABYTE + 1), "la limite est de 3 Mo"),
        ("a.txt", b"", "est vide"),
    ],
)
def test_a_refused_file_says_why_and_what_was_typed_is_there(
    site: Site, name: str, content: bytes, sentence: str
) -> None:
    answer = site.sent(OURS, ("motif", None, b"avant"), ("f", name, content), ("note", None, b"apres"))
    assert answer.status_code == 200
    assert sentence in answer.json()["refusal"]
    assert answer.json()["fields"] == {"motif": "avant", "note": "apres"}
    assert site.left() == []


@pytest.mark.parametrize("token", [(), (("jeton", None, b"faux"),)], ids=["none", "another"])
def test_a_form_that_is_not_ours_writes_nothing(site: Site, token: tuple[Part, ...]) -> None:
    assert site.sent(*token, ("fichier", "a.pdf", pdf()), OURS).status_code == 403
    assert site.sent(*token).status_code == 403
    assert site.left() == []
    assert not site.store.incoming.exists()


def test_a_form_cut_short_leaves_nothing(site: Site) -> None:
    for end in (pdf(), pdf()[:100]):
        assert site.sent(OURS, ("fichier", "a.pdf", end), end=False).status_code == 400
    assert site.left() == []


def test_what_is_no_form_of_files_is_refused(site: Site) -> None:
    assert site.sent(OURS, kind="application/json").status_code == 400
    assert site.sent(OURS, ("a", None, b"a" * 70_000)).status_code == 413
    assert site.sent(OURS, *[("a", None, b"")] * 60).status_code == 400
    assert site.sent(OURS, ("fichier", "a.txt", b"a" * 7 * MEGABYTE)).status_code == 413
    assert site.left() == []


def test_a_second_file_is_not_read(site: Site) -> None:
    answer = site.sent(OURS, ("garder", None, b"1"), ("f", "a.pdf", pdf()), ("g", "b.txt", b"texte")).json()
    assert answer["name"] == "a.pdf"
    assert len(site.left()) == 1


def test_a_large_form_takes_little_memory(tmp_path: Path) -> None:
    site = Site(FileStore(tmp_path / "files"))
    content = b"a" * (40 * MEGABYTE)
    tracemalloc.start()
    answer = site.sent(OURS, ("fichier", "a.txt", content))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.json()["name"] == "a.txt"
    assert peak < 60 * MEGABYTE  # the sender's own copy is 40 of them
