"""The fairness ledger: what everybody has had of weekends, lates, nights and holidays, carried from one roster to the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.rules import Tour, rule_from, tours
from wfm.domain.rules.fair_share import COUNTED, FairShare
from wfm.domain.rules.nights import NightsInARow
from wfm.domain.rules.weekends import MostWeekends

Counts = tuple[tuple[str, int], ...]
LATE_END_MINUTES = 20 * 60


def ledger_after(
    problem: RosterProblem, shifts: Sequence[Shift], holidays: Iterable[date] = (), late_end_minutes: int = LATE_END_MINUTES
) -> Mapping[str, Counts]:
    """Everybody's counts once the shifts are worked: for `carried` of the next horizon's agents.

    Counted are "weekends", "lates", "nights" and "holidays" in all, on top of what the agents carry, and what rules need of the days just
    before: "weekends_in_month" and "nights_in_a_row".

    Parameters
    ----------
    problem, shifts
        The roster.
    holidays
        Days that count as holidays.
    late_end_minutes
        End after which a shift is late, minutes after midnight of its day.
    """
    shares = [FairShare(of, 0.0, 0, late_end_minutes, frozenset(holidays)) for of in COUNTED]
    return {name: _counts(tour, shares) for name, tour in tours(problem, shifts).items()}


def _counts(tour: Tour, shares: Sequence[FairShare]) -> Counts:
    found = {rule.of: rule.final(tour).worked for rule in shares}
    found["weekends_in_month"] = MostWeekends(0).final(tour).worked
    found["nights_in_a_row"] = NightsInARow(1).final(tour)
    return tuple(sorted(found.items()))


def carried_on(problem: RosterProblem, ledger: Mapping[str, Counts]) -> RosterProblem:
    """The problem with everybody's counts from a ledger; who is not in it keeps the present ones."""
    return replace(problem, agents=tuple(replace(agent, carried=ledger.get(agent.id, agent.carried)) for agent in problem.agents))


def shared_evenly(problem: RosterProblem, cost: float, counted: Sequence[str] = COUNTED, holidays: Iterable[date] = ()) -> RosterProblem:
    """The problem with a price on unfairness: one more of what is counted costs the more, the more an agent has already.

    Parameters
    ----------
    problem
        Whose agents carry their counts.
    cost
        Price of one more for each that the agent has above the least burdened under the same contract, at least 0.
    counted
        Any of "weekends", "lates", "nights", "holidays".
    holidays
        Days that count as holidays.
    """
    return replace(problem, contracts=tuple(
        replace(contract, rules=(*contract.rules, *_shares(problem, contract.id, cost, counted, sorted(set(holidays)))))
        for contract in problem.contracts
    ))  # fmt: skip


def _shares(problem: RosterProblem, contract: str, cost: float, counted: Sequence[str], holidays: Sequence[date]) -> list[FairShare]:
    people = [dict(agent.carried) for agent in problem.agents if agent.contract == contract]
    found = []
    for of in counted:
        base = min((counts.get(of, 0) for counts in people), default=0)
        rule: FairShare = rule_from({"kind": FairShare.kind, "of": of, "cost": cost, "base": base})
        found.append(replace(rule, dates=frozenset(holidays)))
    return found
