"""Days played again: what was promised, what was kept, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.domain.roster import Requirement, Roster, RosterProblem, RosterStatus, Shift
from wfm.domain.staff import Agent, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.erlang import erlang_a, required_agents
from wfm.errors import InvalidInput
from wfm.service.exchange import QueueSeries, write_series
from wfm.service.missed import CAUSES, Conditions, Heads, explain
from wfm.service.past_contacts import weekday_means
from wfm.service.replaying import PLAN_COLUMNS, Played, Replay, replay

TARGET = ServiceTarget(0.8, 20)
QUEUE = Queue("calls", "Calls", target=TARGET, patience_s=180)
GRID = TimeGrid("UTC", date(2026, 6, 8), 7, 15)
OPEN = np.array([start.hour in range(9, 13) for start in GRID.local_starts]) & (np.arange(GRID.count) < 96)
NEEDED = int(required_agents(40 / 900, 240, TARGET, 180))

numbers = st.just(0.0) | st.floats(1e-3, 60)
intervals = st.lists(st.tuples(*[numbers] * 5, st.floats(30, 900), st.floats(30, 900)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(intervals)
def test_the_causes_of_a_miss_add_up_exactly(rows: list[tuple[float, ...]]) -> None:
    planned, actual, *heads, was_s, is_s = np.array(rows).T
    found = explain(Conditions(planned, was_s), Conditions(actual, is_s), Heads(*heads), TARGET, 180.0, 900.0)
    np.testing.assert_allclose(found.planned + sum(found.parts.values()), found.actual, atol=1e-12)


@pytest.mark.parametrize("cause", CAUSES)
def test_what_alone_differs_bears_the_whole_miss(cause: str) -> None:
    one = np.ones(1)
    actual = Conditions(one * (50 if cause == "volume" else 40), one * (300 if cause == "aht" else 240))
    scheduled = one * (10 if cause == "schedule" else 13)
    heads = Heads(one * 13, scheduled, scheduled - (2 if cause == "shrinkage" else 0))
    found = explain(Conditions(one * 40, one * 240), actual, heads, TARGET, 180.0, 900.0)
    assert found.actual[0] < found.planned[0] - 0.05
    assert found.parts[cause][0] == pytest.approx(found.actual[0] - found.planned[0])
    assert all(found.parts[other][0] == pytest.approx(0, abs=1e-12) for other in CAUSES if other != cause)


def played(volume: float = 40.0, aht_s: float = 240.0) -> Played:
    planned = Conditions(np.where(OPEN, 40.0, 0.0), np.full(GRID.count, 240.0))
    actual = Conditions(np.where(OPEN, volume, 0.0), np.full(GRID.count, aht_s))
    return Played(QUEUE, planned, actual, np.where(OPEN, float(NEEDED), 0.0))


def on_duty(heads: int) -> list[Shift]:
    start = GRID.begin + timedelta(hours=9)
    return [Shift(f"a{k}", start, start + timedelta(hours=4)) for k in range(heads)]


def run(scheduled: Sequence[Shift], one: Played | None = None, worked: Sequence[Shift] | None = None) -> Replay:
    contract = Contract("c", (0, 2_400), (0, 7), (ShiftShape(240, ()),))
    agents = tuple(Agent(f"a{k}", "c", {"calls": 1.0}) for k in range(40))
    needs = (Requirement("calls", 60.0, tuple(np.where(OPEN, float(NEEDED), 0.0).tolist())),)
    return replay(RosterProblem("p", GRID, 1.0, needs, (contract,), agents), scheduled, [one or played()], worked)


def test_clairvoyant_heads_keep_the_promise() -> None:
    (found,) = run(on_duty(NEEDED)).queues
    assert found.over().kept > 0.78
    assert found.hours == found.clairvoyant_hours == NEEDED * 4
    assert found.spreadsheet_hours is None


@pytest.mark.parametrize("heads", [NEEDED - 3, NEEDED, NEEDED + 2])
def test_a_settled_queue_keeps_what_exact_erlang_a_says(heads: int) -> None:
    (found,) = run(on_duty(heads)).queues
    settled = np.flatnonzero(OPEN)[4:]
    exact = float(erlang_a(40 / 900, 240.0, heads, 180.0, 20.0).service_level)
    assert found.over(settled.tolist()).kept == pytest.approx(exact, abs=0.015)


def test_a_roster_short_by_design_is_blamed_on_the_schedule() -> None:
    (found,) = run(on_duty(NEEDED - 3)).queues
    verdict = found.over()
    assert verdict.kept < 0.7
    assert verdict.parts["schedule"] < -0.15
    assert verdict.parts["volume"] == verdict.parts["aht"] == verdict.parts["shrinkage"] == 0
    assert verdict.planned + sum(verdict.parts.values()) == pytest.approx(verdict.kept, abs=1e-12)


def test_who_was_scheduled_and_not_there_is_shrinkage() -> None:
    (found,) = run(on_duty(NEEDED), worked=on_duty(NEEDED - 3)).queues
    parts = found.over().parts
    assert parts["schedule"] == 0
    assert parts["shrinkage"] < -0.15


def test_more_contacts_and_longer_ones_each_bear_their_part() -> None:
    (found,) = run(on_duty(NEEDED), played(46.0, 280.0)).queues
    parts = found.over().parts
    assert parts["volume"] < -0.05
    assert parts["aht"] < -0.05
    assert parts["schedule"] == 0
    assert found.clairvoyant_hours > found.hours


def test_what_was_not_observed_is_not_judged() -> None:
    one = played()
    some = one.actual.volume.copy()
    some[:44] = np.nan
    (found,) = run(on_duty(NEEDED), replace(one, actual=replace(one.actual, volume=some))).queues
    assert found.over().contacts == 8 * 40
    assert found.hours == NEEDED * 2


def test_a_queue_without_a_waiting_line_is_left_out() -> None:
    with pytest.raises(InvalidInput, match="answered later"):
        run(on_duty(3), replace(played(), queue=replace(QUEUE, channel=Channel.EMAIL)))


def test_the_spreadsheet_takes_the_last_six_same_weekdays() -> None:
    start_s = int(GRID.begin.timestamp()) + 900 * np.arange(-42 * 96, 0)
    volume = np.repeat(np.arange(6.0), 7 * 96)
    found = weekday_means(GRID, start_s, 900, volume)
    assert found is not None
    np.testing.assert_allclose(found, 2.5)
    assert weekday_means(GRID, start_s[7 * 96 :], 900, volume[7 * 96 :]) is None


def test_files_are_played_against_the_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from wfm import scheduler
    from wfm.cli.queueing import replay as command
    from wfm.service import problem_document

    contract = Contract("c", (0, 2_400), (0, 7), (ShiftShape(240, ()),))
    needs = (Requirement("calls", 60.0, tuple(np.where(OPEN, float(NEEDED), 0.0).tolist())),)
    problem = RosterProblem("p", GRID, 1.0, needs, (contract,), tuple(Agent(f"a{k}", "c", {"calls": 1.0}) for k in range(40)))
    roster = Roster("p", tuple(on_duty(NEEDED)), 0.0, None, RosterStatus.FEASIBLE, "test", 0, 0.0)
    files = [tmp_path / name for name in ("history.csv", "plan.csv", "problem.json", "roster.json")]
    half_hours = TimeGrid("UTC", GRID.first_day, 7, 30)
    start_s = np.array([int(start.timestamp()) for start in half_hours.starts])
    busy = np.where(OPEN[::2], 1.0, 0.0)
    columns = {"volume": 80.0 * busy, "aht_s": np.full(len(busy), 240.0), "on_queue": NEEDED * busy}
    write_series(files[1], [QueueSeries("calls", "UTC", 30, start_s, columns)], PLAN_COLUMNS)
    rows = [f"{start:%Y-%m-%d %H:%M},calls,{92 * busy[t]:.0f},240" for t, start in enumerate(half_hours.local_starts)]
    files[0].write_text("\n".join(["start,queue,volume,aht_s", *rows]))
    problem_document.write(problem, files[2])
    scheduler.write_roster(roster, files[3], problem)
    command(*files, patience=180.0, zone="UTC", as_json=True, replications=20)
    told = json.loads(capsys.readouterr().out)
    total = told["verdicts"][0]
    assert total["contacts"] == pytest.approx(8 * 92)
    assert total["planned"] + sum(total["parts"].values()) == pytest.approx(total["kept"])
    assert total["parts"]["volume"] < -0.05
    assert total["parts"]["aht"] == pytest.approx(0, abs=1e-9)
    assert total["parts"]["schedule"] == pytest.approx(0, abs=1e-9)
    assert told["hours"][0]["clairvoyant"] > told["hours"][0]["roster"] == NEEDED * 4
    command(*files, patience=180.0, zone="UTC", replications=5)
    assert "spreadsheet" in capsys.readouterr().out
