"""Small files made in the test itself, so that every line number can be counted by eye."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from wfm.errors import UnreadableFile
from wfm.history import HistoryFile, read_history

HEADER = "timestamp,queue,volume,aht_seconds"
CHICAGO = "America/Chicago"
Lines = list[str]


def day_lines(day: str, hours: tuple[int, int], queue: str = "billing", volume: float = 5, step: int = 30) -> Lines:
    """Rows of one local day, from the first hour up to the last one."""
    minutes = range(hours[0] * 60, hours[1] * 60, step)
    return [f"{day} {minute // 60:02d}:{minute % 60:02d},{queue},{volume},200" for minute in minutes]


def many_days(first: str, count: int, hours: tuple[int, int] = (8, 10), queue: str = "billing", volume: float = 5, step: int = 30) -> Lines:
    """Rows of consecutive local days."""
    start = date.fromisoformat(first)
    days = [(start + timedelta(n)).isoformat() for n in range(count)]
    return [line for day in days for line in day_lines(day, hours, queue, volume, step)]


def as_file(lines: Iterable[str], header: str = HEADER) -> bytes:
    """A CSV file with that header on its first line."""
    return "\n".join([header, *lines, ""]).encode()


def read(lines: Iterable[str], header: str = HEADER, zone: str = CHICAGO, **options: object) -> HistoryFile:
    """Read those lines."""
    return read_history(as_file(lines, header), zone=zone, **options)  # type: ignore[arg-type]


def refused(lines: Iterable[str], header: str = HEADER, zone: str = CHICAGO, **options: object) -> list[str]:
    """The problems of those lines, in words."""
    with pytest.raises(UnreadableFile) as caught:
        read(lines, header, zone, **options)
    return [str(problem) for problem in caught.value.problems]
