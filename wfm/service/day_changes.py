"""Which small changes of today's shifts serve what is short: a break at another time, somebody who stays longer or comes earlier.

A change is offered where the person breaks no rule by it that was not broken before; the length of the shift is what somebody is asked to
change, so the contract's lengths do not count. The most useful change is taken first, until nothing is short or nothing helps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from wfm.domain import rules
from wfm.domain.roster import Break, RosterProblem, Shift
from wfm.domain.timegrid import zone
from wfm.service.coverage import Coverage, cover, duty_by_kind

MOST_OFFERS = 8
MOST_MINUTES = 120
STEP = timedelta(minutes=30)
BREAK_STEP = timedelta(minutes=15)
MOST_BREAK_MOVE = 4
SHARED_OUT = 12
LEAST_GAIN = 0.12
MOST_TRIED = 24
ASKED_FOR = frozenset({"shift length"})
PRICE_BREAK, PRICE_PERSON, PRICE_HOUR = 0.05, 0.1, 0.2

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Offer:
    """One proposal to one person.

    Parameters
    ----------
    kind
        "break", "longer", "earlier" or "home".
    before, after
        The shift, with its breaks.
    hours
        Hours at work more, or fewer below 0.
    recovered_hours
        Head-hours that are no longer short.
    """

    agent: str
    name: str
    kind: str
    before: Shift
    after: Shift
    hours: float
    recovered_hours: float

    @property
    def moved_break(self) -> tuple[Break, Break] | None:
        """The break that moves: as it was, as it would be."""
        pairs = zip(self.before.breaks, self.after.breaks, strict=False)
        return next(((one, other) for one, other in pairs if one != other), None)


@dataclass(frozen=True, slots=True)
class Covered:
    """Head-hours of a stretch of the day: short over all queues, and on duty that no queue needs."""

    short_hours: float
    spare_hours: float


@dataclass(frozen=True)
class Board:
    """A day and the people on it.

    Parameters
    ----------
    week
        The problem of the whole horizon, for the rules.
    day
        The same over one day, with what is needed now.
    shifts
        Of the whole horizon.
    soonest
        Before it nothing is changed.
    names
        Name by key of the people who may be asked.
    """

    week: RosterProblem
    day: RosterProblem
    shifts: tuple[Shift, ...]
    soonest: datetime
    names: Mapping[str, str]

    @cached_property
    def of_day(self) -> tuple[Shift, ...]:
        """The shifts that lie on the day, wholly or in part."""
        grid = self.day.grid
        return tuple(shift for shift in self.shifts if shift.start < grid.end and grid.begin < shift.end)

    @cached_property
    def open_shifts(self) -> tuple[Shift, ...]:
        """The shifts of people who may be asked that begin on the day and are not over."""
        here, day = zone(self.day.grid.zone_name), self.day.grid.first_day
        return tuple(
            shift
            for shift in self.of_day
            if shift.agent in self.names and shift.start.astimezone(here).date() == day and shift.end >= self.soonest
        )

    @cached_property
    def coverage(self) -> Coverage:
        """How the shifts cover the day."""
        return cover(self.day, self.of_day)

    @cached_property
    def heads(self) -> Mapping[str, Floats]:
        """Heads on duty by queue, whoever is spare among them."""
        return {queue: served + self.coverage.spare_of[queue] for queue, served in self.coverage.served.items()}

    @property
    def rest(self) -> NDArray[np.int64]:
        """The intervals that can still be changed."""
        return np.flatnonzero([start >= self.soonest for start in self.day.grid.local_starts])

    def covered(self, since: datetime) -> Covered:
        """Sums from a moment on."""
        later = np.array([start >= since for start in self.day.grid.local_starts])
        hours = self.day.grid.interval_s / 3600
        short = sum(float(row[later].sum()) for row in self.coverage.missing.values())
        return Covered(short * hours, float(self.coverage.spare[later].sum()) * hours)

    def changed(self, offers: Iterable[Offer]) -> Board:
        """The board with some offers taken."""
        new = {offer.before: offer.after for offer in offers}
        return replace(self, shifts=tuple(new.get(shift, shift) for shift in self.shifts)) if new else self

    def duty(self, shift: Shift) -> Floats:
        """When somebody is on duty, 0 to 1 by interval of the day."""
        rows = list(duty_by_kind(self.day, (shift,)).values())
        return np.asarray(np.sum(rows, axis=0)) if rows else np.zeros(self.day.grid.count)


def smallest_change(board: Board) -> tuple[Offer, ...]:
    """The offers that serve what is short, each person asked once, the most useful first."""
    offers: list[Offer] = []
    for _ in range(MOST_OFFERS):
        best = _best(board, frozenset(offer.agent for offer in offers))
        if best is None:
            break
        offers.append(best)
        board = board.changed([best])
    return tuple(offers)


def go_home(board: Board, asked: frozenset[str]) -> tuple[Offer, ...]:
    """Who of the others may go home early, at most so that nothing more becomes short; those with the longest time first."""
    spare = board.coverage.spare.copy()
    spare[: int(board.rest[0]) if len(board.rest) else len(spare)] = 0.0
    offers: list[Offer] = []
    tried = 0
    for minutes in range(MOST_MINUTES, 0, -30):
        for shift in board.open_shifts:
            after = _cut(shift, minutes)
            if tried >= MOST_TRIED or len(offers) >= MOST_OFFERS or spare.max(initial=0.0) < 1.0 or shift.agent in asked:
                continue
            if after is None or after.end < board.soonest:
                continue
            freed = board.duty(shift) - board.duty(after)
            if (spare + 1e-6 < freed).any() or not _allowed(board, shift, after):
                continue
            tried += 1
            if _gain(board, shift, after) < -0.01:
                continue
            offer = Offer(shift.agent, board.names[shift.agent], "home", shift, after, -minutes / 60, 0.0)
            offers.append(offer)
            asked, spare, board = asked | {shift.agent}, spare - freed, board.changed([offer])
    return tuple(offers)


def _best(board: Board, asked: frozenset[str]) -> Offer | None:
    hours = board.day.grid.interval_s / 3600
    if len(board.rest) == 0 or sum(float(row[board.rest].sum()) for row in board.coverage.missing.values()) * hours < LEAST_GAIN:
        return None
    found: list[tuple[float, Offer]] = []
    for _, price, kind, before, after in sorted(_tried(board, asked), key=lambda one: -one[0])[:SHARED_OUT]:
        gain = _gain(board, before, after)
        if gain >= LEAST_GAIN and gain > price and _allowed(board, before, after):
            more = (after.minutes - before.minutes) / 60
            found.append((gain - price, Offer(before.agent, board.names[before.agent], kind, before, after, more, gain)))
    return max(found, key=lambda one: one[0])[1] if found else None


def _tried(board: Board, asked: frozenset[str]) -> Iterator[tuple[float, float, str, Shift, Shift]]:
    """Changes with the most that each could recover less its price, the price, the kind, and the shift before and after."""
    hours = board.day.grid.interval_s / 3600
    for shift in board.open_shifts:
        mine = [board.coverage.missing[queue] for queue in board.day.agent_of[shift.agent].queues if queue in board.coverage.missing]
        if not mine or shift.agent in asked:
            continue
        short = np.minimum(np.sum(mine, axis=0), 1.0)
        here = board.duty(shift)
        for kind, after in _changes(shift, board.soonest):
            most = float(((board.duty(after) - here) * short).sum()) * hours
            price = PRICE_BREAK if kind == "break" else PRICE_PERSON + PRICE_HOUR * (after.minutes - shift.minutes) / 60
            if most > price:
                yield most - price, price, kind, shift, after


def _changes(shift: Shift, soonest: datetime) -> Iterator[tuple[str, Shift]]:
    for number, pause in enumerate(shift.breaks):
        for step in range(-MOST_BREAK_MOVE, MOST_BREAK_MOVE + 1):
            begin = pause.start + step * BREAK_STEP
            if step and pause.start >= soonest <= begin:
                moved = Break(begin, begin + (pause.end - pause.start), pause.paid)
                yield "break", replace(shift, breaks=(*shift.breaks[:number], moved, *shift.breaks[number + 1 :]))
    for count in range(1, MOST_MINUTES // 30 + 1):
        if shift.end >= soonest:
            yield "longer", replace(shift, end=shift.end + count * STEP)
        if shift.start - count * STEP >= soonest:
            yield "earlier", replace(shift, start=shift.start - count * STEP)


def _cut(shift: Shift, minutes: int) -> Shift | None:
    end = shift.end - timedelta(minutes=minutes)
    return replace(shift, end=end) if end > shift.start and all(pause.end < end for pause in shift.breaks) else None


def _gain(board: Board, before: Shift, after: Shift) -> float:
    """Head-hours that are no longer short."""
    at = np.flatnonzero(board.duty(after) != board.duty(before)).tolist()
    if not at:
        return 0.0
    new = cover(board.day, [after if shift == before else shift for shift in board.of_day], at)
    old = sum(float(row[at].sum()) for row in board.coverage.missing.values())
    return (old - sum(float(row.sum()) for row in new.missing.values())) * board.day.grid.interval_s / 3600


def _allowed(board: Board, before: Shift, after: Shift) -> bool:
    """Whether the person breaks no further rule; nobody else's week changes."""
    alone = replace(board.week, agents=(board.week.agent_of[before.agent],), requirements=())
    mine = [shift for shift in board.shifts if shift.agent == before.agent]
    changed = [after if shift == before else shift for shift in mine]
    old, new = ({line.rule for line in rules.violations(alone, week)} for week in (mine, changed))
    return not new - old - ASKED_FOR
