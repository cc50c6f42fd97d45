"""Days played from file to file, and queues that share people."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.domain.roster import Break, Requirement, Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.staff import Agent, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput
from wfm.service.exchange import FORECAST_COLUMNS, STAFF_COLUMNS, QueueSeries, write_series
from wfm.service.pooled_hours import SharedQueue, pooled_hours
from wfm.service.simulating import pool_file, simulate_files, summary, write_measures

ZONE = "America/Chicago"
GRID = TimeGrid(ZONE, date(2026, 6, 8), 2, 30)
HOUR = np.arange(96) / 2 % 24
OPEN = (HOUR >= 9) & (HOUR < 13)
START_S = np.array([int(start.timestamp()) for start in GRID.starts])


def settings(**changes: object) -> Callable[[str], Queue]:
    other = Queue("all", "All", target=ServiceTarget(0.8, 20), patience_s=180)
    return lambda key: replace(other, id=key, name=key, **changes)  # type: ignore[arg-type]


def series(queue: str, heads: float = 8.0, movable: float = 0.0) -> QueueSeries:
    columns = {
        "volume": np.where(OPEN, 40.0, 0.0), "aht_s": np.full(96, 240.0), "load": np.where(OPEN, 5.3, 0.0),
        "on_queue": np.where(OPEN, heads + movable, 0.0), "scheduled": np.where(OPEN, heads, 0.0), "shrinkage": np.zeros(96),
        "movable": np.where(OPEN, movable, 0.0),
    }  # fmt: skip
    return QueueSeries(queue, ZONE, 30, START_S, columns)


@pytest.fixture
def staff(tmp_path: Path) -> Path:
    path = tmp_path / "staff.csv"
    write_series(path, [series("english"), series("spanish", 7.0)], STAFF_COLUMNS)
    return path


@pytest.fixture
def forecast(tmp_path: Path) -> Path:
    path, one = tmp_path / "forecast.csv", series("english")
    columns = dict.fromkeys(FORECAST_COLUMNS, np.zeros(96)) | {"mean": one.columns["volume"], "aht_s": one.columns["aht_s"]}
    write_series(path, [replace(one, columns=columns | {"rate_cv": np.full(96, 0.3)})], FORECAST_COLUMNS)
    return path


def test_measures_stand_by_interval_day_queue_language_and_over_all(staff: Path, tmp_path: Path) -> None:
    of = settings()
    found = simulate_files(staff, lambda key: replace(of(key), language="es" if key == "spanish" else "en"), replications=40)
    count = write_measures(tmp_path / "m.csv", found)
    with (tmp_path / "m.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count
    scopes = [row["scope"] for row in rows]
    assert {scope: scopes.count(scope) for scope in set(scopes)} == {"queue": 2, "language": 2, "all": 1, "day": 4, "interval": 64}
    total = next(row for row in rows if row["scope"] == "all")
    assert float(total["offered"]) == pytest.approx(2 * 16 * 40, rel=0.05)
    by_queue = {row["queue"]: float(row["service_level"]) for row in rows if row["scope"] == "queue"}
    assert by_queue["english"] > by_queue["spanish"]
    assert all(0 <= float(row["miss_probability"]) <= 1 for row in rows if row["scope"] == "interval")
    assert all(float(row["service_level_half_width"]) > 0 for row in rows if row["scope"] in ("queue", "day"))
    lines = list(summary(found))
    assert [(scope, name) for scope, name, *_ in lines] == [
        ("queue", "english"), ("queue", "spanish"), ("language", "en"), ("language", "es"), ("all", ""),
    ]  # fmt: skip


def test_people_on_movable_work_do_not_answer(tmp_path: Path) -> None:
    plain, busy = tmp_path / "plain.csv", tmp_path / "busy.csv"
    write_series(plain, [series("english")], STAFF_COLUMNS)
    write_series(busy, [series("english", movable=3.0)], (*STAFF_COLUMNS, "movable"))
    found = [simulate_files(path, settings(), replications=5).result.counts for path in (plain, busy)]
    np.testing.assert_array_equal(*found)


def test_a_forecast_is_played_with_the_people_of_a_roster(forecast: Path, tmp_path: Path) -> None:
    from wfm import scheduler
    from wfm.service import problem_document

    problem, roster = _written()
    problem_document.write(problem, tmp_path / "problem.json")
    scheduler.write_roster(roster, tmp_path / "roster.json", problem)
    files = (tmp_path / "problem.json", tmp_path / "roster.json")
    found = simulate_files(forecast, settings(), *files, replications=60)
    level = found.result.service_level_by_interval("english")
    monday = [int(t) for t in np.flatnonzero(found.result.counts[0, 0, :, 0] >= 0) if t < 96]
    assert found.result.duty_s.sum() == 8 * (4 - 0.5) * 3600
    assert level[monday].min() < 0.5  # the break that all take at once
    certain = simulate_files(forecast, settings(), *files, replications=60, certain=True)
    assert certain.result.counts[..., 0].sum(axis=(1, 2)).std() < found.result.counts[..., 0].sum(axis=(1, 2)).std()


def _written() -> tuple[RosterProblem, Roster]:
    grid = TimeGrid(ZONE, date(2026, 6, 8), 7, 15)
    contract = Contract("c", (0, 2_400), (0, 7), (ShiftShape(240, ()),))
    agents = tuple(Agent(f"a{k}", "c", {"english": 1.0, "other": 1.0}) for k in range(8))
    needs = tuple(Requirement(queue, 60.0, (0.0,) * grid.count) for queue in ("english", "other"))
    problem = RosterProblem("p", grid, 1.0, needs, (contract,), agents)
    begin = grid.starts[36]
    shifts = tuple(Shift(agent.id, begin, grid.starts[52], (Break(grid.starts[44], grid.starts[46]),)) for agent in agents)
    return problem, Roster("p", shifts, 0.0, None, RosterStatus.FEASIBLE, "test", 0, 0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "a forecast says nothing about people"),
        ({"problem": Path("p.json")}, "give both --problem and --roster"),
        ({"queues": settings(channel=Channel.EMAIL, response_s=3600)}, "no queue that can be simulated"),
    ],
)
def test_what_cannot_be_played_is_said(forecast: Path, change: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        simulate_files(**{"source": forecast, "queues": settings(), "replications": 2} | change)  # type: ignore[arg-type]


def test_a_file_without_rows_for_people_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("start,queue\n")
    with pytest.raises(InvalidInput, match="needs the column"):
        simulate_files(path, settings())
    with pytest.raises(InvalidInput, match="cannot be read"):
        simulate_files(tmp_path / "none.csv", settings())


def shared(queue: str, **changes: object) -> SharedQueue:
    one = series(queue)
    return SharedQueue(settings(**changes)(queue), START_S, 1_800, one.columns["volume"], one.columns["aht_s"])


def test_people_who_take_both_queues_save_heads_against_the_sum_of_erlangs() -> None:
    day = TimeGrid(ZONE, date(2026, 6, 9), 1, 60)
    people = [("english", "spanish")] * 20 + [("english",)] * 10 + [("nothing",)]
    found = pooled_hours([shared("english"), shared("spanish"), shared("lonely")], people, day)
    assert [hour.start.hour for hour in found.hours] == [9, 10, 11, 12]
    assert all(hour.pooled < hour.single for hour in found.hours)
    assert all(level >= 0.8 for hour in found.hours for level in hour.service_level.values())
    assert found.left_out == {"lonely": "nobody takes lonely"}
    assert sum(found.hours[0].by_group.values()) == found.hours[0].pooled


def test_what_cannot_be_pooled_is_left_out_with_its_reason() -> None:
    queues = [shared("english"), shared("mail", channel=Channel.EMAIL), shared("chat", channel=Channel.CHAT, concurrency=2)]
    found = pooled_hours(queues, [("english", "mail", "chat")] * 30, TimeGrid(ZONE, date(2026, 6, 8), 1, 60), hours=[10])
    assert set(found.left_out) == {"mail", "chat"}
    assert len(found.hours) == 1
    with pytest.raises(InvalidInput, match="nobody takes english"):
        pooled_hours([shared("english")], [("spanish",)], TimeGrid(ZONE, date(2026, 6, 8), 1, 60))


def test_a_day_without_contacts_needs_no_hours() -> None:
    quiet = replace(shared("english"), volume=np.where(START_S[48] > START_S, shared("english").volume, 0.0))
    found = pooled_hours([quiet], [("english",)] * 9, TimeGrid(ZONE, date(2026, 6, 9), 1, 60))
    assert found.hours == ()


def test_a_file_is_pooled_with_the_people_of_a_problem(staff: Path, tmp_path: Path) -> None:
    from wfm.service import problem_document

    problem, _ = _written()
    agents = tuple(replace(agent, queues={"english": 1.0, "spanish": 1.0}) for agent in problem.agents)
    needs = tuple(replace(part, queue=name) for part, name in zip(problem.requirements, ("english", "spanish"), strict=True))
    problem_document.write(replace(problem, agents=agents, requirements=needs), tmp_path / "problem.json")
    found = pool_file(staff, settings(), tmp_path / "problem.json", hour=11)
    assert [hour.start.hour for hour in found.hours] == [11]
    assert found.hours[0].pooled < found.hours[0].single
