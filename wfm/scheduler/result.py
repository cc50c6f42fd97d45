"""Tours of a search as dated shifts."""

from __future__ import annotations

from datetime import timedelta

from wfm.domain.roster import Break, Shift
from wfm.scheduler.instance import FIRST, LAST, LENGTH, MINUTES, OFF, SHAPE, START, Instance
from wfm.scheduler.plan import Tours


def shifts_of(instance: Instance, tours: Tours) -> tuple[Shift, ...]:
    """All shifts, in the order of agent and start."""
    return tuple(shift for k in range(instance.agents) for shift in shifts_of_agent(instance, tours, k))


def shifts_of_agent(instance: Instance, tours: Tours, k: int) -> tuple[Shift, ...]:
    """Shifts of one agent in the order of the days."""
    name = instance.problem.agents[k].id
    return tuple(
        shift_of_option(instance, name, int(option), tours.breaks[k, day].tolist())
        for day, option in enumerate(tours.option[k])
        if option != OFF
    )


def shift_of_option(instance: Instance, agent: str, option: int, places: list[int]) -> Shift:
    """An option as a dated shift of `agent`; `places` are the intervals in which its breaks start."""
    grid, shapes = instance.problem.grid, instance.shapes
    step = timedelta(minutes=grid.interval_minutes)
    start, shape = instance.calendars.option[option, [START, SHAPE]].tolist()
    first, last = shapes.table[shape, [FIRST, LAST]].tolist()
    spans = zip(places, shapes.breaks[first:last, MINUTES].tolist(), instance.paid_breaks[shape], strict=False)
    return Shift(
        agent=agent,
        start=grid.begin + step * start,
        end=grid.begin + step * (start + int(shapes.table[shape, LENGTH])),
        breaks=tuple(Break(grid.begin + step * at, grid.begin + step * (at + minutes), paid) for at, minutes, paid in spans),
    )
