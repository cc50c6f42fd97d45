"""Every shift that a contract allows, whoever works it, with breaks where they cost least."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.staff import Agent
from wfm.scheduler.instance import LENGTH, OPTIONS, OPTIONS_END, SHAPE, START, Floats, Ints, build_instance
from wfm.scheduler.plan import Flags, make_model, make_room
from wfm.scheduler.replies import lay_options
from wfm.scheduler.result import shift_of_option


@dataclass(frozen=True)
class Choices:
    """Some shifts of one contract.

    Parameters
    ----------
    option
        Their numbers.
    day
        Number of the local day on which each starts, from 0.
    start, length
        First interval, and how many.
    breaks
        Intervals in which their breaks start, a row per shift.
    duty
        Intervals on queue, a row of flags per shift.
    """

    option: Ints
    day: Ints
    start: Ints
    length: Ints
    breaks: Ints
    duty: Flags


class Menu:
    """The shifts of every contract of a problem.

    Parameters
    ----------
    problem
        Where contracts and grid come from.
    """

    def __init__(self, problem: RosterProblem) -> None:
        anybody = tuple(Agent(contract.id, contract.id, {}) for contract in problem.contracts)
        self.instance = build_instance(replace(problem, agents=anybody))
        self.model, self.room = make_model(self.instance), make_room(self.instance)
        self.calendar = {agent.id: int(self.instance.agent[k, 1]) for k, agent in enumerate(anybody)}

    def options(self, contract: str, first: int, last: int) -> Ints:
        """Options of a contract that are on duty or on a break in some interval of [first, last)."""
        calendars = self.instance.calendars
        row = self.calendar[contract] * calendars.days
        every = np.arange(calendars.row[row, OPTIONS], calendars.row[row + calendars.days - 1, OPTIONS_END])
        start = calendars.option[every, START]
        end = start + self.instance.shapes.table[calendars.option[every, SHAPE], LENGTH]
        return np.asarray(every[(start < last) & (end > first)])

    def choices(self, option: Ints, gain: Floats) -> Choices:
        """These options with their breaks where they cost least at `gain` (worth of every interval on queue)."""
        calendars, grid = self.instance.calendars, self.instance.problem.grid
        breaks = np.zeros((len(option), self.instance.most_breaks), np.int64)
        duty = np.zeros((len(option), self.instance.intervals), np.bool_)
        lay_options(self.model, option, gain, self.room, breaks, duty)
        start = calendars.option[option, START]
        day = np.searchsorted([first for first, _ in grid.day_bounds], start, side="right") - 1
        return Choices(option, day, start, self.instance.shapes.table[calendars.option[option, SHAPE], LENGTH], breaks, duty)

    def shift(self, agent: str, choices: Choices, i: int) -> Shift:
        """Choice `i` as a shift of `agent`."""
        return shift_of_option(self.instance, agent, int(choices.option[i]), choices.breaks[i].tolist())

    def cost(self, choices: Choices) -> Floats:
        """Price of the paid hours of each choice."""
        return np.asarray(self.instance.calendars.cost[choices.option])
