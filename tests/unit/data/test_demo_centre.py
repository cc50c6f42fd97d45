from __future__ import annotations

import gzip
import io
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from data.demand import Stream, open_slots, week_shape
from data.demo_centre import DemoCentre, make_centre, write_history
from tests.unit.data.naive_erlang import smallest_agents
from wfm.history import HistoryFile, read_history

LAST_DAY = date(2026, 10, 31)


@cache
def centre() -> DemoCentre:
    return make_centre(1, LAST_DAY)


@cache
def written() -> bytes:
    stream = io.BytesIO()
    write_history(centre(), stream)
    return stream.getvalue()


@cache
def history() -> HistoryFile:
    return read_history(written(), zone=centre().organisation.zone)


def day_totals(stream: int) -> dict[date, float]:
    """Contacts per local day, straight from the drawn columns."""
    drawn = centre().history
    sums = np.bincount(drawn.span.day, np.nan_to_num(drawn.volume[stream]))
    return {centre().first_day + timedelta(n): float(total) for n, total in enumerate(sums)}


def stream_index(key: str) -> int:
    return [queue.id for queue in centre().queues].index(key)


def test_the_same_seed_and_day_give_the_same_bytes_and_people() -> None:
    again = make_centre(1, LAST_DAY)
    stream = io.BytesIO()
    write_history(again, stream)
    assert stream.getvalue() == written()
    assert again.people == centre().people


def test_another_seed_gives_other_people_and_volumes() -> None:
    other = make_centre(2, LAST_DAY)
    assert other.agents[0].name != centre().agents[0].name
    assert not np.array_equal(other.history.volume, centre().history.volume, equal_nan=True)


def test_there_are_120_people_at_three_sites_in_two_zones() -> None:
    people = centre().people
    assert len(people) == len({person.agent.id for person in people}) == len({person.agent.name for person in people}) == 120
    assert {person.site for person in people} == {site.name for site in centre().sites}
    assert len({site.zone for site in centre().sites}) == 2
    assert {contract.id for contract in centre().contracts} == {person.agent.contract for person in people}


def test_people_take_only_what_their_skills_and_languages_allow() -> None:
    queues = {queue.id: queue for queue in centre().queues}
    for person in centre().people:
        assert person.agent.queues
        for key in person.agent.queues:
            assert queues[key].skill in person.skills
            assert queues[key].language in person.languages


def test_exactly_the_nurses_hold_licences_their_own_state_first() -> None:
    sites = {site.name: site for site in centre().sites}
    for person in centre().people:
        assert bool(person.licences) == ("nurse_triage" in person.skills)
        assert not person.licences or person.licences[0] == sites[person.site].states[0]


def test_every_queue_has_people_on_more_than_one_contract() -> None:
    contracts = {key: {a.contract for a in centre().agents if key in a.queues} for key in (queue.id for queue in centre().queues)}
    assert min(len(kinds) for kinds in contracts.values()) >= 2


def test_every_agent_has_room_for_a_shift_within_the_own_limits() -> None:
    longest = {contract.id: max(shape.minutes for shape in contract.shifts) for contract in centre().contracts}
    for agent in centre().agents:
        assert agent.earliest_start_minutes is not None
        assert agent.latest_end_minutes is not None
        assert agent.latest_end_minutes - agent.earliest_start_minutes >= longest[agent.contract]


def test_the_file_is_read_as_written_without_a_choice_to_make() -> None:
    drawn = centre().history
    assert len(history()) == int((~np.isnan(drawn.volume)).sum())
    totals = {queue.id: float(np.nansum(row)) for queue, row in zip(centre().queues, drawn.volume, strict=True)}
    assert dict(history().totals) == totals
    assert (history().interval_minutes, history().days) == (30, 731)
    assert history().handle_s is not None


def test_a_path_gets_the_same_bytes(tmp_path: Path) -> None:
    target = tmp_path / "history.csv.gz"
    rows = write_history(centre(), target)
    assert target.read_bytes() == written()
    assert rows == len(history())


def test_both_clock_changes_of_both_years_are_in_the_file() -> None:
    lines = gzip.decompress(written()).decode().splitlines()
    nurses = Counter(line[:16] for line in lines if ",nurse_triage_en," in line)
    assert [stamp for stamp, count in nurses.items() if count == 2] == [
        "2024-11-03 01:00", "2024-11-03 01:30", "2025-11-02 01:00", "2025-11-02 01:30",
    ]  # fmt: skip
    assert not any(stamp in nurses for stamp in ("2025-03-09 02:00", "2025-03-09 02:30", "2026-03-08 02:00"))


