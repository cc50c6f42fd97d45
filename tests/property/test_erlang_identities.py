"""Identities and limits that hold for every queue."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wfm.erlang import ServiceTarget, chat, erlang_a, erlang_b, erlang_c, erlang_x, gross_up, required_agents

queueing = settings(deadline=None, max_examples=60, derandomize=True)

heads = st.integers(1, 3_000)
few = st.integers(1, 60)
factor = st.floats(0.01, 4.0)
aht = st.floats(10.0, 2_000.0)
patience = st.floats(1.0, 36_000.0)
threshold = st.floats(0.0, 300.0)


@queueing
@given(heads, st.floats(0.01, 0.99), aht, threshold)
def test_erlang_a_becomes_c_as_patience_grows(n: int, rho: float, aht_s: float, awt_s: float) -> None:
    rate = rho * n / aht_s
    long, endless = erlang_a(rate, aht_s, n, 1e11, awt_s), erlang_c(rate, aht_s, n, awt_s)
    assert long.service_level == pytest.approx(endless.service_level, abs=1e-4)
    assert long.asa_s == pytest.approx(endless.asa_s, rel=1e-3, abs=1e-6)


@queueing
@given(heads, factor, aht)
def test_erlang_a_becomes_b_as_patience_shrinks(n: int, rho: float, aht_s: float) -> None:
    rate = rho * n / aht_s
    blocked = erlang_b(rate * aht_s, n)
    assert erlang_a(rate, aht_s, n, 1e-9 * aht_s / n).abandon_probability == pytest.approx(blocked, abs=1e-6)


@queueing
@given(few, factor, aht, st.floats(1.0, 600.0), threshold)
def test_erlang_x_with_many_lines_is_a(n: int, rho: float, aht_s: float, patience_s: float, awt_s: float) -> None:
    rate = rho * n / aht_s
    wide, open_end = (
        erlang_x(rate, aht_s, n, patience_s, n + 4_000 + int(8 * rate * patience_s), awt_s=awt_s),
        erlang_a(rate, aht_s, n, patience_s, awt_s),
    )
    for field in type(wide).__slots__:
        assert getattr(wide, field) == pytest.approx(getattr(open_end, field), rel=1e-9, abs=1e-11), field


@queueing
@given(heads, factor, aht, patience)
def test_erlang_x_without_places_to_wait_is_b(n: int, rho: float, aht_s: float, patience_s: float) -> None:
    found = erlang_x(rho * n / aht_s, aht_s, n, patience_s, n)
    assert found.block_probability == pytest.approx(erlang_b(rho * n / aht_s * aht_s, n), rel=1e-9, abs=1e-300)
    assert found.wait_probability == found.mean_wait_s == 0


@queueing
@given(heads, factor, aht, patience, threshold)
def test_chat_of_concurrency_one_is_erlang_a(n: int, rho: float, aht_s: float, patience_s: float, awt_s: float) -> None:
    one, plain = chat(rho * n / aht_s, [aht_s], n, patience_s, awt_s), erlang_a(rho * n / aht_s, aht_s, n, patience_s, awt_s)
    for field in type(one).__slots__:
        assert getattr(one, field) == pytest.approx(getattr(plain, field), rel=1e-9, abs=1e-11), field


@queueing
@given(heads, factor, aht, st.one_of(patience, st.just(math.inf)), threshold)
def test_every_agent_and_every_second_of_threshold_helps(n: int, rho: float, aht_s: float, patience_s: float, awt_s: float) -> None:
    rate = rho * n / aht_s
    more = erlang_a(rate, aht_s, [n, n + 1], patience_s, awt_s)
    later = erlang_a(rate, aht_s, n, patience_s, [awt_s, awt_s + 7.0])
    for field in ("service_level", "service_level_of_answered", "service_level_excluding_short_abandons"):
        assert np.diff(getattr(more, field)) >= -1e-12, field
        assert np.diff(getattr(later, field)) >= -1e-12, field
    for field in ("wait_probability", "abandon_probability", "occupancy"):
        assert np.diff(getattr(more, field)) <= 1e-12, field
    for field in ("asa_s", "mean_wait_s", "mean_queue"):
        before, after = getattr(more, field)
        assert after <= before * (1 + 1e-9), field


@queueing
@given(heads, factor, aht, patience)
def test_what_comes_in_goes_out(n: int, rho: float, aht_s: float, patience_s: float) -> None:
    rate = rho * n / aht_s
    found = erlang_a(rate, aht_s, n, patience_s)
    answered_rate, left_rate = n * found.occupancy / aht_s, found.mean_queue / patience_s
    assert answered_rate + left_rate == pytest.approx(rate, rel=1e-10)
    assert found.mean_queue == pytest.approx(rate * found.mean_wait_s, rel=1e-12)


@queueing
@given(few, factor, aht, st.floats(1.0, 3_600.0), st.integers(0, 50), st.floats(0.0, 0.9))
def test_what_comes_in_goes_out_with_redials(n: int, rho: float, aht_s: float, patience_s: float, extra: int, share: float) -> None:
    fresh = rho * n / aht_s
    found = erlang_x(fresh, aht_s, n, patience_s, n + extra, share)
    lost = found.block_probability + found.abandon_probability
    answered_rate = n * found.occupancy / aht_s
    assert answered_rate == pytest.approx((1 - lost) * fresh / (1 - share * lost), rel=1e-9)


@queueing
@given(st.floats(0.1, 500.0), st.floats(0.0, 300.0))
def test_real_numbers_of_agents_join_the_whole_ones_smoothly(load: float, n: float) -> None:
    low, high = math.floor(n), math.floor(n) + 1
    assert erlang_b(load, high) <= erlang_b(load, n) <= erlang_b(load, low)
    next_blocked, blocked = erlang_b(load, n + 1), erlang_b(load, n)
    assume(next_blocked > 1e-290)
    assert 1 / next_blocked == pytest.approx(1 + (n + 1) / load / blocked, rel=1e-11)


@queueing
@given(st.floats(1e-3, 2_000.0), aht, st.one_of(patience, st.just(math.inf)), st.floats(0.05, 0.999), threshold)
def test_the_requirement_is_proved_by_its_neighbour(load: float, aht_s: float, patience_s: float, level: float, awt_s: float) -> None:
    n = int(required_agents(load / aht_s, aht_s, ServiceTarget(level=level, awt_s=awt_s), patience_s))
    found = erlang_a(load / aht_s, aht_s, [n, max(n - 1, 0)], patience_s, awt_s).service_level
    assert found[0] >= level - 1e-11
    assert found[1] < level or n == 0


@queueing
@given(st.integers(0, 100_000), st.decimals(0, "0.99", places=4))
def test_the_gross_up_is_the_smallest_that_suffices(n: int, share: object) -> None:
    found, kept = int(gross_up(n, float(str(share)))), 1 - Fraction(str(share))
    assert found * kept >= n > (found - 1) * kept or found == n == 0
