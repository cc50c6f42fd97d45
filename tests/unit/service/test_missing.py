"""The chance of missing a target agrees with drawn days, and certainty has a price."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.erlang import erlang_a
from wfm.forecast import DaySpread
from wfm.service.missing import (
    Expected,
    chance_of_missing,
    chance_of_missing_span,
    measurable,
    parts_of_spread,
    price_of_chances,
    price_of_levels,
)

QUEUE = Queue("q", "Q", target=ServiceTarget(0.8, 20.0), patience_s=180.0)
VOLUME = np.array([0.0, 2.0, 20.0, 90.0, 40.0])
SPREAD = np.where(VOLUME > 0, np.sqrt(0.02 + 0.3 / np.maximum(VOLUME, 1.0)), 0.0)
DAY = Expected(QUEUE, 1800, VOLUME, SPREAD, np.full(5, 240.0))
HEADS = np.array([0, 1, 4, 14, 7])


def test_an_interval_misses_as_often_as_drawn_volumes_say():
    generator = np.random.default_rng(7)
    shape = 1 / SPREAD[1:] ** 2
    count = generator.poisson(generator.gamma(shape, VOLUME[1:] / shape, (40_000, 4)))
    level = erlang_a(count / 1800, 240.0, HEADS[1:], 180.0, 20.0).service_level
    seen = (np.where(count > 0, level, 1.0) < 0.8).mean(axis=0)
    assert chance_of_missing(DAY, HEADS)[1:] == pytest.approx(seen, abs=0.01)


def test_a_closed_interval_has_no_chance_and_more_people_miss_less():
    chances = np.array([chance_of_missing(DAY, np.maximum(HEADS + more, 0)) for more in range(-3, 8)])
    assert np.isnan(chances[:, 0]).all()
    assert np.all(np.diff(chances[:, 1:], axis=0) <= 1e-12)
    assert chances[-1, 1:].max() < 0.05


def test_the_spread_falls_into_its_two_parts():
    assert parts_of_spread(VOLUME, SPREAD) == pytest.approx((0.02, 0.3))
    assert parts_of_spread(np.zeros(3), np.zeros(3)) == (0.0, 0.0)


def test_days_and_their_week_miss_less_with_more_people():
    planned = chance_of_missing_span([DAY, DAY], [HEADS, HEADS])
    richer = chance_of_missing_span([DAY, DAY], [HEADS + 3, HEADS + 3])
    assert len(planned) == 3
    assert all(more < less for more, less in zip(richer, planned, strict=True))
    assert planned == chance_of_missing_span([DAY, DAY], [HEADS, HEADS])


def test_a_level_error_that_the_days_share_stays_in_their_week():
    heads = HEADS + 2
    alone, shared = (replace(DAY, spread=DaySpread(*parts, 0.0, 0.3)) for parts in ((0.0, 0.04), (0.04, 0.0)))
    apart, together = (chance_of_missing_span([day] * 7, [heads] * 7, 2_000) for day in (alone, shared))
    assert together[0] == pytest.approx(apart[0], abs=0.05)
    assert together[-1] > apart[-1] + 0.05


def test_without_a_service_level_no_day_is_judged():
    no_level = replace(DAY, queue=replace(QUEUE, target=ServiceTarget(None, max_occupancy=0.8)))
    assert np.isnan(chance_of_missing_span([no_level], [HEADS])).all()
    assert not np.isnan(chance_of_missing(no_level, HEADS)[1:]).any()


def test_more_certainty_costs_more_hours():
    for prices in (price_of_levels(DAY), price_of_chances(DAY)):
        hours = [price.hours for price in prices]
        assert hours == sorted(hours)
        assert hours[0] < hours[-1]


def test_only_single_contacts_with_a_waiting_line_are_measured():
    assert measurable(QUEUE)
    assert not measurable(replace(QUEUE, channel=Channel.CHAT, concurrency=3))
    assert not measurable(replace(QUEUE, channel=Channel.EMAIL, response_s=3600.0))
