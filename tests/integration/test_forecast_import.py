"""A forecast made elsewhere becomes a version, or every fault is named and nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from tests.support.forecasts import ZONE, store_forecast
from tests.support.service import Client, Clock
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput, UnreadableFile
from wfm.service import audit, forecasting, staffing
from wfm.service.context import Service
from wfm.service.exchange import FORECAST_COLUMNS, QueueSeries, write_series
from wfm.service.forecast_curve import grid_starts
from wfm.service.forecast_import import import_forecast
from wfm.service.progress import Progress

MONDAY = date(2026, 6, 8)


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    """A week of visits, 5 contacts in every half hour, without bands."""
    start_s = grid_starts(TimeGrid(ZONE, MONDAY, 7, 30))
    columns = {name: np.full(len(start_s), np.nan) for name in FORECAST_COLUMNS} | {
        "mean": np.full(len(start_s), 5.0),
        "aht_s": np.full(len(start_s), 240.0),
    }
    write_series(tmp_path / "f.csv", [QueueSeries("visits", ZONE, 30, start_s, columns)], FORECAST_COLUMNS)
    return (tmp_path / "f.csv").read_bytes()


def test_a_file_becomes_the_newest_version_that_names_its_source(service: Service, clinic: Client, clock: Clock, content: bytes) -> None:
    clock.instant = datetime(2026, 6, 8, 11, tzinfo=UTC)
    pat, small = clinic.planner, replace(service, settings=replace(service.settings, workers=1))
    store_forecast(small, pat, "visits", MONDAY, 7)
    made = import_forecast(small, pat, content, "Northwind")
    assert (made.number, made.queues, made.taken_over) == (2, ("visits",), ())
    seen = forecasting.view(small, pat, "visits", first_day=MONDAY, compare=1)
    assert (seen.version.source, seen.other and seen.other.source) == ("Northwind", "")
    assert [total.mean for total in seen.totals] == [240.0] * 7
    assert seen.totals[0].other == 280.0
    points = seen.points
    assert (points.low_95[0] or 0) < (points.low_80[0] or 0) < 5 < (points.high_80[0] or 0) < (points.high_95[0] or 0)
    assert seen.sentence.startswith("Taken from a file of Northwind. It had no bands")
    assert staffing.plan(small, pat, Progress()) == 1
    assert audit.entries(small, clinic.administrator, action="forecast.import").entries[0].after["source"] == "Northwind"  # type: ignore[index]


def test_queues_missing_from_the_file_are_taken_over_and_told(service: Service, clinic: Client, clock: Clock, content: bytes) -> None:
    clock.instant = datetime(2026, 6, 8, 11, tzinfo=UTC)
    store_forecast(service, clinic.planner, "refills", MONDAY, 14, 2.0)
    made = import_forecast(service, clinic.planner, content, "Northwind")
    assert made.taken_over == ("refills",)
    kept = forecasting.view(service, clinic.planner, "refills", first_day=MONDAY)
    assert (kept.version.number, kept.totals[0].mean) == (2, 560.0)


def test_every_fault_is_named_with_its_line_and_nothing_is_stored(service: Service, clinic: Client, content: bytes) -> None:
    lines = content.decode().splitlines()
    lines[1] = lines[1].replace("visits", "nobody's")
    lines[2] = lines[2].replace(",5,", ",,")
    lines[3] = lines[3].replace(ZONE, "UTC")
    lines[4] = lines[4].replace(",5,", ",5,9,1,2,3,4,").replace(",,,,,,,", ",,")
    lines[5] = lines[6]
    lines[7] = "2026-06-08T03:00:00-05:00"
    lines[8] = lines[8].replace(",5,", ",-5,")
    with pytest.raises(UnreadableFile) as told:
        import_forecast(service, clinic.planner, "\n".join(lines).encode(), "Northwind")
    assert [problem.line for problem in told.value.problems] == [2, 3, 4, 5, 7, 8, 9]
    assert forecasting.versions(service, clinic.planner) == ()


def test_intervals_that_are_missing_or_between_and_other_days_are_refused(service: Service, clinic: Client, content: bytes) -> None:
    lines = content.decode().splitlines()
    other = [line.replace("visits", "refills") for line in lines[1:49]]
    for bad, words in (
        ([*lines[:20], *lines[21:]], "2026-06-08 09:30 is missing"),
        ([*lines[:2], lines[2].replace("T00:30", "T00:40"), *lines[3:]], "does not lie on the intervals"),
        ([*lines, *other], "must cover the same days"),
        ([*lines, lines[1].replace("2026-", "2031-")], "may have 400 days"),
        (lines[:1], "no rows"),
    ):
        with pytest.raises(InvalidInput, match=words):
            import_forecast(service, clinic.planner, "\n".join(bad).encode(), "Northwind")
    with pytest.raises(InvalidInput, match="source must not be blank"):
        import_forecast(service, clinic.planner, content, " ")
    assert forecasting.versions(service, clinic.planner) == ()
