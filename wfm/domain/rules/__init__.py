"""Work rules as data: each finds its own violations, in words for people.

The checker, the editor's warnings and the check of swaps all go through `violations`; the solver multiplies the same rules into its
automaton. Every module of this package registers its rules when it is found here: a new rule touches its own module and its test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules

from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.rules.base import KINDS, STANDING, Finding, Rule, TourRule, Violation
from wfm.domain.rules.data import rule_document, rule_from
from wfm.domain.rules.presence import PresenceRule, presence_prices
from wfm.domain.rules.tour import Day, Setting, Tour, Work, broken_wishes, on_duty, paid_minutes
from wfm.domain.staff import Agent, Contract

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")

RULES: tuple[Rule, ...] = tuple(STANDING)
"""The rules that bind everybody."""

__all__ = [
    "KINDS",
    "RULES",
    "Day",
    "Finding",
    "PresenceRule",
    "Rule",
    "Setting",
    "Tour",
    "TourRule",
    "Violation",
    "Work",
    "broken_wishes",
    "on_duty",
    "paid_minutes",
    "presence_prices",
    "prices",
    "rule_document",
    "rule_from",
    "rules_of",
    "tours",
    "violations",
]


def rules_of(agent: Agent, contract: Contract) -> tuple[Rule, ...]:
    """Every rule that binds an agent: those of everybody, of the contract, and the agent's own."""
    return (*RULES, *contract.rules, *agent.rules)


def tours(problem: RosterProblem, shifts: Sequence[Shift]) -> Mapping[str, Tour]:
    """Every agent's tour, those without a shift included."""
    mine: dict[str, list[Shift]] = {agent.id: [] for agent in problem.agents}
    for shift in sorted(shifts, key=lambda shift: shift.start):
        if shift.agent in mine:
            mine[shift.agent].append(shift)
    return {
        agent.id: Tour(problem.grid, agent, problem.contract_of[agent.contract], tuple(mine[agent.id])) for agent in problem.agents
    }


def violations(problem: RosterProblem, shifts: Sequence[Shift], rules: Sequence[Rule] | None = None) -> tuple[Violation, ...]:
    """Every hard rule that the shifts break, agent by agent; a shift of somebody unknown included.

    Parameters
    ----------
    problem, shifts
        What is judged.
    rules
        Only these, whomever they bind; None for all that bind each agent.
    """
    known = problem.agent_of
    strangers = [Violation("agent", shift.agent, shift.start.isoformat(), "no such agent") for shift in shifts if shift.agent not in known]
    found = [
        Violation(rule.name, name, when, text)
        for name, tour in tours(problem, shifts).items()
        for rule in _binding(tour, rules)
        if _cost(rule) is None
        for when, text in rule.findings(tour)
    ]
    return (*strangers, *found)


def prices(tour: Tour, rules: Sequence[Rule] | None = None) -> tuple[Violation, ...]:
    """Every soft rule that a tour breaks, with its cost in the objective."""
    soft = [rule for rule in _binding(tour, rules) if isinstance(rule, TourRule) and rule.cost is not None]
    return tuple(
        Violation(rule.name, tour.agent.id, when, text, float(rule.cost or 0.0) * breach)
        for rule in soft
        for when, text, breach in rule.breaches(tour)
    )


def _binding(tour: Tour, rules: Sequence[Rule] | None) -> Iterable[Rule]:
    return rules_of(tour.agent, tour.contract) if rules is None else rules


def _cost(rule: Rule) -> float | None:
    return rule.cost if isinstance(rule, TourRule) else None
