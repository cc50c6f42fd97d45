"""From the bytes of an upload to lines of text: unpack within bounds, find the encoding, refuse what is no text."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TextIO, cast

from wfm.errors import UnreadableFile

UNPACKED_LIMIT_BYTES = 200_000_000
MOST_LINES = 2_500_000
LONGEST_LINE = 10_000
EMPTY = "the file is empty; it must hold a header line and rows"
_BLOCK = 1 << 18
_GZIP = b"\x1f\x8b"
_OTHER_FORMATS = {
    b"PK\x03\x04": "an Excel workbook or a zip archive; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV",
    b"%PDF": "a PDF; export the report as CSV",
}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_TEXT_CONTROLS = frozenset("\t\r\n\f\v\x1a")


@dataclass(frozen=True, slots=True)
class Source:
    """An upload that is known to be text of at most `UNPACKED_LIMIT_BYTES`.

    Parameters
    ----------
    content
        The bytes as uploaded.
    packed
        True for gzip.
    encoding
        One of utf-8-sig, utf-16, utf-16-le, utf-16-be, utf-8, cp1252.
    """

    content: bytes
    packed: bool
    encoding: str

    @contextmanager
    def text(self) -> Iterator[TextIO]:
        """The lines, with their ends as they stand in the file."""
        with _unpacked(self.content, packed=self.packed) as stream:
            yield io.TextIOWrapper(stream, encoding=self.encoding, newline="")


def open_source(content: bytes) -> Source:
    """Look through `content` once, in blocks, and say how to read it.

    Raises
    ------
    UnreadableFile
        When it is empty, no text, damaged, or unpacks to more than `UNPACKED_LIMIT_BYTES`.

    Examples
    --------
    >>> open_source(b"timestamp,queue,volume").encoding
    'utf-8'
    """
    packed = content.startswith(_GZIP)
    head = _head(content, packed=packed)
    if not head.strip():
        raise UnreadableFile(EMPTY)
    for magic, what in _OTHER_FORMATS.items():
        if head.startswith(magic):
            raise UnreadableFile(f"the file must be CSV, got {what}")
    return Source(content, packed, _encoding(content, head, packed=packed))


def _head(content: bytes, *, packed: bool) -> bytes:
    return next(_blocks(content, packed=packed), b"")


def _blocks(content: bytes, *, packed: bool) -> Iterator[bytes]:
    read = 0
    try:
        with _unpacked(content, packed=packed) as stream:
            while block := stream.read(_BLOCK):
                read += len(block)
                if read > UNPACKED_LIMIT_BYTES:
                    raise UnreadableFile(f"the file must unpack to at most {UNPACKED_LIMIT_BYTES:,} bytes; upload it in parts")
                yield block
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnreadableFile(f"the gzip file is damaged ({error}); pack and upload it again") from error


@contextmanager
def _unpacked(content: bytes, *, packed: bool) -> Iterator[BinaryIO]:
    raw = io.BytesIO(content)
    if not packed:
        yield raw
        return
    with gzip.GzipFile(fileobj=raw) as unpacked:
        yield cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, unpacked), _BLOCK))


def _encoding(content: bytes, head: bytes, *, packed: bool) -> str:
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    candidates = [marked] if marked else [_unmarked_utf16(head) or "utf-8", "cp1252"]
    for name in candidates:
        if _decodes(content, name, packed=packed):
            return name
    raise UnreadableFile("the file must be text in UTF-8, UTF-16 or Windows-1252, got binary data")


def _unmarked_utf16(head: bytes) -> str | None:
    """UTF-16 without its mark: nearly every second byte of Western text is zero."""
    sample = head[:2_000]
    for name, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if len(zeros) > 4 and zeros.count(0) > 0.8 * len(zeros):
            return name
    return None


def _decodes(content: bytes, encoding: str, *, packed: bool) -> bool:
    decoder, lines = codecs.getincrementaldecoder(encoding)(), _LineCount()
    try:
        for number, block in enumerate(_blocks(content, packed=packed)):
            text = decoder.decode(block)
            if "\0" in text or (number == 0 and _is_binary(text)):
                return False
            lines.add(text)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_binary(text: str) -> bool:
    """More than one control character in a hundred."""
    controls = sum(text.count(chr(code)) for code in range(1, 32) if chr(code) not in _TEXT_CONTROLS)
    return controls > len(text) / 100


@dataclass
class _LineCount:
    """Keeps a small upload from becoming endless lines or endless rows."""

    lines: int = 1
    unfinished: int = 0

    def add(self, text: str) -> None:
        """Count the lines of the next piece of the file."""
        pieces = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        lengths = [self.unfinished + len(pieces[0]), *map(len, pieces[1:])]
        self.lines += len(pieces) - 1
        self.unfinished = lengths[-1]
        if max(lengths) > LONGEST_LINE:
            raise UnreadableFile(f"a line must have at most {LONGEST_LINE:,} characters; is it a table with a row on each line?")
        if self.lines > MOST_LINES:
            raise UnreadableFile(f"a file must have at most {MOST_LINES:,} lines; upload it in parts")
