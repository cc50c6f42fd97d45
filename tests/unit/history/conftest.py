"""Small files made in the test itself, so that every line number can be counted by eye."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pytest

HEADER = "timestamp,queue,volume,aht_seconds"
Lines = list[str]


def day_lines(day: str, hours: tuple[int, int], *, queue: str = "billing", volume: int = 5, step: int = 30) -> Lines:
    """Rows of one local day, from the first hour up to the last one."""
    clock = range(hours[0] * 60, hours[1] * 60, step)
    return [f"{day} {minute // 60:02d}:{minute % 60:02d},{queue},{volume},200" for minute in clock]


def many_days(first: str, count: int, hours: tuple[int, int] = (8, 18), **how: object) -> Lines:
    """Rows of consecutive local days."""
    start = date.fromisoformat(first)
    return [line for n in range(count) for line in day_lines((start + timedelta(n)).isoformat(), hours, **how)]  # type: ignore[arg-type]


def as_file(lines: Iterable[str], header: str = HEADER) -> bytes:
    """A CSV file with that header."""
    return "\n".join([header, *lines, ""]).encode()


@pytest.fixture
def csv_file() -> Callable[..., bytes]:
    """`as_file`, for tests that take fixtures."""
    return as_file
