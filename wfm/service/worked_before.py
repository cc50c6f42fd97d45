"""What people have worked just before a horizon, as published: for the rest before the first shift and the run of working days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wfm.domain.timegrid import TimeGrid
from wfm.service.context import Actor, Service

LOOK_BACK_DAYS = 14


def worked_before(service: Service, actor: Actor, grid: TimeGrid) -> Mapping[str, tuple[datetime | None, int]]:
    """End of the last shift before the horizon and length of the run of working days that reaches up to it, by agent key.

    Agents whom nothing was published for are left out.
    """
    return {}
