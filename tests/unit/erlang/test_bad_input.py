"""Every argument of every function refuses what it cannot mean, in words, and never with a trace."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from wfm import erlang
from wfm.erlang import ServiceTarget
from wfm.errors import WfmError

QUEUE = {"arrival_rate": 0.1, "aht_s": 180.0, "agents": 20, "patience_s": 180.0, "awt_s": 20.0}
ASKED = {"arrival_rate": 0.1, "aht_s": 180.0, "target": ServiceTarget(), "patience_s": 180.0}
FUNCTIONS: Mapping[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "erlang_b": (erlang.erlang_b, {"load": 8.0, "agents": 10}),
    "erlang_c": (erlang.erlang_c, {name: QUEUE[name] for name in ("arrival_rate", "aht_s", "agents", "awt_s")}),
    "erlang_a": (erlang.erlang_a, QUEUE),
    "erlang_x": (erlang.erlang_x, QUEUE | {"lines": 30, "redial_share": 0.2}),
    "chat": (erlang.chat, {name: QUEUE[name] for name in QUEUE if name != "aht_s"} | {"aht_by_concurrency_s": [180.0, 240.0]}),
    "required_agents": (erlang.required_agents, ASKED),
    "gross_up": (erlang.gross_up, {"agents": 20, "shrinkage": 0.3}),
    "expected_service": (erlang.expected_service, QUEUE | {"rate_cv": 0.1, "weighting": "call"}),
    "required_with_uncertainty": (erlang.required_with_uncertainty, ASKED | {"rate_cv": 0.1, "weighting": "call"}),
    "rate_with_chance": (erlang.rate_with_chance, {"arrival_rate": 0.1, "rate_cv": 0.1, "probability": 0.9}),
    "required_with_probability": (erlang.required_with_probability, ASKED | {"rate_cv": 0.1, "probability": 0.9}),
    "over_day": (erlang.over_day, QUEUE | {"arrival_rate": [0.1, 0.1], "agents": [20, 20], "interval_s": 900.0}),
    "required_over_day": (erlang.required_over_day, ASKED | {"arrival_rate": [0.1, 0.1], "interval_s": 900.0}),
    "ServiceTarget": (ServiceTarget, {"level": 0.8, "awt_s": 20.0, "max_asa_s": 10.0, "max_abandonment": 0.05, "definition": "offered"}),
    "why_required": (erlang.why_required, {"volume": 100.0, "aht_s": 180.0, "interval_s": 900.0, "target": ServiceTarget()}),
    "deferred_profile": (
        erlang.deferred_profile,
        {"volume": [9.0, 9.0], "aht_s": 300.0, "response_s": 3600.0, "is_open": [True, True], "interval_s": 900.0, "max_occupancy": 0.9},
    ),
    "modified_offered_load": (erlang.modified_offered_load, {"arrival_rate": [0.1, 0.1], "aht_s": 180.0, "start": 0.0}),
    "patience_from_data": (erlang.patience_from_data, {"total_wait_s": 100.0, "abandoned": 3}),
    "with_minimum": (erlang.with_minimum, {"agents": [1, 2], "minimum_agents": 2, "is_open": [True, True]}),
}
NEVER = (math.nan, -math.inf, -1, "3", 1j, 10**400, np.array([1.0, math.nan]), [[1, 2], [3]], {}, b"1")
CASES = [(name, argument) for name, (_, given) in FUNCTIONS.items() for argument in given]


@pytest.mark.parametrize(("name", "argument"), CASES)
def test_what_an_argument_cannot_mean_is_refused_in_words(name: str, argument: str) -> None:
    function, given = FUNCTIONS[name]
    function(**given)
    for value in NEVER:
        with pytest.raises(WfmError):
            function(**given | {argument: value})


@pytest.mark.parametrize(("name", "argument"), [case for case in CASES if case != ("with_minimum", "is_open")])
def test_true_is_not_a_number(name: str, argument: str) -> None:
    function, given = FUNCTIONS[name]
    with pytest.raises(WfmError):
        function(**given | {argument: True})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_misspelt_argument_is_refused(name: str) -> None:
    function, given = FUNCTIONS[name]
    with pytest.raises(TypeError, match="pateince_s"):
        function(**given, pateince_s=180.0)


def test_an_occupancy_of_one_binds_no_queue_whose_customers_leave() -> None:
    crowd = ServiceTarget(level=None, max_abandonment=1.0, max_occupancy=1.0)
    assert erlang.required_agents(92_026.49 / 41.895, 41.895, crowd, 1.817) == 1


def test_customers_who_leave_at_once_are_as_good_as_blocked() -> None:
    """Hours written for seconds are a legal patience; the answer is then the right limit, Erlang B."""
    measures = erlang.erlang_a(0.1, 180.0, 20, 1e-9)
    assert measures.abandon_probability == pytest.approx(erlang.erlang_b(18.0, 20), abs=1e-9)


@pytest.mark.parametrize("shape", [(1,), (1, 1), (2, 1), (0,), (3, 1, 2)])
def test_every_shape_comes_back_whichever_argument_has_it(shape: tuple[int, ...]) -> None:
    for name, value in QUEUE.items():
        given = QUEUE | {name: np.full(shape, value)}
        assert np.shape(erlang.erlang_a(**given).service_level) == shape
        if name != "aht_s":
            rest = {key: one for key, one in given.items() if key != "aht_s"}
            assert np.shape(erlang.chat(aht_by_concurrency_s=[180.0, 240.0], **rest).service_level) == shape
