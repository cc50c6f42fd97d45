"""Handle times follow the hour, the weekday and the contacts behind them."""

import numpy as np
import pandas as pd
import pytest

from wfm.errors import InvalidInput
from wfm.forecast import forecast_aht


def _history(days=56, contacts=40, seed=2, aht=lambda stamps: 200 + 60 * (stamps.hour >= 17)):
    generator = np.random.default_rng(seed)
    stamps = pd.date_range("2025-01-06", periods=days * 24, freq="h")
    stamps = stamps[(stamps.hour >= 8) & (stamps.hour < 20)]
    mean = np.asarray(aht(stamps), dtype=float)
    return pd.DataFrame({"timestamp": stamps, "volume": contacts, "aht_s": generator.gamma(contacts, mean / contacts)})


TARGETS = pd.date_range("2025-03-03 08:00", periods=12, freq="h")


def test_long_evenings_are_found():
    found = forecast_aht(_history(), TARGETS)
    assert found.index.equals(TARGETS)
    assert found.iloc[:8].mean() == pytest.approx(200, rel=0.03)
    assert found.iloc[10:].mean() == pytest.approx(260, rel=0.05)


def test_a_long_monday_is_found_where_contacts_are_many():
    history = _history(contacts=400, aht=lambda stamps: 200 + 50 * (stamps.day_of_week == 0))
    found = forecast_aht(history, TARGETS.append(TARGETS + pd.Timedelta(days=1)))
    assert found.iloc[:12].mean() > found.iloc[12:].mean() + 30


def test_few_contacts_are_shrunk_towards_the_queue():
    history = _history()
    rare = history.timestamp.dt.hour == 19
    history.loc[rare, ["volume", "aht_s"]] = [1, 2_000.0]
    assert forecast_aht(history, TARGETS).iloc[-1] < 400


def test_contacts_weigh_and_not_rows():
    history = _history(aht=lambda stamps: np.full(len(stamps), 200.0))
    odd = history.index[::2]
    history.loc[odd, "volume"] = 4_000
    history.loc[odd, "aht_s"] = 300.0
    history = history.drop(columns="aht_s").assign(handle_s=history.volume * history.aht_s)
    assert forecast_aht(history, TARGETS).mean() > 280


def test_one_endless_call_moves_little():
    history = _history()
    calm = forecast_aht(history, TARGETS)
    history.loc[5, ["volume", "aht_s"]] = [1, 20_000.0]
    assert forecast_aht(history, TARGETS).mean() == pytest.approx(calm.mean(), rel=0.01)


def test_rows_from_the_first_target_on_change_nothing():
    history = _history(days=70)
    calm = forecast_aht(history[history.timestamp < TARGETS[0]], TARGETS)
    history.loc[history.timestamp >= TARGETS[0], "aht_s"] = 5_000.0
    pd.testing.assert_series_equal(forecast_aht(history, TARGETS), calm)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda history: history.drop(columns="volume"), "column volume"),
        (lambda history: history.drop(columns="aht_s"), "aht_s or handle_s"),
        (lambda history: history.assign(volume=0), "at least one row with contacts"),
        (lambda history: history.assign(aht_s=-5.0), "must lie in 0 to"),
        (lambda history: history.assign(aht_s=1e6), "must lie in 0 to"),
    ],
)
def test_handle_times_that_cannot_be_used_are_refused_in_words(change, said):
    with pytest.raises(InvalidInput, match=said):
        forecast_aht(change(_history()), TARGETS)
