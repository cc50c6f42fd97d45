"""The queueing formulas against 40-digit sums over the states; `make_erlang_golden.py` beside this file made the tables."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pytest

from wfm.erlang import (
    QueueMeasures,
    ServiceTarget,
    chat,
    erlang_a,
    erlang_x,
    expected_service,
    required_agents,
)

HERE = Path(__file__).parent
PROBABILITIES = {
    "wait": "wait_probability",
    "abandon": "abandon_probability",
    "block": "block_probability",
    "level": "service_level",
    "answered": "service_level_of_answered",
    "excluding": "service_level_excluding_short_abandons",
    "counting": "service_level_counting_short_abandons",
    "occupancy": "occupancy",
}
TIMES = {"mean_wait_s": "mean_wait_s", "asa_s": "asa_s", "queue": "mean_queue"}


def table(name: str) -> list[dict[str, str]]:
    with gzip.open(HERE / f"{name}.csv.gz") as packed:
        return list(csv.DictReader(io.TextIOWrapper(packed)))


def column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in rows])


def assert_exact(found: QueueMeasures, rows: list[dict[str, str]], probability: float, relative: float) -> None:
    for key, field in PROBABILITIES.items():
        if key in rows[0]:
            np.testing.assert_allclose(getattr(found, field), column(rows, key), rtol=0, atol=probability, err_msg=key)
    for key, field in TIMES.items():
        np.testing.assert_allclose(getattr(found, field), column(rows, key), rtol=relative, atol=1e-300, err_msg=key)


def test_every_measure_of_500_queues_from_1_to_100_000_agents_is_exact() -> None:
    rows = table("erlang_measures")
    assert len(rows) > 500
    given = [column(rows, name) for name in ("arrival_rate", "aht_s", "agents", "patience_s", "awt_s")]
    assert_exact(erlang_a(*given), rows, 1e-13, 1e-11)


def test_limited_lines_with_redials_are_exact() -> None:
    rows = table("erlang_limited")
    given = [column(rows, name) for name in ("arrival_rate", "aht_s", "agents", "patience_s", "lines", "redial_share", "awt_s")]
    assert_exact(erlang_x(*given), rows, 1e-12, 1e-11)


def test_chat_is_exact() -> None:
    for row in table("erlang_chat"):
        aht_s = [float(text) for text in row["aht_s"].split()]
        found = chat(float(row["arrival_rate"]), aht_s, int(row["agents"]), float(row["patience_s"]), float(row["awt_s"]))
        assert_exact(found, [row], 1e-12, 1e-11)


@pytest.mark.parametrize("weighting", ["call", "interval"])
def test_expected_service_is_exact(weighting: str) -> None:
    rows = [row for row in table("erlang_expected") if (row["call_weighted"] == "True") == (weighting == "call")]
    given = [column(rows, name) for name in ("arrival_rate", "rate_cv", "aht_s", "agents", "patience_s", "awt_s")]
    np.testing.assert_allclose(expected_service(*given, weighting), column(rows, "level"), rtol=0, atol=1e-9)


def test_every_smallest_number_of_agents_is_the_exact_one() -> None:
    rows = table("erlang_smallest")
    assert len(rows) >= 184
    wrong = []
    for row in rows:
        part, limit, awt_s = row["part"], float(row["limit"]), float(row["awt_s"])
        if part.startswith("max_"):
            target = ServiceTarget(level=None, awt_s=awt_s, **{part: limit})
        else:
            target = ServiceTarget(level=limit, awt_s=awt_s, definition=part)
        found = required_agents(float(row["arrival_rate"]), float(row["aht_s"]), target, float(row["patience_s"]))
        if int(found) != int(row["agents"]):
            wrong.append((row, int(found)))
    assert not wrong, f"{len(wrong)} of {len(rows)}: {wrong[:3]}"
