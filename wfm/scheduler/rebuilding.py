"""Large neighbourhoods of exact tours: a few people lose their tours and get new ones, each the best against all others.

Where rules tie days together (runs, forbidden successions, limits of minutes) hardly any small move of `anneal` is legal. A tour built
anew by the dynamic programme of `tours` keeps every rule, however far it lies from the old one.
"""

from __future__ import annotations

import numpy as np

from wfm.domain.rules import TourRule
from wfm.scheduler.cooling import SMALL, cool, unit_of_heat
from wfm.scheduler.instance import Instance
from wfm.scheduler.plan import improve
from wfm.scheduler.search import Search, Watch

PEOPLE = 4
"""People who lose their tours together."""
GROUPS = 16
"""Groups between two looks at the clock."""
ANSWERS = 2
"""Rounds in which a group's people answer one another."""
HOT, COLD = 0.1, 0.01
"""Heat at the start and at the end, in prices of one head that is missing in one interval."""
COOLED = 0.5
"""Share of the time for small moves, which come first."""
COOLED_FROM = 3.0
"""Heat at the start of the small moves of few people: hard rules that tie days together want it higher than elsewhere."""
GROUPS_PER_S = 1_000
"""Groups per second of the limit: about a third of what a core of 2020 does for 20 people and two weeks."""
MOST_PEOPLE = 150
"""With more people a few tours are a small part of the whole, and small moves find what is left."""


def days_are_tied(instance: Instance) -> bool:
    """True where most people, not too many of them, have hard rules beside those that bind everybody."""
    problem = instance.problem
    tied = sum(
        any(isinstance(rule, TourRule) and rule.cost is None for rule in (*problem.contract_of[agent.contract].rules, *agent.rules))
        for agent in problem.agents
    )
    return PEOPLE <= instance.agents <= MOST_PEOPLE and 2 * tied > instance.agents


def cool_and_rebuild(search: Search, limit_s: float) -> None:
    """Small moves, then large neighbourhoods from the best roster that they found, within a limit of `limit_s` seconds together."""
    whole = search.watch
    now = whole.clock()
    search.watch = Watch(whole.clock, now + COOLED * (whole.end - now), whole.cancelled)
    cool(search, COOLED * limit_s, COOLED_FROM if search.instance.agents <= SMALL else None)
    search.polish()
    whole.hurried |= search.watch.hurried or search.watch.late
    search.watch = whole
    search.go_back()
    rebuild(search, (1.0 - COOLED) * limit_s)


def rebuild(search: Search, limit_s: float) -> None:
    """Rebuilds groups of people of the plan of `search`, as many as a limit of `limit_s` seconds allows, keeping every better roster."""
    agents, unit = search.instance.agents, unit_of_heat(search.instance)
    batches = max(int(limit_s * GROUPS_PER_S / GROUPS), 1)
    done = search.watch.hurry(0.0)
    while done < 1.0 and not search.watch.stop():
        heat = unit * HOT * (COLD / HOT) ** done
        groups = np.array([search.rng.choice(agents, PEOPLE, replace=False) for _ in range(GROUPS)])
        improve(search.model, search.plan, groups, ANSWERS, search.room, -heat * np.log(search.rng.random(GROUPS)))
        search.keep()
        done = search.watch.hurry(done + 1.0 / batches)
