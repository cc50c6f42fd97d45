"""Totals agree, nothing is negative, and agreeing costs no accuracy."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import nnls

from wfm.errors import InvalidInput
from wfm.forecast import reconcile
from wfm.forecast.distribution import LEVELS, Dispersion, count_quantiles
from wfm.forecast.reconciliation import reconcile_means

GROUPS = {"all": ("voice en", "voice es", "chat en"), "voice": ("voice en", "voice es"), "english": ("voice en", "chat en")}
COLUMNS = [f"{level:g}" for level in LEVELS]


def _forecast(mean):
    stamps = pd.date_range("2026-03-02", periods=len(mean), freq="h")
    rate_cv = Dispersion(0.02, 0.2).rate_cv(np.asarray(mean, dtype=float))
    frame = pd.DataFrame(count_quantiles(np.asarray(mean, dtype=float), rate_cv), index=stamps, columns=COLUMNS)
    frame.insert(0, "mean", np.asarray(mean, dtype=float))
    return frame, pd.Series(rate_cv, index=stamps)


def _forecasts():
    means = {
        "voice en": [50, 60, 0], "voice es": [20, 0, 0], "chat en": [30, 10, 5],
        "all": [120, 60, 9], "voice": [65, 66, 0], "english": [90, 70, 4],
    }  # fmt: skip
    made = {name: _forecast(mean) for name, mean in means.items()}
    return {name: frame for name, (frame, _) in made.items()}, {name: rate_cv for name, (_, rate_cv) in made.items()}


def test_every_group_is_the_sum_of_its_queues():
    agreed = reconcile(*_forecasts(), GROUPS)
    for group, queues in GROUPS.items():
        np.testing.assert_allclose(agreed[group]["mean"], sum(agreed[queue]["mean"] for queue in queues), atol=1e-9)


def test_what_expects_nothing_stays_at_nothing_and_bands_move_along():
    frames, rate_cv = _forecasts()
    agreed = reconcile(frames, rate_cv, GROUPS)
    assert agreed["voice es"].iloc[1:].to_numpy().max() == 0
    for name, frame in agreed.items():
        assert (frame >= 0).all().all()
        assert (np.diff(frame[COLUMNS].to_numpy(), axis=1) >= 0).all()
        busy = frames[name]["mean"] > 0
        np.testing.assert_allclose((frame["0.9"] / frame["mean"])[busy], (frames[name]["0.9"] / frames[name]["mean"])[busy])


def test_forecasts_that_agree_stay_as_they_are():
    frames, rate_cv = _forecasts()
    first = reconcile(frames, rate_cv, GROUPS)
    again = reconcile(first, rate_cv, GROUPS)
    for name in frames:
        np.testing.assert_allclose(again[name], first[name], atol=1e-9)


def test_the_answer_is_that_of_weighted_least_squares():
    generator = np.random.default_rng(5)
    members = generator.random((3, 6)) < 0.5
    mean, variance = generator.uniform(20, 40, (6, 4)), generator.uniform(1, 9, (6, 4))
    total, total_variance = members @ mean + generator.normal(0, 2, (3, 4)), generator.uniform(1, 9, (3, 4))
    found = reconcile_means(mean, variance, total, total_variance, members)
    for t in range(4):
        weight = 1 / np.sqrt(np.concatenate([variance[:, t], total_variance[:, t]]))
        rows = np.concatenate([np.eye(6), members]) * weight[:, None]
        expected, _ = nnls(rows, np.concatenate([mean[:, t], total[:, t]]) * weight)
        np.testing.assert_allclose(found[:, t], expected, rtol=1e-8)


def test_a_total_far_below_its_queues_leaves_none_negative():
    mean, variance = np.array([[2.0], [100.0]]), np.array([[90.0], [90.0]])
    found = reconcile_means(mean, variance, np.array([[20.0]]), np.array([[1.0]]), np.array([[True, True]]))
    assert found.min() == 0
    assert found.sum() == pytest.approx((100 / 90 + 20) / (1 / 90 + 1))


def test_agreeing_lowers_the_error_of_queues_and_groups():
    generator = np.random.default_rng(2)
    truth = generator.uniform(30, 80, (8, 400))
    members = np.concatenate([np.ones((1, 8)), np.eye(2).repeat(4, axis=1)]) > 0
    variance, total_variance = np.full(truth.shape, 36.0), np.full((3, 400), 64.0)
    mean = truth + generator.normal(0, 6, truth.shape)
    total = members @ truth + generator.normal(0, 8, (3, 400))
    agreed = reconcile_means(mean, variance, total, total_variance, members)
    assert np.abs(agreed - truth).mean() < 0.98 * np.abs(mean - truth).mean()
    assert np.abs(members @ agreed - members @ truth).mean() < 0.9 * np.abs(total - members @ truth).mean()


@pytest.mark.parametrize(
    "groups", [{"all": ()}, {"all": ("unknown",)}, {"nobody": ("voice en",)}, {"all": ("voice",), "voice": ("voice en",)}]
)
def test_a_group_that_cannot_be_is_refused(groups):
    with pytest.raises(InvalidInput, match="must have a forecast and hold forecast queues"):
        reconcile(*_forecasts(), groups)


def test_forecasts_on_two_indexes_are_refused():
    frames, rate_cv = _forecasts()
    frames["voice en"] = frames["voice en"].iloc[1:]
    with pytest.raises(InvalidInput, match="one index"):
        reconcile(frames, rate_cv, GROUPS)


def test_without_groups_nothing_changes():
    frames, rate_cv = _forecasts()
    for name, frame in reconcile(frames, rate_cv, {}).items():
        pd.testing.assert_frame_equal(frame, frames[name])


def test_the_less_a_group_is_trusted_the_less_its_queues_move():
    frames, rate_cv = _forecasts()
    moved = []
    for trust in (1.0, 0.1, 0.001):
        agreed = reconcile(frames, rate_cv, GROUPS, trust=trust)
        moved.append(max(np.abs(agreed[name]["mean"] - frames[name]["mean"]).max() for name in GROUPS["all"]))
    assert moved[0] > moved[1] > moved[2]
    assert moved[2] < 0.1


@pytest.mark.parametrize("trust", [0.0, 1.5, float("nan")])
def test_a_trust_out_of_bounds_is_refused(trust):
    with pytest.raises(InvalidInput, match="trust"):
        reconcile(*_forecasts(), GROUPS, trust=trust)
