"""What a work rule is, and the register that finds one by its kind.

A `Rule` looks at one agent's tour and says where it is broken. A `TourRule` is a rule that reads the tour day by day: a small state
machine, which the checker walks along a tour and the solver multiplies into the automaton of the week, so that both mean the same. A new
rule is one module in this package with `@standing` (binds everybody) or `@by_kind` (listed in a contract or an agent) and its examples in
the contract tests.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

from wfm import units
from wfm.domain.rules.tour import Day, Setting, Tour, Work

Finding = tuple[str, str]
State = Any
Label = Any


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a tour breaks: whose, when (local, ISO), and what is wrong in words; `cost` is its price, None for a hard rule."""

    rule: str
    agent: str
    when: str
    text: str
    cost: float | None = None

    def __str__(self) -> str:
        return f"{self.agent} {self.when}: {self.text}".lstrip()


class Rule(Protocol):
    """One testable statement about a tour."""

    @property
    def name(self) -> str:
        """What the rule is called in a report."""

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """When and what is wrong, for every place where the rule is broken."""


class TourRule:
    """A rule that reads a tour day by day.

    A subclass tells shifts apart by `label`, starts in the state `start` and moves by `step`, which also says how much of a breach the day
    is (0 for none). A hard rule (`cost` None) forbids every breach, a soft one adds `cost` times the breach to the objective.
    `by_agent` is True where `label` or `step` look at the agent; `start` and `binds` may always do so.
    """

    name: ClassVar[str]
    kind: ClassVar[str] = ""
    by_agent: ClassVar[bool] = False
    cost: float | None = None

    def binds(self, setting: Setting) -> bool:
        """False where the rule can never be broken in this setting."""
        return True

    def label(self, setting: Setting, day: Day, work: Work) -> Hashable:
        """What the rule needs to know of a shift; shifts of one label are the same to it. Never None."""
        return True

    def start(self, setting: Setting) -> Hashable:
        """The state before the first day."""
        return None

    @abstractmethod
    def step(self, setting: Setting, state: State, day: Day, label: Label | None) -> tuple[State, float]:
        """The state after a day with a shift of `label` (None: a day off), and how far the day breaks the rule."""

    @abstractmethod
    def text(self, setting: Setting, state: State, day: Day, label: Label | None) -> str:
        """In words, what is wrong with such a day."""

    def when(self, day: Day) -> str:
        """The day, or the week that ends with it, as people read it."""
        return day.date.isoformat()

    def breaches(self, tour: Tour) -> Iterator[tuple[str, str, float]]:
        """When, what is wrong, and how far, for every day that breaks the rule."""
        setting = tour.setting
        if not self.binds(setting):
            return
        for day, state, label, _, breach in self._walk(tour, setting):
            if breach > 0:
                yield self.when(day), self.text(setting, state, day, label), breach

    def final(self, tour: Tour) -> State:
        """The state after the horizon's last day: what a ledger carries on."""
        *_, (_, _, _, last, _) = self._walk(tour, tour.setting)
        return last

    def _walk(self, tour: Tour, setting: Setting) -> Iterator[tuple[Day, State, Label | None, State, float]]:
        """Every day with the state before it, the shift's label, the state after it and the breach."""
        state = self.start(setting)
        for day, work in zip(setting.days, tour.works, strict=True):
            label = None if work is None else self.label(setting, day, work)
            following, breach = self.step(setting, state, day, label)
            yield day, state, label, following, breach
            state = following

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """When and what is wrong, for every day that breaks the rule."""
        for when, text, _ in self.breaches(tour):
            yield when, text


STANDING: list[Rule] = []
"""Rules that bind everybody, in the order of their modules."""

KINDS: dict[str, type[Any]] = {}
"""Rules that a contract, an agent or a problem may list, by their kind."""

One = TypeVar("One", bound=type[Any])


def standing(rule: One) -> One:
    """Registers a rule that binds everybody."""
    STANDING.append(rule())
    return rule


def by_kind(rule: One) -> One:
    """Registers a rule that is listed, with its own figures, where it shall bind."""
    if not rule.kind or rule.kind in KINDS:
        raise ValueError(f"a rule needs a kind of its own, got {rule.kind!r}")
    KINDS[rule.kind] = rule
    return rule


def checked_cost(rule: Any) -> None:
    """Refuses a price below 0; None stands for a hard rule."""
    if rule.cost is not None:
        units.not_negative(f"cost of {rule.kind}", rule.cost)
