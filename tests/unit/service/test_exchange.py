"""Forecasts and people needed survive their CSV file; what cannot be read is named by line."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput, UnreadableFile
from wfm.service.exchange import KEYS, STAFF_COLUMNS, QueueSeries, read_series, write_series

NAMES = ("mean", "aht_s")


def series(queue: str = "calls", day: date = date(2026, 11, 1), minutes: int = 30) -> QueueSeries:
    grid = TimeGrid("America/Chicago", day, 1, minutes)
    start_s = np.array([start.timestamp() for start in grid.starts], np.int64)
    mean = np.linspace(0, 99, grid.count)
    return QueueSeries(queue, grid.zone_name, minutes, start_s, {"mean": mean, "aht_s": np.where(mean > 50, np.nan, 240.5)})


def test_both_repeated_hours_come_back(tmp_path: Path) -> None:
    one = series()
    assert len(one.start_s) == 50
    write_series(tmp_path / "f.csv", [one], NAMES)
    (back,) = read_series(tmp_path / "f.csv", NAMES)
    np.testing.assert_array_equal(back.start_s, one.start_s)
    np.testing.assert_allclose(back.columns["mean"], one.columns["mean"], rtol=1e-5)
    np.testing.assert_allclose(back.columns["aht_s"], one.columns["aht_s"])


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "@x", "+1", "-2", "\tq", "＝x", "'plain", "plain", "a,b\"c"])
def test_a_queue_name_never_becomes_a_formula_and_comes_back(tmp_path: Path, name: str) -> None:
    write_series(tmp_path / "f.csv", [series(name)], NAMES)
    cells = (tmp_path / "f.csv").read_text().splitlines()[1].split(",")
    assert not cells[2].strip('"').startswith(("=", "+", "-", "@", "\t", "＝"))
    assert read_series(tmp_path / "f.csv", NAMES)[0].queue == name


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("old")
    with pytest.raises(KeyError):
        write_series(path, [series()], ["missing"])
    assert [p.name for p in tmp_path.iterdir()] == ["f.csv"]
    assert path.read_text() == "old"


def test_a_missing_folder_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"folder of f\.csv does not exist"):
        write_series(tmp_path / "no" / "f.csv", [series()], NAMES)
    write_series(tmp_path / "f.csv", [series()], NAMES)
    with pytest.raises(InvalidInput, match="needs the column 'volume'"):
        read_series(tmp_path / "f.csv", STAFF_COLUMNS)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("2026-11-01T00:00:00,America/Chicago,q,30,1,2", "line 2, start: must be a time with its UTC offset"),
        ("soon,America/Chicago,q,30,1,2", "line 2, start"),
        ("2026-11-01T00:00:00-05:00,Mars,q,30,1,2", "line 2, zone: time zone must be an IANA name"),
        ("2026-11-01T00:00:00-05:00,America/Chicago,q,7,1,2", "line 2, interval_minutes: must be one of"),
        ("2026-11-01T00:00:00-05:00,America/Chicago,q,30,many,2", "line 2, mean"),
        ("2026-11-01T00:00:00-05:00,America/Chicago,q,30,1,-2", "line 2, aht_s: must be a number of at least 0"),
        ("2026-11-01T00:00:00-05:00,America/Chicago,q,30,inf,2", "line 2, mean"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named(tmp_path: Path, cells: str, reason: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(",".join([*KEYS, *NAMES]) + "\n" + cells + "\n")
    with pytest.raises(UnreadableFile, match=re.escape(reason)):
        read_series(path, NAMES)


@pytest.mark.parametrize("content", [b"", b"start,zone,queue,interval_minutes,mean,aht_s\n", b"\xff\xfe\x00x"])
def test_a_file_without_rows_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput):
        read_series(path, NAMES)


def test_an_interval_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    row = "2026-11-01T00:00:00-05:00,America/Chicago,q,30,1,2\n"
    path.write_text(",".join([*KEYS, *NAMES]) + "\n" + row + row)
    with pytest.raises(InvalidInput, match="'q' has an interval twice"):
        read_series(path, NAMES)
