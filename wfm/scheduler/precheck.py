"""Contradictions inside a problem file, every one of them named before anything is solved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from wfm import units
from wfm.domain.rules import PresenceRule
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput
from wfm.scheduler.schema import AgentIn, ContractIn, ProblemIn, ShapeIn, instant


def contradictions(problem: ProblemIn) -> list[str]:
    """What cannot be meant, in words; empty where the problem makes sense."""
    found = list(_horizon(problem))
    if found:
        return found
    grid = TimeGrid(problem.timezone, problem.start, problem.days, problem.interval_minutes)
    for what, ids in (
        ("queues", [q.id for q in problem.queues]),
        ("contracts", [c.id for c in problem.contracts]),
        ("agents", [a.id for a in problem.agents]),
    ):
        found += [f"{what}: {one!r} is given {n} times" for one, n in Counter(ids).items() if n > 1]
    for queue in problem.queues:
        if len(queue.required) != grid.count:
            found.append(f"queue {queue.id}: required must have {grid.count} intervals for this horizon, got {len(queue.required)}")
        if isinstance(queue.minimum, list) and len(queue.minimum) != grid.count:
            found.append(f"queue {queue.id}: minimum must be one number or {grid.count} intervals, got {len(queue.minimum)}")
    found += [f"rules: {one.kind} belongs to a contract or an agent" for one in problem.rules if not isinstance(one, PresenceRule)]
    for contract in problem.contracts:
        found += [f"contract {contract.id}: {line}" for line in _contract(contract, problem.interval_minutes)]
    known = {c.id for c in problem.contracts}, {q.id for q in problem.queues}
    for agent in problem.agents:
        found += [f"agent {agent.id}: {line}" for line in _agent(agent, *known, grid)]
    return found


def _horizon(problem: ProblemIn) -> Iterator[str]:
    if problem.days % 7:
        yield f"days must be a whole number of weeks, got {problem.days}"
    try:
        TimeGrid(problem.timezone, problem.start, 1, problem.interval_minutes)
    except InvalidInput as e:
        yield f"timezone: {e}"


def _own_rules(rules: Iterable[object]) -> Iterator[str]:
    """Rules across people listed where only rules about one tour can stand."""
    for one in rules:
        if isinstance(one, PresenceRule):
            yield f"rules: {one.kind} is about several people and belongs to the problem"


def _contract(contract: ContractIn, step: int) -> Iterator[str]:
    yield from _own_rules(contract.rules)
    for name in ("week_minutes", "week_days"):
        low, high = getattr(contract, name)
        if low > high:
            yield f"{name} must be [least, most] with least <= most, got [{low}, {high}]"
    if contract.week_days[0] > 7:
        yield f"week_days must start at 7 or less, got [{contract.week_days[0]}, {contract.week_days[1]}]"
    begin, end = units.clock_minutes(contract.earliest_start), units.clock_minutes(contract.latest_end)
    if begin >= 1440:
        yield f"earliest_start must be before 24:00, got {contract.earliest_start}"
    lengths = [_minutes(s) for s in contract.shifts]
    if begin + min(lengths) > end:
        yield (
            f"no shift fits between earliest_start {contract.earliest_start} and latest_end {contract.latest_end}: "
            f"the shortest lasts {min(lengths)} minutes"
        )
    for length, n in Counter(lengths).items():
        if n > 1:
            yield f"{n} shifts last {length} minutes each, so a roster cannot tell them apart"
    for shape in contract.shifts:
        for line in _shape(shape, contract.min_work_stretch_minutes, step):
            yield f"shift of {shape.paid_minutes} paid minutes: {line}"


def _minutes(shape: ShapeIn) -> int:
    return shape.paid_minutes + sum(b.minutes for b in shape.breaks if not b.paid)


def _shape(shape: ShapeIn, stretch: int, step: int) -> Iterator[str]:
    if _minutes(shape) % step:
        yield f"it lasts {_minutes(shape)} minutes, which is not a multiple of the {step}-minute interval"
    for b in shape.breaks:
        if b.minutes % step:
            yield f"a break of {b.minutes} minutes does not fit the {step}-minute interval"
        if b.latest_minutes < b.earliest_minutes:
            yield f"a break must have earliest_minutes <= latest_minutes, got {b.earliest_minutes} and {b.latest_minutes}"
    at = 0
    for b in sorted(shape.breaks, key=lambda b: b.earliest_minutes):
        begin = -(-max(b.earliest_minutes, at + stretch) // step) * step
        if begin > b.latest_minutes:
            yield (
                f"the break of {b.minutes} minutes due {b.earliest_minutes} to {b.latest_minutes} minutes in cannot be placed "
                f"on the {step}-minute grid with {stretch} minutes of work around it"
            )
            return
        at = begin + b.minutes
    if at + stretch > _minutes(shape):
        yield f"only {_minutes(shape) - at} minutes of work are left after the last break, {stretch} are due"


def _agent(agent: AgentIn, contracts: Iterable[str], queues: Iterable[str], grid: TimeGrid) -> Iterator[str]:
    if agent.contract not in contracts:
        yield f"contract {agent.contract!r} is not in contracts"
    yield from _own_rules(agent.rules)
    for queue in agent.queues:
        if queue not in queues:
            yield f"queue {queue!r} is not in queues"
    for queue in agent.secondary:
        if queue not in agent.queues:
            yield f"secondary queue {queue!r} must be one of the agent's queues: {', '.join(agent.queues)}"
    for one in agent.licences:
        if one.first_day is not None and one.last_day is not None and one.last_day < one.first_day:
            yield f"licence of {one.state} must end on or after {one.first_day}, got {one.last_day}"
    begin, end = units.clock_minutes(agent.earliest_start or "00:00"), units.clock_minutes(agent.latest_end or "48:00")
    if begin >= end:
        yield f"earliest_start {agent.earliest_start} must be before latest_end {agent.latest_end}"
    for a, b in agent.unavailable:
        if instant(a) >= instant(b):
            yield f"unavailable must run from an earlier to a later time, got {a} to {b}"
    for f in agent.fixed:
        if instant(f.start) >= instant(f.end):
            yield f"fixed activity {f.activity!r} must end after it starts, got {f.start} to {f.end}"
        elif instant(f.start) < grid.begin or instant(f.end) > grid.end:
            yield f"fixed activity {f.activity!r} from {f.start} to {f.end} lies outside the horizon"
    if agent.last_shift_end is not None and instant(agent.last_shift_end) > grid.begin + timedelta(days=1):
        yield f"last_shift_end must lie before the horizon's second day, got {agent.last_shift_end}"
    if agent.last_shift_start is not None and instant(agent.last_shift_start) >= grid.begin:
        yield f"last_shift_start must lie before the horizon, got {agent.last_shift_start}"
