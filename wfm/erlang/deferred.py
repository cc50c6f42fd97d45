"""Deferred work: e-mails, messages, refill requests that may wait for hours but not for ever.

Work is a fluid measured in seconds of handling and done first come, first served. With `A_t` the work that has arrived and `D_t` the
work that is due by the end of interval t, `n_t` agents who do `u` seconds each keep every deadline exactly when for all s <= t
`A_{s-1} + u (n_s + ... + n_t) >= D_t`. Backwards from the end, `G_t = max(D_t, G_{t+1} - u * most_{t+1})` is what must be done by then at
the latest, so whole-number optima need no solver: whatever does just enough in every interval uses the fewest heads up to any moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm import units
from wfm.erlang._inputs import Floats, mask, numbers
from wfm.erlang._search import smallest_enough
from wfm.errors import InvalidInput, UnreachableTarget

Clock = Literal["elapsed", "open"]
_SLIGHT = 1e-9  # work within this share of a head-interval counts as done


@dataclass(frozen=True, slots=True)
class Backlog:
    """Work carried over from before the first interval.

    Parameters
    ----------
    contacts
        Numbers of contacts, each at least 0.
    age_s
        How long each of them has waited already, s, at least 0, oldest first.
    """

    contacts: tuple[float, ...] = ()
    age_s: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.contacts) != len(self.age_s):
            raise InvalidInput(f"contacts and age_s must have one length, got {len(self.contacts)} and {len(self.age_s)}")
        if self.contacts:
            numbers("backlog contacts", self.contacts, at_least=0)
            numbers("backlog age_s", self.age_s, at_least=0)
        if any(older < younger for older, younger in zip(self.age_s, self.age_s[1:], strict=False)):
            raise InvalidInput("backlog must be given oldest first")


@dataclass(frozen=True, slots=True)
class DeferredDay:
    """What becomes of deferred work under a staffing profile, by interval.

    Parameters
    ----------
    handled
        Contacts finished in the interval.
    backlog
        Contacts unfinished at its end: what is carried over.
    oldest_age_s
        Age of the oldest of them at its end, s; 0 without backlog.
    overdue
        Contacts unfinished at its end although their response time is over.
    """

    handled: Floats
    backlog: Floats
    oldest_age_s: Floats
    overdue: Floats


@dataclass(frozen=True, slots=True)
class DeferredPlan:
    """The smallest staffing profile that keeps a response time.

    Parameters
    ----------
    agents
        Whole agents by interval: the smallest possible peak, then the fewest head-intervals, then as level as these allow.
    level
        Real-valued agents by interval: the profile that minimises every convex cost at once, the peak among them.
    peak
        Largest entry of `agents`.
    head_hours
        Sum of `agents` in hours.
    day
        What becomes of the work under `agents`.
    """

    agents: NDArray[np.int64]
    level: Floats
    peak: int
    head_hours: float
    day: DeferredDay


@dataclass(frozen=True, slots=True)
class _Work:
    """Cumulative curves at the end of each interval, s of handling; `unit` is what one agent does in an interval."""

    arrived: Floats
    due: Floats
    is_open: NDArray[np.bool_]
    unit: float


def deferred_profile(
    volume: ArrayLike,
    aht_s: ArrayLike,
    response_s: float,
    is_open: ArrayLike,
    interval_s: float = 900.0,
    *,
    backlog: Backlog | None = None,
    clock: Clock = "elapsed",
    max_occupancy: float = 1.0,
) -> DeferredPlan:
    """Smallest staffing profile that answers every contact within its response time.

    A contact may be worked on from the interval it arrives in, and counts as arrived at the start of it. Work whose response time ends
    after the last interval may be left over; what is overdue at the start is due in the first open interval.

    Parameters
    ----------
    volume
        Contacts by interval, at least 0.
    aht_s
        Mean handle time, s, above 0; one number or one for each interval.
    response_s
        Response time, s, at least one interval.
    is_open
        Booleans by interval: do agents work?
    interval_s
        Length of an interval, s, above 0.
    backlog
        Work carried over from before.
    clock
        "elapsed": the response time runs through the night; "open": it runs only while open.
    max_occupancy
        Share of time on queue spent handling, in (0, 1].

    Returns
    -------
    plan
        Whole and real-valued agents, and the backlog that they leave.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.
    UnreachableTarget
        When work becomes due before the centre next opens.

    Examples
    --------
    >>> plan = deferred_profile([40, 0, 0, 0], 450, 3600, [True] * 4, 900)
    >>> plan.agents.tolist(), plan.day.backlog.tolist()
    ([5, 5, 5, 5], [30.0, 20.0, 10.0, 0.0])
    """
    work, _ = _curves(volume, aht_s, response_s, is_open, interval_s, backlog or Backlog(), clock, max_occupancy)
    _refuse_closed(work, interval_s)
    level = _level_profile(work)
    peak = _smallest_peak(work)
    late = _cumulative_heads(work, peak, np.zeros(level.size))
    early = _earliest_heads(work, peak, float(late[-1]))
    wish = np.ceil(np.cumsum(level) - _SLIGHT)
    agents = np.diff(_cumulative_heads(work, peak, np.minimum(wish, early)), prepend=0.0).astype(np.int64)
    day = deferred_day(
        volume, aht_s, response_s, is_open, agents, interval_s, backlog=backlog, clock=clock, max_occupancy=max_occupancy
    )
    return DeferredPlan(agents, level, int(agents.max(initial=0)), float(agents.sum() * interval_s / units.SECONDS_PER_HOUR), day)


def deferred_day(
    volume: ArrayLike,
    aht_s: ArrayLike,
    response_s: float,
    is_open: ArrayLike,
    agents: ArrayLike,
    interval_s: float = 900.0,
    *,
    backlog: Backlog | None = None,
    clock: Clock = "elapsed",
    max_occupancy: float = 1.0,
) -> DeferredDay:
    """Backlog, its oldest age and what is overdue at the end of each interval under given agents.

    Parameters
    ----------
    volume, aht_s, response_s, is_open, interval_s, backlog, clock, max_occupancy
        As in `deferred_profile`.
    agents
        Agents by interval, at least 0; those of closed intervals do nothing.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.

    Examples
    --------
    >>> deferred_day([40, 0, 0], 450, 1800, [True] * 3, [5, 5, 5]).oldest_age_s.tolist()
    [675.0, 1350.0, 2025.0]
    """
    work, contacts = _curves(volume, aht_s, response_s, is_open, interval_s, backlog or Backlog(), clock, max_occupancy)
    heads = numbers("agents", agents, at_least=0)
    if heads.shape != work.arrived.shape:
        raise InvalidInput(f"agents must have one entry for each of {work.arrived.size} intervals, got shape {heads.shape}")
    done, total = np.empty_like(work.arrived), 0.0
    for t, able in enumerate(np.where(work.is_open, heads, 0.0) * work.unit):
        total = min(total + able, work.arrived[t])
        done[t] = total
    handled = np.interp(done, contacts.work, contacts.count)
    arrived = np.interp(work.arrived, contacts.work, contacts.count)
    ends = interval_s * np.arange(1, done.size + 1)
    open_end = work.arrived - done > _SLIGHT * work.unit
    age_s = np.where(open_end, ends - contacts.time_of(done), 0.0)
    overdue = np.maximum(np.interp(work.due, contacts.work, contacts.count) - handled, 0.0)
    return DeferredDay(np.diff(handled, prepend=0.0), arrived - handled, np.maximum(age_s, 0.0), overdue)


@dataclass(frozen=True, slots=True)
class _Contacts:
    """Points of the arrival curve: work and contacts so far, and when; those of the backlog came all at once."""

    work: Floats
    count: Floats
    time_s: Floats
    at_once: int

    def time_of(self, done: Floats) -> Floats:
        """When the first contact beyond the work done arrived, s after the start."""
        before = np.minimum(np.searchsorted(self.work, done, side="right") - 1, self.work.size - 2)
        span = self.work[before + 1] - self.work[before]
        share = np.where((before >= self.at_once) & (span > 0), (done - self.work[before]) / np.where(span > 0, span, 1.0), 0.0)
        return np.asarray(self.time_s[before] + share * (self.time_s[before + 1] - self.time_s[before]))


def _curves(
    volume: ArrayLike,
    aht_s: ArrayLike,
    response_s: float,
    is_open: ArrayLike,
    interval_s: float,
    backlog: Backlog,
    clock: Clock,
    max_occupancy: float,
) -> tuple[_Work, _Contacts]:
    contacts = numbers("volume", volume, at_least=0)
    opened = mask("is_open", is_open)
    if contacts.ndim != 1 or contacts.size == 0 or opened.shape != contacts.shape:
        raise InvalidInput(f"volume and is_open must be rows of one length, got shapes {contacts.shape} and {opened.shape}")
    handle_s = numbers("aht_s", aht_s, above=0)
    if handle_s.shape not in ((), contacts.shape):
        raise InvalidInput(f"aht_s must be one number or one for each interval, got shape {handle_s.shape}")
    handle_s = np.broadcast_to(handle_s, contacts.shape)
    length = units.positive("interval_s", interval_s)
    if units.positive("response_s", response_s) < length:
        raise InvalidInput(f"response_s must be at least one interval of {length:g} s, got {response_s:g}")
    if clock not in ("elapsed", "open"):
        raise InvalidInput(f"clock must be elapsed or open, got {clock!r}")
    unit = length * units.share("max_occupancy", max_occupancy, above_zero=True)
    old = np.array(backlog.contacts, dtype=np.float64)
    old_work = old * handle_s[0]
    arrived = old_work.sum() + np.cumsum(contacts * handle_s)
    last = _deadlines(np.array(backlog.age_s, dtype=np.float64), contacts.size, response_s, length, opened, clock)
    due = np.zeros(contacts.size)
    added = np.concatenate([old_work, contacts * handle_s])
    inside = (last < contacts.size) & (added > 0)
    np.add.at(due, last[inside], added[inside])
    curve = _Contacts(
        work=np.concatenate([[0.0], np.cumsum(added)]),
        count=np.concatenate([[0.0], np.cumsum(np.concatenate([old, contacts]))]),
        time_s=np.concatenate([-np.array(backlog.age_s, dtype=np.float64), length * np.arange(contacts.size + 1)]),
        at_once=old.size,
    )
    return _Work(arrived, np.cumsum(due), opened, unit), curve


def _deadlines(age_s: Floats, count: int, response_s: float, length: float, opened: NDArray[np.bool_], clock: Clock) -> NDArray[np.int64]:
    """Last interval in which the work of each backlog entry, then of each interval, may be done; `count` or more: after the horizon."""
    whole = np.floor((response_s - age_s) / length + 1e-9).astype(np.int64)
    first_open = int(np.argmax(opened)) if opened.any() else 0
    if clock == "elapsed":
        new = np.arange(count) + int(response_s / length + 1e-9) - 1
        return np.concatenate([np.maximum(whole - 1, first_open), new])
    so_far = np.concatenate([[0], np.cumsum(opened)])
    of_open = np.concatenate([np.flatnonzero(opened), np.full(count + 1, count)])
    new = of_open[np.minimum(so_far[:-1] + int(response_s / length + 1e-9) - 1, of_open.size - 1)]
    old = of_open[np.minimum(np.maximum(whole - 1, 0), of_open.size - 1)]
    return np.concatenate([old, new])


def _refuse_closed(work: _Work, interval_s: float) -> None:
    able = np.maximum.accumulate(np.where(work.is_open, work.arrived, 0.0))
    wrong = np.flatnonzero(work.due > able * (1 + 1e-12) + _SLIGHT * work.unit)
    if wrong.size:
        hours = (int(wrong[0]) + 1) * interval_s / units.SECONDS_PER_HOUR
        raise UnreachableTarget(
            f"no number of agents keeps the response time: work is due {hours:g} h after the start and the centre does not open before; "
            "allowed is a response time that reaches into the next opening, or one that runs only while open"
        )


def _level_profile(work: _Work) -> Floats:
    """The taut string between the due and the arrived work over the open intervals, in agents."""
    opened = np.flatnonzero(work.is_open)
    if opened.size == 0:
        return np.zeros(work.due.size)
    last = np.concatenate([opened[1:] - 1, [work.due.size - 1]])
    lower = np.concatenate([[0.0], work.due[last]])
    upper = np.concatenate([[0.0], np.minimum(work.arrived[opened], work.due[-1])])
    lower = np.minimum(lower, upper)
    done, at = np.zeros(lower.size), 0
    while at < opened.size:
        steps = np.arange(1, lower.size - at)
        up, down = (upper[at + 1 :] - done[at]) / steps, (lower[at + 1 :] - done[at]) / steps
        ceiling, floor = np.minimum.accumulate(up), np.maximum.accumulate(down)
        crossed = np.flatnonzero(floor > ceiling)
        if crossed.size == 0:
            to, slope = opened.size, float(down[-1])
        else:
            # the string bends at the last bound that it touched before the other one forces it off its course
            end = int(crossed[0])
            touched, slope = (up, float(ceiling[end])) if down[end] > ceiling[end] else (down, float(floor[end]))
            to = at + 1 + int(np.flatnonzero(touched[: end + 1] == slope)[-1])
        done[at + 1 : to + 1] = done[at] + slope * np.arange(1, to - at + 1)
        at = to
    level = np.zeros(work.due.size)
    level[opened] = np.maximum(np.diff(done), 0.0) / work.unit
    return level


def _latest(work: _Work, most: float) -> Floats:
    """`G`: work that must be done by the end of each interval if no interval may have more than `most` agents."""
    able = np.where(work.is_open, most * work.unit, 0.0)
    needed, following = np.empty_like(work.due), 0.0
    for t in range(work.due.size - 1, -1, -1):
        following = max(work.due[t], following)
        needed[t] = following
        following -= able[t]
    return needed


def _smallest_peak(work: _Work) -> int:
    """Fewest agents that are enough when all of them work in every open interval."""

    def enough(most: int) -> bool:
        needed = _latest(work, float(most))
        slight = _SLIGHT * work.unit
        first = needed[0] - (most * work.unit if work.is_open[0] else 0.0)
        return bool(np.all(needed <= work.arrived * (1 + 1e-12) + slight) and first <= slight)

    return smallest_enough(enough, -1, 1)


def _cumulative_heads(work: _Work, most: int, at_least: Floats) -> Floats:
    """Fewest heads up to every interval that keep the deadlines and do not fall below `at_least`, at most `most` at once."""
    needed = _latest(work, float(most))
    cap = np.where(work.is_open, float(most), 0.0)
    wish, following = np.empty_like(at_least), 0.0
    for t in range(at_least.size - 1, -1, -1):
        following = max(at_least[t], following)
        wish[t] = following
        following -= cap[t]
    heads, done, total = np.empty_like(at_least), 0.0, 0.0
    for t in range(at_least.size):
        n = max(0.0, np.ceil((needed[t] - done) / work.unit - _SLIGHT), wish[t] - total)
        n = min(n, cap[t])
        total += n
        done = min(done + n * work.unit, work.arrived[t])
        heads[t] = total
    return heads


def _earliest_heads(work: _Work, most: int, total: float) -> Floats:
    """Most heads up to every interval among the profiles with the fewest heads in all: the same problem with time turned round."""
    whole = work.due[-1]
    turned = _Work(
        arrived=whole - np.concatenate([[0.0], work.due[:-1]])[::-1],
        due=whole - np.minimum(np.concatenate([[0.0], work.arrived[:-1]]), whole)[::-1],
        is_open=work.is_open[::-1],
        unit=work.unit,
    )
    heads = _cumulative_heads(turned, most, np.zeros(work.due.size))
    return total - np.concatenate([[0.0], heads[:-1]])[::-1]
