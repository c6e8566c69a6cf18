"""A form with a file: its fields, and the file written aside as it comes, never whole in memory."""

import hmac
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field

from anyio import to_thread
from fastapi import HTTPException, Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from actions.files.store_file import FileStore, ReceivedFile, Reception
from models.refusal import Refusal
from models.typed_text import shown
from web.access.signed_in import OldForm, form_token
from web.server.protections import MOST_BYTES

MOST_FIELDS = 50
LONGEST_FIELDS = 64 * 1024


@dataclass(slots=True)
class Upload:
    """``file`` is None when none was chosen, or when it was refused: ``refusal`` then says why.

    The fields are there all the same, to be shown again.
    """

    fields: dict[str, str] = field(default_factory=dict)
    file: ReceivedFile | None = None
    refusal: Refusal | None = None

    def required_file(self, missing: type[Refusal]) -> ReceivedFile:
        """The file; raises why it was refused, or ``missing`` when none was chosen."""
        if self.refusal:
            raise self.refusal
        if self.file is None:
            raise missing
        return self.file


@asynccontextmanager
async def read_upload(request: Request, files: FileStore) -> AsyncIterator[Upload]:
    """Read a ``multipart/form-data`` of one file at most; at the end of the block what was not kept goes away.

    The form's token (``jeton``, CSRF) must come before the file: else ``OldForm``, and nothing is written. 400 for what
    is no such form, 413 for one far beyond the limit. Whether the visitor may at all is asked before.
    """
    async with read_any_form(request, files, form_token(request)) as upload:
        yield upload


@asynccontextmanager
async def read_any_form(request: Request, files: FileStore, token: str | None) -> AsyncIterator[Upload]:
    """As ``read_upload``, with the token that the form must carry; None where no cookie identifies its sender."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise HTTPException(400, "form")
    with ExitStack() as open_:
        form = _Form(options[b"boundary"], files, token, open_)
        await _read(request, form, files.limit)
        if not form.is_whole:
            raise HTTPException(400, "form")
        if not form.is_ours():
            raise OldForm(form.upload.fields)
        yield form.upload


async def typed_fields(request: Request, limit: int) -> dict[str, str]:
    """The text fields of a form that nobody takes any more, its file left aside; none of what is no form."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind == b"multipart/form-data" and b"boundary" in options:
        with ExitStack() as open_:
            form = _Form(options[b"boundary"], None, None, open_)
            await _read(request, form, limit)
            return form.upload.fields if form.is_whole else {}
    fields = await request.form()
    return {name: text for name, text in fields.items() if isinstance(text, str)}


async def _read(request: Request, form: "_Form", limit: int) -> None:
    """A refused file is read to its end all the same: a browser hears the answer only once it has sent all."""
    request.scope[MOST_BYTES] = 2 * limit + LONGEST_FIELDS
    try:
        async for chunk in request.stream():
            await to_thread.run_sync(form.feed, chunk)
        form.parser.finalize()
    except FormParserError:
        raise HTTPException(400, "form") from None


class _Form:
    """The parts of one body, in the order they come."""

    def __init__(self, boundary: bytes, files: FileStore | None, token: str | None, open_: ExitStack) -> None:
        self.upload, self.is_whole = Upload(), False
        self._files, self._token, self._open = files, token, open_
        self._reception: Reception | None = None
        self._is_foreign = False  # a file came before the token
        self._seen = self._length = 0
        self._name: str | None = None
        self._start_part()
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._start_part,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._data,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """The next bytes of the body. Raises ``FormParserError``, ``HTTPException``."""
        self.parser.write(chunk)

    def is_ours(self) -> bool:
        """Whether the form carries the token of our pages, where one is required."""
        if self._token is None:
            return True
        if self._is_foreign:
            return False
        token = self.upload.fields.get("jeton", "")
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode())

    def _start_part(self) -> None:
        self._header, self._value, self._disposition, self._content = b"", b"", b"", b""
        self._name, self._reception = None, None

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += self._counted(data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += self._counted(data[start:end])

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _end_headers(self) -> None:
        self._seen += 1
        if self._seen > MOST_FIELDS:
            raise HTTPException(400, "form")
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        file_name = options.get(b"filename", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            return
        self._name = None
        self._is_foreign |= not self.is_ours()
        files = None if self._is_foreign else self._files
        if file_name and files and self.upload.file is None and self.upload.refusal is None:
            self._reception = self._open.enter_context(files.reception(file_name))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._name is not None:
            self._content += self._counted(data[start:end])
        elif self._reception is not None and self.upload.refusal is None:
            try:
                self._reception.write(data[start:end])
            except Refusal as refusal:
                self.upload.refusal = refusal

    def _end_part(self) -> None:
        if self._name is not None:
            if b"\0" in self._content:
                raise HTTPException(400, "form")
            self.upload.fields[self._name] = shown(self._content.decode("utf-8", "replace"))
        elif self._reception is not None and self.upload.refusal is None:
            try:
                self.upload.file = self._open.enter_context(self._reception.finish())
            except Refusal as refusal:
                self.upload.refusal = refusal

    def _end(self) -> None:
        self.is_whole = True

    def _counted(self, piece: bytes) -> bytes:
        self._length += len(piece)
        if self._length > LONGEST_FIELDS:
            raise HTTPException(413)
        return piece
