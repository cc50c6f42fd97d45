"""Every figure opens down to its steps, and the steps lead to the figure."""

from __future__ import annotations

import numpy as np
import pytest

from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.domain.shrinkage import ShrinkagePart
from wfm.service.need_reasons import MINIMUM, NOTHING, UNCERTAIN, reason_of, shrinkage_lines
from wfm.service.people_needed import people_needed

QUEUES = [
    Queue("calls", "Calls", patience_s=180),
    Queue("capped", "Capped", patience_s=180, target=ServiceTarget(0.8, 20, max_occupancy=0.6, max_abandonment=0.03)),
    Queue("answered", "Answered", target=ServiceTarget(0.9, 30, definition="answered"), patience_s=240),
    Queue("chat", "Chat", Channel.CHAT, patience_s=200, concurrency=3, target=ServiceTarget(0.8, 60)),
    Queue("small", "Small", minimum_agents=9),
]


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.id)
@pytest.mark.parametrize("rate_cv", [0.0, 0.2])
def test_the_steps_lead_to_the_stored_figure(queue: Queue, rate_cv: float) -> None:
    volume, aht_s = 40.0, 300.0
    need = people_needed(queue, 1_800, np.array([volume]), np.array([aht_s]), np.array([rate_cv]))
    reason = reason_of(queue, 1_800, {"volume": volume, "aht_s": aht_s, "rate_cv": rate_cv})
    assert reason is not None
    assert reason.live == need.on_queue[0]
    assert reason.over_volumes >= max(part.agents for part in reason.needs) or rate_cv > 0
    assert len(reason.needs) == sum(
        getattr(queue.target, name) is not None for name in ("level", "max_asa_s", "max_mean_wait_s", "max_abandonment", "max_occupancy")
    )
    assert reason.service_level is not None
    assert reason.service_level_one_fewer is not None
    assert reason.service_level_one_fewer <= reason.service_level


def test_what_decides_is_named() -> None:
    cell = {"volume": 40.0, "aht_s": 300.0, "rate_cv": 0.0}
    decided = {queue.id: reason_of(queue, 1_800, cell).binding for queue in QUEUES}  # type: ignore[union-attr]
    assert decided["calls"] == decided["answered"] == decided["chat"] == "level"
    assert decided["capped"] == "max_occupancy"
    assert decided["small"] == "level"
    assert reason_of(QUEUES[4], 1_800, cell | {"volume": 3.0}).binding == MINIMUM  # type: ignore[union-attr]
    assert reason_of(QUEUES[0], 1_800, cell | {"rate_cv": 0.3}).binding == UNCERTAIN  # type: ignore[union-attr]
    assert reason_of(QUEUES[0], 1_800, cell | {"volume": 0.0}).binding == NOTHING  # type: ignore[union-attr]


def test_deferred_work_and_unknown_handle_times_have_no_waiting_line_to_explain() -> None:
    cell = {"volume": 40.0, "aht_s": 300.0, "rate_cv": 0.0}
    assert reason_of(Queue("mail", "Mail", Channel.EMAIL, response_s=3600), 1_800, cell) is None
    assert reason_of(QUEUES[0], 1_800, cell | {"aht_s": np.nan}) is None


def test_only_the_lines_of_the_weekday_are_shown() -> None:
    parts = (ShrinkagePart("coaching", 0.1, weekdays=(1,)), ShrinkagePart("sickness", 0.1))
    assert [part.activity for part in shrinkage_lines(Queue("q", "Q", shrinkage_parts=parts), 0)] == ["sickness"]
