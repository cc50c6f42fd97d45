"""A second opinion on Erlang C requirements: pyworkforce, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wfm import units
from wfm.erlang._inputs import FloatOrArray, Floats, numbers, together
from wfm.erlang.staffing import Heads
from wfm.errors import Unavailable

_ROOT = Path(__file__).resolve().parents[2]
_NAMES = ("volume", "aht_s", "interval_s", "level", "awt_s", "max_occupancy", "shrinkage")


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What pyworkforce says; arrays of the broadcast shape.

    Parameters
    ----------
    agents
        Agents on queue; 0 without volume, which pyworkforce refuses and is not asked.
    scheduled
        Agents after shrinkage, by its own rounding.
    service_level, wait_probability, occupancy
        What it expects of these agents; 1, 0 and 0 without volume.
    seconds
        Computing time of all answers together, s; None where the question was put only once.
    """

    agents: Heads
    scheduled: Heads
    service_level: Floats
    wait_probability: Floats
    occupancy: Floats
    seconds: float | None


def pyworkforce_required(
    volume: FloatOrArray,
    aht_s: FloatOrArray,
    interval_s: FloatOrArray,
    level: FloatOrArray = 0.8,
    awt_s: FloatOrArray = 20.0,
    *,
    max_occupancy: FloatOrArray = 1.0,
    shrinkage: FloatOrArray = 0.0,
    repeat: int = 1,
    timeout_s: float = 600.0,
) -> SecondOpinion:
    """Requirements by pyworkforce's Erlang C, to compare with `required_agents`.

    It starts its search at the rounded load plus one and rounds up a float quotient, so that it can ask for one agent too many.

    Parameters
    ----------
    volume
        Contacts offered in the interval, at least 0.
    aht_s
        Mean handle time, s, above 0.
    interval_s
        Length of the interval, s, above 0.
    level
        Service level, in (0, 1).
    awt_s
        Acceptable waiting time, s, above 0.
    max_occupancy
        In (0, 1].
    shrinkage
        In [0, 1). All seven broadcast.
    repeat
        How often to ask, for timing; from 2 on `seconds` is the mean without the first time.
    timeout_s
        Longest wait for the answers, s.

    Returns
    -------
    opinion
        What pyworkforce says.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.
    Unavailable
        When pyworkforce is not installed, fails, or takes longer than `timeout_s`.

    Examples
    --------
    >>> pyworkforce_required(100, 180, 1800).agents.tolist()
    14
    """
    given = together(
        volume=numbers("volume", volume, at_least=0),
        aht_s=numbers("aht_s", aht_s, above=0),
        interval_s=numbers("interval_s", interval_s, above=0),
        level=numbers("level", level, above=0, below=1),
        awt_s=numbers("awt_s", awt_s, above=0),
        max_occupancy=numbers("max_occupancy", max_occupancy, above=0, at_most=1),
        shrinkage=numbers("shrinkage", shrinkage, at_least=0, below=1),
    )
    asked = np.flatnonzero(given[0].reshape(-1) > 0)
    columns = [array.reshape(-1)[asked].tolist() for array in given]
    cases = [dict(zip(_NAMES, case, strict=True)) for case in zip(*columns, strict=True)]
    request = {"cases": cases, "repeat": units.whole("repeat", repeat, at_least=1)}
    answered = _ask(request, timeout_s) if cases else {"answers": [], "seconds": None}

    def column(name: str, without_volume: float) -> Any:
        whole = np.full(given[0].size, without_volume, dtype=np.float64)
        whole[asked] = [answer[name] for answer in answered["answers"]]
        return whole.reshape(given[0].shape)

    return SecondOpinion(
        agents=column("agents", 0).astype(np.int64),
        scheduled=column("scheduled", 0).astype(np.int64),
        service_level=column("service_level", 1),
        wait_probability=column("wait_probability", 0),
        occupancy=column("occupancy", 0),
        seconds=answered["seconds"],
    )


def _ask(request: dict[str, Any], timeout_s: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "wfm.erlang._pyworkforce_worker"]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, by our own interpreter
            command, input=json.dumps(request), capture_output=True, text=True, timeout=timeout_s, cwd=_ROOT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"pyworkforce did not answer within {timeout_s:g} s; ask for fewer intervals or allow more time") from error
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"
        raise Unavailable(f"pyworkforce gave no second opinion: {reason}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
