"""The staff of the demo centre: contracts, sites and 120 invented people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

import numpy as np

from data.names import FAMILY, GIVEN
from wfm.domain.demand import Channel, Queue
from wfm.domain.staff import Agent, BreakRule, Contract, DayOffWish, ShiftShape
from wfm.units import MINUTES_PER_DAY

_Thing = TypeVar("_Thing")

WISH_DAYS = 28
WISH_COST = 8.0


@dataclass(frozen=True, slots=True)
class Site:
    """A building with its own wall clock; `states` are those whose licence its nurses hold, its own one first."""

    name: str
    zone: str
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """An agent as the centre knows one.

    Parameters
    ----------
    agent
        What the scheduler needs; its wall clock limits are those of the organisation's zone.
    site
        Name of the site.
    skills, languages
        What the person may take; languages are ISO 639-1 codes.
    licences
        States in which a nurse is licensed; empty for others.
    """

    agent: Agent
    site: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    licences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Group:
    """People with the same skills; `chat` is the share of them who take chats, None stands for the usual mix of windows and contracts."""

    count: int
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    chat: float = 0.6
    window: tuple[int, int] | None = None
    contract: str | None = None


SITES = (
    Site("Houston", "America/Chicago", ("TX", "LA", "OK", "AR", "NM")),
    Site("Kansas City", "America/Chicago", ("MO", "KS", "NE", "IA", "AR")),
    Site("Denver", "America/Denver", ("CO", "WY", "UT", "NM", "KS")),
)
_SITE_SHARES = (0.44, 0.31, 0.25)

# Minutes after midnight of the organisation's clock.
_DAYTIME = (6 * 60 + 30, 22 * 60)
_EARLY = (6 * 60 + 30, 17 * 60 + 30)
_LATE = (10 * 60, 22 * 60)
_NURSE_DAY = (6 * 60, 24 * 60)
_NIGHT = (19 * 60, 32 * 60)
_HABITS = {_DAYTIME: 0.72, _EARLY: 0.16, _LATE: 0.12}

_GROUPS = (
    _Group(24, ("appointments", "refills"), ("en",)),
    _Group(23, ("appointments", "refills"), ("en", "es")),
    _Group(9, ("appointments", "refills"), ("en", "vi"), chat=0.2),
    _Group(7, ("appointments",), ("en",)),
    _Group(12, ("billing",), ("en",), chat=0.8),
    _Group(8, ("billing",), ("en", "es")),
    _Group(6, ("appointments", "billing"), ("en",), chat=1.0),
    _Group(12, ("nurse_triage",), ("en",), window=_NURSE_DAY),
    _Group(6, ("nurse_triage",), ("en",), window=_NIGHT, contract="full_10"),
    _Group(13, ("nurse_triage",), ("en", "es"), window=_NURSE_DAY),
)
_SPEEDS = {1.0: 0.75, 1.1: 0.15, 0.85: 0.10}
_CONTRACT_SHARES = {"full_8": 0.56, "full_10": 0.12, "part_6": 0.12, "part_4": 0.08, "flex": 0.12}


def contracts() -> tuple[Contract, ...]:
    """Full time over five or four days, part time over short days, and a flexible pool."""
    shapes = {
        240: _shape(240, _pause(75, 165)),
        360: _shape(360, _pause(75, 135), _meal(165, 255)),
        480: _shape(480, _pause(75, 165), _meal(195, 315), _pause(345, 435)),
        600: _shape(600, _pause(90, 195), _meal(240, 375), _pause(420, 540)),
    }
    return (
        _contract("full_8", (2_400, 2_400), (5, 5), (shapes[480],)),
        _contract("full_10", (2_400, 2_400), (4, 4), (shapes[600],)),
        _contract("part_6", (1_080, 1_800), (3, 5), (shapes[360],)),
        _contract("part_4", (720, 1_200), (3, 5), (shapes[240],)),
        _contract("flex", (1_080, 1_920), (3, 5), (shapes[360], shapes[480])),
    )


def _shape(paid_minutes: int, *breaks: BreakRule) -> ShiftShape:
    return ShiftShape(paid_minutes, breaks)


def _pause(earliest: int, latest: int) -> BreakRule:
    return BreakRule(15, True, earliest, latest)


def _meal(earliest: int, latest: int) -> BreakRule:
    return BreakRule(30, False, earliest, latest)


def _contract(name: str, week_minutes: tuple[int, int], week_days: tuple[int, int], shapes: tuple[ShiftShape, ...]) -> Contract:
    return Contract(
        name,
        week_minutes,
        week_days,
        shapes,
        latest_end_minutes=MINUTES_PER_DAY + 8 * 60,
        start_step_minutes=30,
        max_consecutive_days=5,
        min_work_stretch_minutes=45,
    )


def people(rng: np.random.Generator, queues: tuple[Queue, ...], last_day: date) -> tuple[Person, ...]:
    """Everybody, in the order of their ids.

    Parameters
    ----------
    rng
        Source of chance.
    queues
        What there is to take.
    last_day
        Last day of the history; wishes for days off lie in the four weeks after it.
    """
    members = [
        (group, group.contract or contract, group.window or window, speed)
        for group in _GROUPS
        for contract, window, speed in zip(
            _spread(rng, _CONTRACT_SHARES, group.count), _spread(rng, _HABITS, group.count), _spread(rng, _SPEEDS, group.count), strict=True
        )
    ]
    names = _names(rng, len(members))
    staff = []
    for k, (group, contract, window, speed) in enumerate(members):
        site, chats = _site(rng, group), rng.random() < group.chat
        earliest, latest = _at_site(site, window)
        queues_of = {queue.id: speed for queue in queues if _may_take(group, queue, chats=chats)}
        agent = Agent(f"a{k + 1:03d}", contract, queues_of, earliest, latest, wishes=_wishes(rng, last_day), name=names[k])
        licences = _licences(rng, site) if "nurse_triage" in group.skills else ()
        staff.append(Person(agent, site.name, group.skills, group.languages, licences))
    return tuple(staff)


def _spread(rng: np.random.Generator, shares: Mapping[_Thing, float], count: int) -> list[_Thing]:
    """`count` things in the given shares, as exactly as can be, shuffled."""
    edges = np.round(np.cumsum(list(shares.values())) * count).astype(int)
    things = [thing for thing, number in zip(shares, np.diff(edges, prepend=0), strict=True) for _ in range(number)]
    return [things[i] for i in rng.permutation(count)]


def _site(rng: np.random.Generator, group: _Group) -> Site:
    """Most people who speak Vietnamese work in Houston."""
    home = "vi" in group.languages and rng.random() < 0.8
    return SITES[0] if home else SITES[int(rng.choice(len(SITES), p=_SITE_SHARES))]


def _may_take(group: _Group, queue: Queue, *, chats: bool) -> bool:
    return queue.skill in group.skills and queue.language in group.languages and (chats or queue.channel is not Channel.CHAT)


def _at_site(site: Site, window: tuple[int, int]) -> tuple[int, int]:
    """Denver's people live an hour behind the organisation's clock; only those who leave early end later by it."""
    behind = 60 if site.zone == "America/Denver" else 0
    return window[0] + behind, min(window[1] + behind, max(window[1], _DAYTIME[1]))


def _wishes(rng: np.random.Generator, last_day: date) -> tuple[DayOffWish, ...]:
    days = rng.choice(WISH_DAYS, int(rng.integers(0, 4)), replace=False)
    return tuple(DayOffWish(last_day + timedelta(1 + int(day)), WISH_COST) for day in sorted(days))


def _licences(rng: np.random.Generator, site: Site) -> tuple[str, ...]:
    further = rng.choice(site.states[1:], int(rng.integers(1, 4)), replace=False)
    return (site.states[0], *sorted(str(state) for state in further))


def _names(rng: np.random.Generator, count: int) -> list[str]:
    """Different names, put together by chance."""
    pairs = rng.permutation(len(GIVEN) * len(FAMILY))[:count]
    return [f"{GIVEN[int(pair) % len(GIVEN)]} {FAMILY[int(pair) // len(GIVEN)]}" for pair in pairs]
