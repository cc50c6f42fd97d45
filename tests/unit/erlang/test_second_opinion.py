"""The second opinion agrees where it is right, and its known faults are seen from outside."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from wfm.erlang import ServiceTarget, erlang_c, gross_up, required_agents
from wfm.erlang.second_opinion import pyworkforce_required
from wfm.errors import InvalidInput, Unavailable

VOLUME = np.array([[3.0, 40.0, 100.0, 600.0, 2500.0], [0.0, 41.5, 99.0, 731.0, 1200.0]])


def test_pyworkforce_agrees_up_to_its_late_start_and_its_rounding() -> None:
    said = pyworkforce_required(VOLUME, 180, 1800, 0.8, 20, shrinkage=0.3)
    ours = required_agents(VOLUME / 1800, 180, ServiceTarget(level=0.8, awt_s=20))
    assert said.agents.shape == VOLUME.shape
    assert np.all((said.agents == ours) | (said.agents == ours + 1))
    exact = gross_up(said.agents, 0.3)
    assert np.all((said.scheduled == exact) | (said.scheduled == exact + 1))
    assert said.agents[1, 0] == said.scheduled[1, 0] == 0
    busy = VOLUME > 0
    level = erlang_c(VOLUME / 1800, 180, np.maximum(said.agents, 1), 20).service_level
    np.testing.assert_allclose(said.service_level[busy], level[busy], rtol=0, atol=1e-12)


def test_it_asks_for_an_agent_too_many_where_its_search_starts_too_high() -> None:
    said = pyworkforce_required(1.0, 60, 3600, 0.5, 300)
    ours = required_agents(1 / 3600, 60, ServiceTarget(level=0.5, awt_s=300))
    assert (int(said.agents), int(ours)) == (1, 1)
    high = pyworkforce_required(26.4, 3600, 36000, 0.05, 20)
    assert int(high.agents) == int(required_agents(26.4 / 36000, 3600, ServiceTarget(level=0.05, awt_s=20))) + 1


def test_asking_twice_gives_a_time() -> None:
    assert pyworkforce_required(100, 180, 1800).seconds is None
    seconds = pyworkforce_required(100, 180, 1800, repeat=3).seconds
    assert seconds is not None
    assert seconds > 0


def test_without_any_volume_nobody_is_asked() -> None:
    assert pyworkforce_required([0.0, 0.0], 180, 1800, timeout_s=1e-9).agents.tolist() == [0, 0]


def test_a_slow_answer_is_an_outage_in_words() -> None:
    with pytest.raises(Unavailable, match=r"did not answer within 0\.001 s"):
        pyworkforce_required(100, 180, 1800, timeout_s=0.001)


def test_a_failing_process_is_an_outage_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "Traceback\nModuleNotFoundError: No module named 'pyworkforce'\n")
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: failed)
    with pytest.raises(Unavailable, match="No module named 'pyworkforce'"):
        pyworkforce_required(100, 180, 1800)


@pytest.mark.parametrize(
    ("name", "value"), [("volume", -1), ("level", 80), ("awt_s", 0), ("max_occupancy", 0), ("shrinkage", 1), ("repeat", 0)]
)
def test_bad_input_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(InvalidInput, match=name):
        pyworkforce_required(**{"volume": 100, "aht_s": 180, "interval_s": 1800, name: value})


def test_the_other_library_never_enters_this_process() -> None:
    ask = "import sys; from wfm.erlang.second_opinion import pyworkforce_required as ask; ask(100, 180, 1800)"
    check = f"{ask}; print('ortools' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
