from __future__ import annotations

import codecs
import gzip

import pytest

from tests.unit.history.files import CHICAGO, HEADER, as_file, day_lines
from wfm.errors import UnreadableFile
from wfm.history import read_history, source

LINES = day_lines("2026-03-02", (8, 10), queue="Überweisung")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_is_found(encoding: str) -> None:
    content = as_file(LINES).decode().encode(encoding)
    assert read_history(content, zone=CHICAGO).queues == ("Überweisung",)


def test_gzip_is_known_by_its_first_bytes() -> None:
    packed = gzip.compress(as_file(LINES))
    assert read_history(packed, zone=CHICAGO).totals == read_history(as_file(LINES), zone=CHICAGO).totals


def test_a_packed_bomb_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "UNPACKED_LIMIT_BYTES", 1_000_000)
    with pytest.raises(UnreadableFile, match="must unpack to at most 1,000,000 bytes"):
        read_history(gzip.compress(b"0,0,0\n" * 1_000_000), zone=CHICAGO)


@pytest.mark.parametrize(
    "damage", [lambda packed: packed[:-10], lambda packed: packed[:20] + b"\0" * 30 + packed[50:], lambda packed: packed[:3]]
)
def test_damaged_gzip_is_refused(damage: object) -> None:
    packed = gzip.compress(as_file(LINES * 50))
    with pytest.raises(UnreadableFile, match=r"gzip file is damaged|file is empty"):
        read_history(damage(packed), zone=CHICAGO)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04" + b"\0" * 50, "save the sheet as CSV"),
        (b"%PDF-1.7 ...", "export the report as CSV"),
        (bytes(range(256)) * 20, "binary data"),
        (b"\x89PNG\r\n\x1a\n" + b"\x01\x02\x03" * 500, "binary data"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8x", "binary data"),
        (HEADER.encode() + b"\n2026-03-02 08:00,\x00,1,1\n", "binary data"),
    ],
)
def test_what_is_no_text_is_refused_with_a_way_out(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile, match=said):
        read_history(content, zone=CHICAGO)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found(delimiter: str, end: str) -> None:
    text = as_file(LINES).decode().replace(",", delimiter).replace("\n", end)
    file = read_history(text.encode(), zone=CHICAGO)
    assert (file.totals["Überweisung"], file.line.tolist()) == (20.0, [2, 3, 4, 5])


def test_a_decimal_comma_does_not_pass_for_a_delimiter() -> None:
    text = "timestamp;queue;volume;aht\n2026-03-02 08:00;a;1;240,5\n2026-03-02 08:30;a;1;239,5\n"
    file = read_history(text.encode(), zone=CHICAGO)
    assert file.handle_s is not None
    assert file.handle_s.tolist() == [240.5, 239.5]


def test_a_quote_that_is_never_closed_is_told() -> None:
    lines = day_lines("2026-03-02", (8, 18))
    lines[3] = '2026-03-02 09:30,"billing,5,200'
    with pytest.raises(UnreadableFile, match="line 5: a quoted cell runs over several lines"):
        read_history(as_file(lines), zone=CHICAGO)


def test_a_line_without_end_is_refused_before_it_is_split() -> None:
    for content in (b"a," * 100_000, gzip.compress(b"x" * 50_000_000), as_file([*LINES, "y" * 10_001])):
        with pytest.raises(UnreadableFile, match="a line must have at most 10,000 characters"):
            read_history(content, zone=CHICAGO)


def test_endless_blank_lines_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="at most 2,500,000 lines"):
        read_history(gzip.compress(b"timestamp,queue,volume" + b"\n" * 2_600_000), zone=CHICAGO)
