"""What planners know ahead, in a file: read whole or refused whole, told to forecasts, laid on what they say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput
from wfm.service.known_ahead import KnownAhead, read_known, told, with_edits, with_new_queues
from wfm.service.queue_forecast import LEVELS, ForecastTask, Observed, QueueForecast

MONDAY, TUESDAY = date(2026, 6, 8), date(2026, 6, 9)
NOTHING = Observed(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0), 60)
TASKS = [ForecastTask(key, "America/Chicago", None, None, NOTHING, MONDAY, 14) for key in ("visits", "bills")]
COUNT = {"name": "Booked", "by_day": {"2026-06-08": 7}}
EDIT = {"queue": "visits", "name": "Letter", "reason": "goes out", "first_day": "2026-06-09"}
FAX = EDIT | {"queue": "fax"}


def known(tmp_path: Path, **content: Any) -> KnownAhead:
    path = tmp_path / "known.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_known(path)


def made(each: float = 10.0) -> QueueForecast:
    """Ten contacts in every hour of two weeks."""
    grid = TimeGrid("America/Chicago", MONDAY, 14, 60)
    mean = np.full(grid.count, each)
    start_s = int(grid.begin.timestamp()) + 3_600 * np.arange(grid.count, dtype=np.int64)
    report = {"dispersion": {"common": 0.01, "own": 1.0}}
    return QueueForecast(60, start_s, mean, dict.fromkeys(LEVELS, mean), np.full(grid.count, 0.1), np.full(grid.count, 300.0), report)


def contacts_on(forecast: QueueForecast, day: date) -> float:
    begin = int(datetime(day.year, day.month, day.day, 5, tzinfo=UTC).timestamp())  # midnight in Chicago
    return float(forecast.mean[(forecast.start_s >= begin) & (forecast.start_s < begin + 86_400)].sum())


def test_without_a_file_nothing_is_known() -> None:
    assert told(read_known(None), TASKS)[0].events == ()


def test_special_days_reach_their_queue_and_days_of_one_name_are_one_event(tmp_path: Path) -> None:
    flu = {"name": "Flu", "first_day": "2026-05-04", "last_day": "2026-05-05"}
    bills_only = {"name": "Bills", "first_day": "2026-06-10", "effect_percent": 30, "queue": "bills"}
    days = [flu, flu | {"first_day": "2026-06-09", "last_day": None}, bills_only]
    visits, bills = told(known(tmp_path, special_days=days), TASKS)
    assert [(one.name, one.days, one.effect) for one in visits.events] == [("Flu", (date(2026, 5, 4), date(2026, 5, 5), TUESDAY), None)]
    assert [(one.name, one.effect) for one in bills.events] == [("Flu", None), ("Bills", 0.3)]


def test_a_count_of_the_queue_comes_before_one_for_all(tmp_path: Path) -> None:
    counts = [{"name": "Booked", "queue": "visits", "by_day": {"2026-06-08": 7}}, {"name": "Booked", "by_day": {"2026-06-08": 90}}]
    visits, bills = told(known(tmp_path, counts=counts), TASKS)
    assert [dict(one.values) for one in visits.drivers] == [{MONDAY: 7.0}]
    assert [dict(one.values) for one in bills.drivers] == [{MONDAY: 90.0}]


@pytest.mark.parametrize(
    ("change", "expected"), [({"percent": 20}, 288.0), ({"total": 100}, 100.0), ({"interval": 4, "from": "09:00"}, 234.0)]
)
def test_an_edit_changes_its_day_and_no_other(tmp_path: Path, change: Mapping[str, Any], expected: float) -> None:
    edited = with_edits(known(tmp_path, edits=[EDIT | change]), TASKS[0], made())
    assert contacts_on(edited, TUESDAY) == pytest.approx(expected)
    assert contacts_on(edited, MONDAY) == pytest.approx(240.0)
    assert contacts_on(with_edits(known(tmp_path, edits=[EDIT | change]), TASKS[1], made()), TUESDAY) == pytest.approx(240.0)


def test_edits_are_made_one_after_the_other(tmp_path: Path) -> None:
    edits = [EDIT | {"total": 100}, EDIT | {"percent": 50}]
    assert contacts_on(with_edits(known(tmp_path, edits=edits), TASKS[0], made()), TUESDAY) == pytest.approx(150.0)


def test_a_new_queue_has_the_typed_week_and_takes_edits(tmp_path: Path) -> None:
    flu = {"queue": "flu line", "similar": "visits", "weekly_total": 70}
    plan = known(tmp_path, new_queues=[flu], edits=[EDIT | {"queue": "flu line", "percent": -100}])
    *_, (task, new) = with_new_queues(plan, told(plan, TASKS), {"visits": made(), "bills": made()})
    assert task.key == "flu line"
    assert new.mean.sum() == pytest.approx(140.0)
    assert new.report["low_confidence"]
    assert with_edits(plan, task, new).mean.sum() == pytest.approx(130.0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"special": []}, "special: extra inputs are not permitted"),
        ({"special_days": [{"name": "Flu", "first_day": "2026-06-31"}]}, r"special_days\[0\].first_day"),
        ({"special_days": [{"name": "Flu", "first_day": "2026-06-08", "last_day": "2026-06-01"}]}, "the last day must be the first"),
        ({"counts": [{"name": "Booked", "by_day": {}}]}, r"counts\[0\].by_day"),
        ({"edits": [EDIT]}, r"edits\[0\] \(Letter\): give one of percent, total, interval; got none"),
        ({"edits": [EDIT | {"percent": 1, "total": 2}]}, "got percent, total"),
        ({"edits": [EDIT | {"total": 9, "last_day": "2026-06-10"}]}, r"\(Letter\): a total, an interval and clock times belong to one day"),
        ({"edits": [EDIT | {"percent": 1, "from": "late"}]}, r"edits\[0\].from: a clock time must read HH:MM, got 'late'"),
        ({"counts": [{"name": " ", "by_day": {"2026-06-08": 1}}]}, r"counts\[0\].name"),
        ({"counts": [COUNT, COUNT | {"by_day": {"2026-06-09": 7}}]}, r"counts\[1\].name: 'Booked' for all queues is counts\[0\] already"),
    ],
)  # fmt: skip
def test_a_file_with_a_fault_is_refused_in_words(tmp_path: Path, content: Mapping[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        known(tmp_path, **content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"edits": [FAX | {"percent": 1}]}, r"edits\[0\].queue \(Letter\): there is no queue 'fax'; there are visits, bills"),
        ({"special_days": [{"name": "Flu", "first_day": "2026-06-08", "queue": "fax"}]}, r"special_days\[0\].queue: there is no queue"),
        ({"new_queues": [{"queue": "bills", "similar": "visits", "weekly_total": 70}]}, r"new_queues\[0\].queue: 'bills' is there already"),
        ({"new_queues": [{"queue": "flu", "similar": "fax", "weekly_total": 70}]}, r"new_queues\[0\].similar: there is no queue 'fax'"),
    ],
)
def test_a_queue_that_is_not_there_is_named(tmp_path: Path, content: Mapping[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        told(known(tmp_path, **content), TASKS)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"first_day": "2026-07-01"}, r"edits\[1\].first_day \(Letter\): 2026-07-01 lies outside the forecast of visits, which reaches"),
        ({"first_day": "2026-06-01"}, r"edits\[1\].first_day \(Letter\): 2026-06-01 lies outside .* from 2026-06-08 to 2026-06-21"),
        ({"first_day": "2026-06-01", "last_day": "2026-06-07"}, r"edits\[1\].last_day \(Letter\): 2026-06-07 lies outside"),
    ],
)
def test_an_edit_outside_the_forecast_is_refused_before_forecasting(tmp_path: Path, days: Mapping[str, Any], words: str) -> None:
    fits = EDIT | {"percent": 5, "first_day": "2026-06-01", "last_day": "2026-06-08"}
    assert told(known(tmp_path, edits=[fits]), TASKS)  # a part of it lies in the forecast
    with pytest.raises(InvalidInput, match=words):
        told(known(tmp_path, edits=[fits, EDIT | {"percent": 5} | days]), TASKS)


def test_an_edit_of_a_new_queue_reaches_as_far_as_the_similar_one(tmp_path: Path) -> None:
    flu = {"queue": "flu line", "similar": "visits", "weekly_total": 70}
    late = known(tmp_path, new_queues=[flu], edits=[EDIT | {"queue": "flu line", "percent": 5, "first_day": "2026-06-22"}])
    with pytest.raises(InvalidInput, match="lies outside the forecast of flu line, which reaches from 2026-06-08 to 2026-06-21"):
        told(late, TASKS)


def test_clock_times_beside_the_intervals_are_refused_before_forecasting(tmp_path: Path) -> None:
    between = known(tmp_path, edits=[EDIT | {"percent": 5, "from": "09:20", "to": "11:00"}])
    with pytest.raises(InvalidInput, match=r"edits\[0\] \(Letter\): times must lie on the intervals of 60 minutes"):
        told(between, TASKS)


def test_an_edit_where_nothing_is_forecast_is_named_once_that_is_known(tmp_path: Path) -> None:
    plan = known(tmp_path, edits=[EDIT | {"percent": 5}])
    with pytest.raises(InvalidInput, match=r"edits\[0\] \(Letter\): no contacts are forecast there"):
        with_edits(plan, told(plan, TASKS)[0], made(0.0))


def test_all_that_does_not_fit_is_told_at_once(tmp_path: Path) -> None:
    edits = [EDIT | {"queue": "fax", "percent": 5}, EDIT | {"percent": 5, "first_day": "2026-07-01"}]
    with pytest.raises(InvalidInput) as refused:
        told(known(tmp_path, counts=[COUNT | {"queue": "letters"}], edits=edits), TASKS)
    assert [line.split(":")[0] for line in str(refused.value).splitlines()[1:]] == [
        "- counts[0].queue", "- edits[0].queue (Letter)", "- edits[1].first_day (Letter)",
    ]  # fmt: skip


@pytest.mark.parametrize(("of_count", "of_days"), [(None, None), ("visits", None), (None, "visits"), ("visits", "visits")])
def test_a_count_and_days_to_learn_of_one_name_are_refused_with_the_file(tmp_path: Path, of_count: str | None, of_days: str | None) -> None:
    days = [{"name": "Flu", "first_day": "2026-05-04"}, {"name": "Booked", "first_day": "2026-05-04", "queue": of_days}]
    whose = "queue visits" if of_count or of_days else "all queues"
    words = rf"counts\[0\].name: 'Booked' is also the name of special_days\[1\], whose effect is learned, for {whose}; rename one"
    with pytest.raises(InvalidInput, match=words):
        known(tmp_path, special_days=days, counts=[COUNT | {"queue": of_count}])


def test_a_count_may_have_the_name_of_days_of_another_queue_or_with_an_effect(tmp_path: Path) -> None:
    booked = {"name": "Booked", "first_day": "2026-06-09"}
    days = [booked | {"queue": "bills"}, booked | {"effect_percent": 5}]
    visits, bills = told(known(tmp_path, special_days=days, counts=[COUNT | {"queue": "visits"}]), TASKS)
    assert [one.name for one in visits.drivers] == ["Booked"]
    assert [one.effect for one in bills.events] == [None, 0.05]


def test_a_family_of_the_file_lends_to_those_younger_than_a_year(tmp_path: Path) -> None:
    day_s = int(made().start_s[0]) - 86_400 * np.arange(400, 0, -1, dtype=np.int64)
    old, young = (Observed(days, np.ones(len(days)), np.ones(len(days)), 60) for days in (day_s, day_s[-30:]))
    tasks = [replace(task, observed=seen) for task, seen in zip(TASKS, (young, old), strict=True)]
    visits, bills = told(known(tmp_path, families=[["visits", "bills"]]), tasks)
    assert ([one.name for one in visits.family], bills.family) == (["bills"], ())
    with pytest.raises(InvalidInput, match=r"families\[0\]\[1\]: there is no queue 'fax'"):
        told(known(tmp_path, families=[["visits", "fax"]]), tasks)
