"""A roster problem as arrays: what each agent may do on each day, and which queues each kind of agent serves.

Agents who may do the same things share a **calendar**; agents who serve the same queues at the same speeds are of one **kind**.
A calendar is a layered automaton: one layer per day, one node per state that the rules of the week can tell apart, one action per
kind of day (off, or shifts that are the same to every rule). Every path from the first layer to the last obeys every rule except rest,
which the tour kernel keeps by slots: the thresholds at which the next shift may start. Arcs carry what soft rules cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.rules import Setting, TourRule, Work, rules_of
from wfm.domain.staff import Agent, Contract, ShiftShape
from wfm.scheduler.automaton import Automaton, Labels, RuleTable, build_automaton
from wfm.scheduler.columns import Arc, Column, arcs_of, columns_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

OFF = -1
"""Option number that stands for a day off."""


# columns of the tables below, written out where kernels read them
LENGTH, STRETCH, FIRST, LAST = 0, 1, 2, 3
MINUTES, EARLY, LATE = 0, 1, 2
START, SHAPE, ACTION, SLOT, READY = 0, 1, 2, 3, 4
OPTIONS, OPTIONS_END, NEXT, ACTIONS, OFFS, NODES, SLOTS, NEXT_NODES, NEXT_SLOTS = 0, 1, 2, 3, 4, 5, 6, 7, 8
FIRST_SLOT, BUSY, BUSY_END = 0, 1, 2
KIND, QUEUE = 0, 1
CALENDAR = 1


class Shapes(NamedTuple):
    """Shift shapes in intervals.

    table: shapes by (LENGTH, STRETCH, FIRST, LAST); breaks: rows FIRST to LAST of (MINUTES, EARLY, LATE).
    """

    table: Ints
    breaks: Ints


class Calendars(NamedTuple):
    """Every calendar, one after the other.

    row: calendar * days + day by (OPTIONS, OPTIONS_END, NEXT, ACTIONS, OFFS, NODES, SLOTS, NEXT_NODES, NEXT_SLOTS);
    head: calendars by (FIRST_SLOT, BUSY, BUSY_END); option: options by (START, SHAPE, ACTION, SLOT, READY); cost: paid hours of an
    option; next_node: node after each node and action; arc_cost: what soft rules charge there, of the same length; off_slot: slot
    after a day off; busy: intervals of fixed activities; touched: calendars by intervals, where some option reaches.
    """

    days: int
    row: Ints
    head: Ints
    option: Ints
    cost: Floats
    next_node: Ints
    arc_cost: Floats
    off_slot: Ints
    busy: Ints
    touched: NDArray[np.bool_]


class Cover(NamedTuple):
    """Who serves what.

    A queue of the problem may be several here, one for each span of days between changes of licences and one for its minimum (see
    `columns`). Groups are those of the problem's rules of presence.

    hours: length of an interval; arc: arcs by (KIND, QUEUE), those of kind k are kind_first[k] to kind_first[k + 1]; into: arcs of
    queue q are into[into_first[q] : into_first[q + 1]]; speed: cover per head, by arc; extra: price per hour of a head on an arc, for
    secondary queues; groups of kind k are group[group_first[k] : group_first[k + 1]]; least, most: heads of a group, intervals by groups;
    group_cost: per hour and head outside; even: True where every kind is equally fast on all its queues and no arc has a price.
    """

    hours: float
    over_cost: float
    under_cost: Floats
    kind_first: Ints
    arc: Ints
    speed: Floats
    into_first: Ints
    into: Ints
    extra: Floats
    group_first: Ints
    group: Ints
    least: Floats
    most: Floats
    group_cost: Floats
    even: bool


@dataclass(frozen=True)
class Instance:
    """A problem as the kernels see it.

    Parameters
    ----------
    problem
        Where it comes from.
    shapes, calendars, cover
        The arrays.
    required
        Heads, intervals by queues of the cover.
    queue_of
        Which of the problem's requirements each queue of the cover belongs to.
    agent
        Agents by (KIND, CALENDAR).
    wish
        Price of working, agents by days.
    paid_breaks
        Per shape and break, whether it is paid.
    """

    problem: RosterProblem
    shapes: Shapes
    calendars: Calendars
    cover: Cover
    required: Floats
    queue_of: Ints
    agent: Ints
    wish: Floats
    paid_breaks: tuple[tuple[bool, ...], ...]

    @property
    def intervals(self) -> int:
        """Number of intervals of the horizon."""
        return self.problem.grid.count

    @property
    def most_breaks(self) -> int:
        """Most breaks of any shape, at least 1."""
        return max(int((self.shapes.table[:, LAST] - self.shapes.table[:, FIRST]).max(initial=0)), 1)

    @property
    def agents(self) -> int:
        """Number of agents."""
        return len(self.problem.agents)


def build_instance(problem: RosterProblem, pinned: Sequence[Shift] = ()) -> Instance:
    """The arrays of `problem`; `pinned` shifts are kept to the minute."""
    table = _ShapeTable(problem)
    pins: dict[str, list[Shift]] = {}
    for shift in pinned:
        pins.setdefault(shift.agent, []).append(shift)
    build = _CalendarBuilder(problem, table)
    calendar = [build.number(agent, tuple(pins.get(agent.id, ()))) for agent in problem.agents]
    columns = columns_of(problem)
    cover, kind = _cover(problem, columns)
    required = required_heads(problem, columns)
    queue_of = _ints(column.requirement for column in columns)
    agent = np.array([kind, calendar], dtype=np.int64).T.copy()
    return Instance(problem, table.arrays(), build.arrays(), cover, required, queue_of, agent, _wishes(problem), tuple(table.paid))


def required_heads(problem: RosterProblem, columns: Sequence[Column]) -> Floats:
    """Heads that the problem requires, intervals by queues of the cover."""
    return np.array([column.required for column in columns], dtype=float).reshape(len(columns), problem.grid.count).T.copy()


def _wishes(problem: RosterProblem) -> Floats:
    wish = np.zeros((len(problem.agents), problem.grid.days))
    for k, agent in enumerate(problem.agents):
        for one in agent.wishes:
            day = (one.day - problem.grid.first_day).days
            if 0 <= day < problem.grid.days:
                wish[k, day] += one.cost
    return wish


def _cover(problem: RosterProblem, columns: Sequence[Column]) -> tuple[Cover, list[int]]:
    served = arcs_of(problem, columns)
    groups = [tuple(g for g, rule in enumerate(problem.rules) if rule.belongs(agent)) for agent in problem.agents]
    kinds: dict[tuple[tuple[Arc, ...], tuple[int, ...]], int] = {}
    of_agent = [kinds.setdefault(kind, len(kinds)) for kind in zip(served, groups, strict=True)]
    arcs = [(k, arc) for (serves, _), k in kinds.items() for arc in serves]
    priced = problem.secondary_cost > 0 and any(arc.secondary for _, arc in arcs)
    into = sorted(range(len(arcs)), key=lambda a: arcs[a][1].column)
    least, most = _limits(problem)
    cover = Cover(
        hours=problem.grid.interval_minutes / 60,
        over_cost=float(problem.over_cost),
        under_cost=np.array([column.under_cost for column in columns], dtype=float),
        kind_first=np.cumsum([0, *(len(serves) for serves, _ in kinds)], dtype=np.int64),
        arc=_table([(k, arc.column) for k, arc in arcs], 2),
        speed=np.array([arc.speed for _, arc in arcs], dtype=float),
        into_first=np.searchsorted([arcs[a][1].column for a in into], np.arange(len(columns) + 1)).astype(np.int64),
        into=_ints(into),
        extra=np.array([problem.secondary_cost * arc.secondary for _, arc in arcs], dtype=float),
        group_first=np.cumsum([0, *(len(mine) for _, mine in kinds)], dtype=np.int64),
        group=_ints(g for _, mine in kinds for g in mine),
        least=least,
        most=most,
        group_cost=np.array([rule.cost for rule in problem.rules], dtype=float),
        even=not priced and all(len({arc.speed for arc in serves}) < 2 for serves, _ in kinds),
    )
    return cover, of_agent


def _limits(problem: RosterProblem) -> tuple[Floats, Floats]:
    """Least and most heads of every rule of presence, intervals by rules; a most of a million stands for no limit."""
    clocks = [start.hour * 60 + start.minute for start in problem.grid.local_starts]
    pairs = np.array([[rule.limits(clock) for rule in problem.rules] for clock in clocks], dtype=float)
    pairs = np.minimum(pairs.reshape(problem.grid.count, len(problem.rules), 2), 1e6)
    return pairs[:, :, 0].copy(), pairs[:, :, 1].copy()


class _ShapeTable:
    """All shapes of all contracts, and the exact shapes of pinned shifts, numbered."""

    def __init__(self, problem: RosterProblem) -> None:
        self.step = problem.grid.interval_minutes
        self.rows: list[tuple[int, int, int, tuple[tuple[int, int, int], ...]]] = []
        self.paid: list[tuple[bool, ...]] = []
        self.of_contract = {c.id: [self._add(c, s) for s in _distinct(c)] for c in problem.contracts}

    def _add(self, contract: Contract, shape: ShiftShape) -> int:
        stretch = -(-contract.min_work_stretch_minutes // self.step)
        due = sorted(shape.breaks, key=lambda b: b.earliest_minutes)
        breaks = tuple((b.minutes // self.step, -(-b.earliest_minutes // self.step), b.latest_minutes // self.step) for b in due)
        self.paid.append(tuple(b.paid for b in due))
        self.rows.append((shape.minutes // self.step, shape.paid_minutes, stretch, breaks))
        return len(self.rows) - 1

    def add_pinned(self, like: int, breaks: tuple[tuple[int, int, int], ...]) -> int:
        """A shape of the length of `like` whose breaks cannot move."""
        length, paid, _, _ = self.rows[like]
        self.rows.append((length, paid, 0, breaks))
        self.paid.append(self.paid[like])
        return len(self.rows) - 1

    def fits(self, shape: int) -> bool:
        """True where some placement of the breaks keeps every window and stretch."""
        length, _, stretch, breaks = self.rows[shape]
        at = 0
        for minutes, early, late in breaks:
            begin = max(early, at + stretch)
            if begin > late:
                return False
            at = begin + minutes
        return at + stretch <= length

    def arrays(self) -> Shapes:
        """The table as the kernels read it."""
        first = np.cumsum([0, *(len(row[3]) for row in self.rows)])
        table = [(row[0], row[2], first[i], first[i + 1]) for i, row in enumerate(self.rows)]
        return Shapes(_table(table, 4), _table([b for row in self.rows for b in row[3]], 3))


def _distinct(contract: Contract) -> list[ShiftShape]:
    """Shapes by their length; of two that last equally long the later one counts, as the checker has it."""
    return list({shape.minutes: shape for shape in contract.shifts}.values())


def _ints(values: Any) -> Ints:
    return np.array(list(values), dtype=np.int64)


def _table(rows: Sequence[Any], width: int) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(len(rows), width)


@dataclass
class _Candidates:
    """Shifts that a contract allows before anything is known of the agent, numbered; arrays of one length."""

    number: Ints
    start: Ints
    end: Ints
    shape: Ints
    day: Ints
    start_wall: Ints
    end_wall: Ints


class _CalendarBuilder:
    """Numbers the calendars of agents and writes them into flat arrays."""

    def __init__(self, problem: RosterProblem, table: _ShapeTable) -> None:
        self.problem, self.table, self.grid = problem, table, problem.grid
        self.step = self.grid.interval_minutes
        self.wall = _wall_clock(problem)
        self.candidates = {c.id: self._candidates(c) for c in problem.contracts}
        self.numbers: dict[Any, int] = {}
        self.automata: dict[Any, Automaton] = {}
        self.tables: dict[Any, RuleTable] = {}
        self.columns: dict[Any, list[Any]] = {}
        self.parts: dict[str, list[Any]] = {name: [] for name in Calendars._fields}

    def _candidates(self, contract: Contract) -> _Candidates:
        starts = np.flatnonzero(self.wall[:-1] % 1440 % contract.start_step_minutes == 0)
        rows = []
        for shape in self.table.of_contract[contract.id]:
            if not self.table.fits(shape):
                continue
            ends = starts + self.table.rows[shape][0]
            inside = ends <= self.grid.count
            rows.append((starts[inside], ends[inside], np.full(int(inside.sum()), shape)))
        start, end, shape_of = (np.concatenate([r[i] for r in rows] or [np.zeros(0, np.int64)]) for i in range(3))
        day = self.wall[start] // 1440
        found = _Candidates(start, start, end, shape_of, day, self.wall[start] - 1440 * day, self.wall[end] - 1440 * day)
        keep = (found.start_wall >= contract.earliest_start_minutes) & (found.end_wall <= contract.latest_end_minutes)
        found = _take(found, keep)
        found.number = np.arange(len(found.start))
        return found

    def number(self, agent: Agent, pins: tuple[Shift, ...]) -> int:
        """The calendar of `agent`, made where it is new."""
        key = (
            agent.contract, agent.earliest_start_minutes, agent.latest_end_minutes, agent.days_off, agent.unavailable, agent.fixed,
            agent.last_shift_end, agent.last_shift_start, agent.days_worked_before, agent.rules, agent.carried, pins,
        )
        if key not in self.numbers:
            self.numbers[key] = len(self.numbers)
            self._append(agent, pins)
        return self.numbers[key]

    def _minutes(self, instant: datetime) -> float:
        return (instant - self.grid.begin).total_seconds() / 60

    def _allowed(self, agent: Agent) -> _Candidates:
        found = self.candidates[agent.contract]
        keep = np.ones(len(found.start), dtype=bool)
        if agent.earliest_start_minutes is not None:
            keep &= found.start_wall >= agent.earliest_start_minutes
        if agent.latest_end_minutes is not None:
            keep &= found.end_wall <= agent.latest_end_minutes
        off = [(day - self.grid.first_day).days for day in agent.days_off]
        keep &= ~np.isin(found.day, off)
        begin, end = found.start * self.step, found.end * self.step
        for a, b in agent.unavailable:
            keep &= (begin >= self._minutes(b)) | (end <= self._minutes(a))
        for fixed in agent.fixed:
            first, last = self._minutes(fixed.start), self._minutes(fixed.end)
            keep &= (begin >= last) | (end <= first) | ((begin <= first) & (last <= end))
        return _take(found, keep)

    def _append(self, agent: Agent, pins: tuple[Shift, ...]) -> None:
        contract = self.problem.contract_of[agent.contract]
        found = self._allowed(agent)
        pinned_days = {}
        for pin in pins:
            found, day = self._pin(found, contract, pin)
            pinned_days[day] = True
        order = np.lexsort((found.shape, found.start))
        found = _take(found, order)
        rules = self._rules(agent, contract)
        labels = self._labels(agent, contract, rules, found)
        by_day = [tuple(dict.fromkeys(labels[o] for o in np.flatnonzero(found.day == d))) for d in range(self.grid.days)]
        automaton = self._automaton(agent, contract, rules, by_day, frozenset(pinned_days))
        numbers = [{one: i + 1 for i, one in enumerate(day)} for day in by_day]
        number = [numbers[d][one] for d, one in zip(found.day, labels, strict=True)]
        self._write(agent, contract, found, number, automaton)

    def _rules(self, agent: Agent, contract: Contract) -> tuple[TourRule, ...]:
        setting = Setting(self.grid, agent, contract)
        return tuple(rule for rule in rules_of(agent, contract) if isinstance(rule, TourRule) and rule.binds(setting))

    def _labels(self, agent: Agent, contract: Contract, rules: tuple[TourRule, ...], found: _Candidates) -> list[Labels]:
        """What every rule sees of each candidate."""
        columns = []
        for rule in rules:
            if rule.by_agent:
                columns.append(self._column(rule, Setting(self.grid, agent, contract), found))
                continue
            key = (contract.id, rule)
            if key not in self.columns:
                self.columns[key] = self._column(rule, Setting(self.grid, agent, contract), self.candidates[contract.id])
            everybody = self.columns[key]
            columns.append([everybody[i] for i in found.number])
        return list(zip(*columns, strict=True))

    def _column(self, rule: TourRule, setting: Setting, found: _Candidates) -> list[Any]:
        works = zip(
            found.start_wall.tolist(), found.end_wall.tolist(), [self.table.rows[s][1] for s in found.shape],
            (found.start * self.step).tolist(), (found.end * self.step).tolist(), strict=True,
        )  # fmt: skip
        days = setting.days
        return [rule.label(setting, days[d], Work(*work)) for d, work in zip(found.day.tolist(), works, strict=True)]

    def _pin(self, found: _Candidates, contract: Contract, pin: Shift) -> tuple[_Candidates, int]:
        start, end = self.grid.index(pin.start), self.grid.index(pin.end)
        like = next(s for s in self.table.of_contract[contract.id] if self.table.rows[s][0] == end - start)
        places = [(self.grid.index(b.end) - self.grid.index(b.start), self.grid.index(b.start) - start) for b in pin.breaks]
        breaks = tuple((minutes, place, place) for minutes, place in places)
        number = self.table.add_pinned(like, breaks)
        day = int(self.wall[start] // 1440)
        same = np.flatnonzero((found.start == start) & (found.end == end))
        keep = (found.day != day) & ((found.start >= end) | (found.end <= start))
        keep[same] = True
        found = _take(found, keep)
        found.shape[(found.start == start) & (found.end == end)] = number
        return found, day

    def _automaton(
        self, agent: Agent, contract: Contract, rules: tuple[TourRule, ...], by_day: list[tuple[Labels, ...]], pinned: frozenset[int]
    ) -> Automaton:
        setting = Setting(self.grid, agent, contract)
        start = tuple(rule.start(setting) for rule in rules)
        by_agent = agent.id if any(rule.by_agent for rule in rules) else None
        key = (contract.id, rules, start, tuple(by_day), pinned, by_agent)
        if key not in self.automata:
            tables = [self._table(rule, setting) for rule in rules]
            first = [table.number(state) for table, state in zip(tables, start, strict=True)]
            self.automata[key] = build_automaton(setting.days, tables, first, by_day, pinned)
        return self.automata[key]

    def _table(self, rule: TourRule, setting: Setting) -> RuleTable:
        if rule.by_agent:
            return RuleTable(rule, setting)
        return self.tables.setdefault((setting.contract.id, rule), RuleTable(rule, setting))

    def _write(
        self, agent: Agent, contract: Contract, found: _Candidates, number: list[int], automaton: Automaton
    ) -> None:
        rest = contract.min_rest_minutes
        ready = found.end + -(-rest // self.step)
        first_ready = 0
        if agent.last_shift_end is not None:
            first_ready = int(-((-self._minutes(agent.last_shift_end) - rest) // self.step))
        slots = _slots(found, ready, first_ready, [a for a, _ in self.grid.day_bounds])
        parts = self.parts
        for day, table in enumerate(automaton.next_node):
            here = np.flatnonzero(found.day == day)
            begin = len(parts["option"])
            columns = (
                found.start[here], found.shape[here], [number[o] for o in here], np.searchsorted(slots[day], found.start[here]),
                np.searchsorted(slots[day + 1], ready[here]),
            )
            counts = (*automaton.node_count[day : day + 2], len(slots[day]), len(slots[day + 1]))
            parts["row"].append(
                (begin, begin + len(here), len(parts["next_node"]), table.shape[1], len(parts["off_slot"]), counts[0], counts[2],
                 counts[1], counts[3])
            )
            parts["option"].extend(zip(*columns, strict=True))
            parts["cost"].extend(self.table.rows[s][1] / 60 * contract.cost_per_hour for s in found.shape[here])
            parts["off_slot"].extend(np.searchsorted(slots[day + 1], slots[day]))
            parts["next_node"].extend(table.ravel())
            parts["arc_cost"].extend(automaton.arc_cost[day].ravel())
        parts["touched"].append(self._touched(found))
        busy = self._busy(agent)
        parts["head"].append((int(np.searchsorted(slots[0], first_ready)), len(parts["busy"]), len(parts["busy"]) + len(busy)))
        parts["busy"].extend(busy)

    def _touched(self, found: _Candidates) -> NDArray[np.bool_]:
        edges = np.zeros(self.grid.count + 1, dtype=np.int64)
        np.add.at(edges, found.start, 1)
        np.add.at(edges, found.end, -1)
        return np.asarray(np.cumsum(edges)[:-1] > 0)

    def _busy(self, agent: Agent) -> list[int]:
        found: set[int] = set()
        for fixed in agent.fixed:
            low, high = int(self._minutes(fixed.start) // self.step), int(-(-self._minutes(fixed.end) // self.step))
            found.update(range(max(low, 0), min(high, self.grid.count)))
        return sorted(found)

    def arrays(self) -> Calendars:
        """All calendars as the kernels read them."""
        parts = self.parts
        return Calendars(
            days=self.grid.days,
            row=_table(parts["row"], 9),
            head=_table(parts["head"], 3),
            option=_table(parts["option"], 5),
            cost=np.array(parts["cost"], dtype=float),
            next_node=_ints(parts["next_node"]),
            arc_cost=np.array(parts["arc_cost"], dtype=float),
            off_slot=_ints(parts["off_slot"]),
            busy=_ints(parts["busy"]),
            touched=np.array(parts["touched"], dtype=np.bool_).reshape(len(parts["head"]), self.grid.count),
        )


def _take(found: _Candidates, keep: Any) -> _Candidates:
    return _Candidates(**{part.name: getattr(found, part.name)[keep] for part in fields(_Candidates)})


def _wall_clock(problem: RosterProblem) -> Ints:
    """Local minutes since the first midnight, at every boundary of the grid (count + 1)."""
    grid = problem.grid
    first = grid.first_day.toordinal()
    local = [*grid.local_starts, grid.end.astimezone(grid.local_starts[0].tzinfo)]
    return _ints((t.toordinal() - first) * 1440 + t.hour * 60 + t.minute for t in local)


def _slots(found: _Candidates, ready: Ints, first_ready: int, day_begin: Sequence[int]) -> list[Ints]:
    """Thresholds of the earliest next start, per layer: the day's starts and whatever a late end carries past them."""
    layers: list[Ints] = []
    carried = np.array([first_ready], dtype=np.int64)
    for day, begin in enumerate(day_begin):
        here = found.day == day
        starts = np.unique(found.start[here]) if here.any() else np.array([begin], dtype=np.int64)
        late = np.unique(carried[carried > starts[-1]])
        layers.append(np.concatenate([starts, late]))
        carried = np.concatenate([late, ready[here]])
    layers.append(np.array([np.iinfo(np.int64).max]))
    return layers