def test_closed_hours_have_no_rows_and_closed_holidays_have_zeros() -> None:
    totals = day_totals(stream_index("billing_en"))
    assert totals[date(2025, 12, 25)] == 0
    drawn = centre().history
    row, christmas = drawn.volume[stream_index("billing_en")], (date(2025, 12, 25) - centre().first_day).days
    assert int((~np.isnan(row[drawn.span.day == christmas])).sum()) == 18
    sundays = drawn.span.weekday == 6
    assert np.isnan(row[sundays]).all()


def test_mondays_are_the_highest_weekday_of_every_telephone_queue() -> None:
    drawn = centre().history
    for queue, row in zip(centre().queues, drawn.volume, strict=True):
        if queue.channel == "voice":
            sums = np.bincount(drawn.span.weekday, np.nan_to_num(row))
            assert sums.argmax() == 0


def test_winter_has_a_flu_season_for_nurses_and_none_for_bills() -> None:
    def ratio(key: str) -> float:
        totals = day_totals(stream_index(key))
        winter = [v for d, v in totals.items() if d.month == 1 and 10 <= d.day <= 31 and d.weekday() < 5]
        spring = [v for d, v in totals.items() if d.month == 5 and d.weekday() < 5]
        return float(np.mean(winter) / np.mean(spring))

    assert ratio("nurse_triage_en") > 1.2
    assert 0.8 < ratio("billing_en") / 1.15 < 1.2


def test_one_morning_is_an_outage_with_a_rebound() -> None:
    drawn = centre().history
    voice = [i for i, queue in enumerate(centre().queues) if queue.channel == "voice"]
    morning = (drawn.span.slot >= 19) & (drawn.span.slot < 26) & (drawn.span.weekday == 2)
    per_day = np.bincount(drawn.span.day[morning], np.nan_to_num(drawn.volume[voice]).sum(axis=0)[morning])
    holidays = (date(2024, 12, 25), date(2025, 1, 1))
    ordinary = {n: total for n, total in enumerate(per_day) if total > 0 and centre().first_day + timedelta(n) not in holidays}
    silent = [n for n, total in ordinary.items() if total < 0.15 * np.median(list(ordinary.values()))]
    assert len(silent) == 1
    assert 151 <= drawn.span.day[-1] - silent[0] < 158
    afternoon = (drawn.span.slot >= 26) & (drawn.span.slot < 32)
    calls = np.bincount(drawn.span.day[afternoon], np.nan_to_num(drawn.volume[voice]).sum(axis=0)[afternoon])
    assert calls[silent[0]] > 1.25 * calls[silent[0] - 7]


def test_counts_vary_more_than_poisson_and_not_wildly_so() -> None:
    totals = day_totals(stream_index("appointments_en"))
    tuesdays = np.array([v for d, v in totals.items() if d.weekday() == 1 and d.month in (4, 5, 9, 10) and v > 0])
    dispersion = tuesdays.var() / tuesdays.mean()
    assert 2 < dispersion < 30


def test_the_weeks_ahead_have_the_volumes_of_the_table_whatever_the_season() -> None:
    for last_day in (date(2026, 1, 31), date(2026, 7, 31)):
        summer = make_centre(1, last_day)
        drawn, index = summer.history, stream_index("nurse_triage_en")
        weeks = np.nan_to_num(drawn.volume[index]) * (drawn.span.day >= drawn.span.day[-1] - 13)
        assert weeks.sum() / 2 == pytest.approx(summer.streams[index].week_volume, rel=0.15)


def needed_hours(stream: Stream) -> float:
    """Hours on duty in an ordinary week: Erlang A by half hour, shrinkage included."""
    queue = stream.queue
    if queue.channel.deferred:
        return stream.week_volume * stream.aht_s / 3600 / (1 - queue.shrinkage)
    busy = 1 if queue.concurrency == 1 else 1.75
    volumes = (week_shape(stream) * stream.week_volume)[open_slots(stream)]
    people = [max(queue.minimum_agents, smallest_agents(volume / 1800, stream.aht_s / busy, queue)) for volume in volumes.tolist()]
    return sum(people) / 2 / (1 - queue.shrinkage)


def test_an_ordinary_week_fills_between_85_and_92_per_cent_of_the_peoples_hours() -> None:
    contracts = {contract.id: contract for contract in centre().contracts}
    available = 0.0
    for agent in centre().agents:
        shape = contracts[agent.contract].shifts[-1]
        on_duty = 1 - sum(rest.minutes for rest in shape.breaks if rest.paid) / shape.paid_minutes
        available += contracts[agent.contract].week_minutes[1] / 60 * on_duty * next(iter(agent.queues.values()))
    needed = sum(needed_hours(stream) for stream in centre().streams)
    assert 0.85 <= needed / available <= 0.92
