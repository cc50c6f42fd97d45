from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from wfm.domain import timegrid
from wfm.domain.wallclock import wall_clock

ZONES = [
    "America/Chicago",
    "America/Denver",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Europe/Dublin",
    "Asia/Kolkata",
    "UTC",
]
YEAR = np.arange(int(datetime(2026, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2027, 1, 1, tzinfo=UTC).timestamp()), 1800)


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_half_hours_agrees_with_python_one_by_one(zone: str) -> None:
    clock = wall_clock(zone, int(YEAR[0]), int(YEAR[-1]))
    here = ZoneInfo(zone)
    walls = clock.to_wall(YEAR)
    for second, wall in zip(YEAR[::37].tolist(), walls[::37].tolist(), strict=True):
        assert datetime.fromtimestamp(second, here).replace(tzinfo=UTC).timestamp() == wall


@pytest.mark.parametrize("zone", ZONES)
def test_every_instant_comes_back_from_its_wall_time(zone: str) -> None:
    clock = wall_clock(zone, int(YEAR[0]), int(YEAR[-1]))
    walls = clock.to_wall(YEAR)
    second = np.zeros(YEAR.size, dtype=np.bool_)
    second[1:] = np.maximum.accumulate(walls)[:-1] >= walls[1:]
    assert (clock.to_utc(walls, second) == YEAR).all()
    assert not clock.is_missing(walls).any()


@pytest.mark.parametrize("zone", ZONES)
def test_missing_and_repeated_agree_with_the_time_grid(zone: str) -> None:
    clock = wall_clock(zone, int(YEAR[0]), int(YEAR[-1]))
    missing, repeated = clock.is_missing(YEAR), clock.is_repeated(YEAR)
    odd = set(np.flatnonzero(missing | repeated).tolist()) | set(range(0, YEAR.size, 97))
    for i in sorted(odd):
        wall = datetime(1970, 1, 1) + timedelta(seconds=int(YEAR[i]))
        assert missing[i] == timegrid.is_missing(wall, zone)
        assert repeated[i] == timegrid.is_repeated(wall, zone)
    changes = clock.changes.size
    assert (changes > 0) == (missing | repeated).any()


def test_a_missing_wall_time_moves_on() -> None:
    clock = wall_clock("America/Chicago", int(YEAR[0]), int(YEAR[-1]))
    wall = int(datetime(2026, 3, 8, 2, 30, tzinfo=UTC).timestamp())
    assert clock.to_utc(np.array([wall])).tolist() == [int(datetime(2026, 3, 8, 8, 30, tzinfo=UTC).timestamp())]
