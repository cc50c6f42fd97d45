"""The event loop for several queues and agents with several skills, compiled.

Events in order of time: the start of an interval (people come and go), the end of a contact, a wait that opens the queue to overflow, an
arrival. Contacts that give up are noticed when they come to the head of their queue: nobody could have taken them in between.

State lives in record arrays, one row a queue, an agent, a group: a tuple of arrays costs an atomic reference count at every access.

Arguments that the functions share, in this order: `contacts` (arrival, patience, handle time; one queue after the other), `waiting` (the
contacts that wait, in the place of their queue), `queues`, `agents`, `groups`, `skill` (groups, queues), `times` and `owners` (a heap of
agents by the end of their contact), `clock` (one row), `counts` and `busy` (what is measured).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from wfm.simulate.kernels import NOBODY, add_busy, record, sift_down, sift_up
from wfm.simulate.model import OVERFLOW

OFF, IDLE, BUSY, LEAVING = range(4)

QUEUE = np.dtype(
    [
        ("first", "i8"),
        ("upcoming", "i8"),
        ("end", "i8"),
        ("head", "i8"),
        ("tail", "i8"),
        ("opened", "i8"),
        ("priority", "i8"),
        ("awt_s", "f8"),
        ("overflow_s", "f8"),
    ]
)
AGENT = np.dtype([("group", "i8"), ("status", "i8"), ("idle_since", "f8"), ("before", "i8"), ("after", "i8")])
GROUP = np.dtype([("longest", "i8"), ("latest", "i8")])
SKILL = np.dtype([("speed", "f8"), ("rank", "i8")])
CLOCK = np.dtype([("now", "f8"), ("interval_s", "f8"), ("in_hand", "i8"), ("change", "i8"), ("overflows", "i8")])


@njit(cache=True, inline="always")
def make_idle(agents: Any, groups: Any, agent: int, now: float) -> None:
    """Put an agent at the end of the idle list of the group."""
    group = agents[agent].group
    agents[agent].status = IDLE
    agents[agent].idle_since = now
    last = groups[group].latest
    agents[agent].before = last
    agents[agent].after = NOBODY
    if last == NOBODY:
        groups[group].longest = agent
    else:
        agents[last].after = agent
    groups[group].latest = agent


@njit(cache=True, inline="always")
def take_from_idle(agents: Any, groups: Any, agent: int) -> None:
    """Take an agent out of the idle list of the group."""
    group, earlier, later = agents[agent].group, agents[agent].before, agents[agent].after
    if earlier == NOBODY:
        groups[group].longest = later
    else:
        agents[earlier].after = later
    if later == NOBODY:
        groups[group].latest = earlier
    else:
        agents[later].before = earlier


@njit(cache=True, inline="always")
def begin(
    contacts: Any,
    queues: Any,
    agents: Any,
    skill: Any,
    times: Any,
    owners: Any,
    clock: Any,
    counts: Any,
    busy: Any,
    agent: int,
    queue: int,
    contact: int,
) -> None:
    """An agent takes a contact."""
    now, interval_s, group, size = clock[0].now, clock[0].interval_s, agents[agent].group, clock[0].in_hand
    arrived = contacts[contact, 0]
    handle_s = contacts[contact, 2] / skill[group, queue].speed
    record(counts, queue, int(arrived / interval_s), now - arrived, queues[queue].awt_s, True, handle_s)
    add_busy(busy, group, now, now + handle_s, interval_s)
    agents[agent].status = BUSY
    times[size], owners[size] = now + handle_s, agent
    sift_up(times, owners, size)
    clock[0].in_hand = size + 1


@njit(cache=True, inline="always")
def give_up(contacts: Any, queues: Any, clock: Any, counts: Any, queue: int, contact: int) -> None:
    """A contact left without an answer, at the latest now."""
    arrived = contacts[contact, 0]
    left_after = min(contacts[contact, 1], clock[0].now - arrived)
    record(counts, queue, int(arrived / clock[0].interval_s), left_after, queues[queue].awt_s, False, 0.0)


@njit(cache=True, inline="always")
def somebody_waits(contacts: Any, waiting: Any, queues: Any, clock: Any, counts: Any, queue: int) -> bool:
    """Drop those who gave up from the head of a queue; True where somebody still waits."""
    while queues[queue].head < queues[queue].tail:
        contact = waiting[queues[queue].first + queues[queue].head]
        if contacts[contact, 0] + contacts[contact, 1] >= clock[0].now:
            return True
        give_up(contacts, queues, clock, counts, queue, contact)
        queues[queue].head += 1
    return False


@njit(cache=True, inline="always")
def next_queue(contacts: Any, waiting: Any, queues: Any, skill: Any, clock: Any, counts: Any, group: int) -> int:
    """The queue that an agent of this group takes from: smallest priority class, then rank, then longest wait."""
    best, best_arrived = NOBODY, 0.0
    for queue in range(len(queues)):
        if skill[group, queue].speed == 0.0 or not somebody_waits(contacts, waiting, queues, clock, counts, queue):
            continue
        arrived = contacts[waiting[queues[queue].first + queues[queue].head], 0]
        rank = skill[group, queue].rank
        if rank >= OVERFLOW and clock[0].now < arrived + queues[queue].overflow_s:
            continue
        ours = (queues[queue].priority, rank, arrived)
        if best == NOBODY or ours < (queues[best].priority, skill[group, best].rank, best_arrived):
            best, best_arrived = queue, arrived
    return best


@njit(cache=True, inline="always")
def take_head(waiting: Any, queues: Any, queue: int) -> int:
    """The contact at the head of a queue, taken out of it."""
    contact = waiting[queues[queue].first + queues[queue].head]
    queues[queue].head += 1
    return int(contact)


@njit(cache=True, inline="always")
def idle_agent(agents: Any, groups: Any, skill: Any, queue: int, overflow: bool) -> int:
    """The idle agent who should take a contact: best rank first, then idle longest."""
    best, best_rank = NOBODY, 0
    for group in range(len(groups)):
        agent = groups[group].longest
        if agent == NOBODY or skill[group, queue].speed == 0.0:
            continue
        rank = skill[group, queue].rank
        if (rank >= OVERFLOW) != overflow:
            continue
        if best == NOBODY or rank < best_rank or (rank == best_rank and agents[agent].idle_since < agents[best].idle_since):
            best, best_rank = agent, rank
    return best


@njit(cache=True, inline="always")
def leave(agents: Any, groups: Any, on_queue: Any, interval: int) -> None:
    """Those whose time on queue ends go, after the contact in hand."""
    for agent in range(len(agents)):
        status = agents[agent].status
        if on_queue[agent, interval]:
            if status == LEAVING:
                agents[agent].status = BUSY
        elif status == IDLE:
            take_from_idle(agents, groups, agent)
            agents[agent].status = OFF
        elif status == BUSY:
            agents[agent].status = LEAVING


@njit(cache=True, inline="always")
def become_free(
    contacts: Any,
    waiting: Any,
    queues: Any,
    agents: Any,
    groups: Any,
    skill: Any,
    times: Any,
    owners: Any,
    clock: Any,
    counts: Any,
    busy: Any,
    agent: int,
) -> None:
    """A free agent takes the next contact, or waits for one."""
    queue = next_queue(contacts, waiting, queues, skill, clock, counts, agents[agent].group)
    if queue == NOBODY:
        make_idle(agents, groups, agent, clock[0].now)
    else:
        begin(contacts, queues, agents, skill, times, owners, clock, counts, busy, agent, queue, take_head(waiting, queues, queue))


@njit(cache=True, inline="always")
def end_contact(agents: Any, times: Any, owners: Any, clock: Any) -> int:
    """The contact that ends first is over; the agent who is free now, or NOBODY where that agent leaves."""
    agent = owners[0]
    size = clock[0].in_hand - 1
    clock[0].in_hand = size
    times[0], owners[0] = times[size], owners[size]
    sift_down(times, owners, size)
    if agents[agent].status == LEAVING:
        agents[agent].status = OFF
        return NOBODY
    return int(agent)


@njit(cache=True, inline="always")
def open_to_overflow(
    contacts: Any,
    waiting: Any,
    queues: Any,
    agents: Any,
    groups: Any,
    skill: Any,
    times: Any,
    owners: Any,
    clock: Any,
    counts: Any,
    busy: Any,
    queue: int,
) -> None:
    """The next waiting contact has waited long enough for anybody with the skill."""
    queues[queue].opened += 1
    if not somebody_waits(contacts, waiting, queues, clock, counts, queue) or queues[queue].head >= queues[queue].opened:
        return  # the one who has waited long enough gave up
    agent = idle_agent(agents, groups, skill, queue, True)
    if agent != NOBODY:
        take_from_idle(agents, groups, agent)
        begin(contacts, queues, agents, skill, times, owners, clock, counts, busy, agent, queue, take_head(waiting, queues, queue))


@njit(cache=True, inline="always")
def arrive(
    contacts: Any,
    waiting: Any,
    queues: Any,
    agents: Any,
    groups: Any,
    skill: Any,
    times: Any,
    owners: Any,
    clock: Any,
    counts: Any,
    busy: Any,
    queue: int,
) -> None:
    """The next contact of a queue is taken at once, or waits."""
    contact, agent = queues[queue].upcoming, NOBODY
    queues[queue].upcoming += 1
    if not somebody_waits(contacts, waiting, queues, clock, counts, queue):
        agent = idle_agent(agents, groups, skill, queue, False)
    if agent == NOBODY and queues[queue].overflow_s == 0.0:
        agent = idle_agent(agents, groups, skill, queue, True)
    if agent == NOBODY:
        waiting[queues[queue].first + queues[queue].tail] = contact
        queues[queue].tail += 1
    else:
        take_from_idle(agents, groups, agent)
        begin(contacts, queues, agents, skill, times, owners, clock, counts, busy, agent, queue, contact)


@njit(cache=True, inline="always")
def next_opening(contacts: Any, waiting: Any, queues: Any) -> tuple[float, int]:
    """When a waiting contact opens to overflow, and of which queue."""
    best, source = np.inf, NOBODY
    for queue in range(len(queues)):
        queues[queue].opened = max(queues[queue].opened, queues[queue].head)
        if queues[queue].opened < queues[queue].tail:
            moment = contacts[waiting[queues[queue].first + queues[queue].opened], 0] + queues[queue].overflow_s
            if moment < best:
                best, source = moment, queue
    return best, source


@njit(cache=True, inline="always")
def next_arrival(contacts: Any, queues: Any) -> tuple[float, int]:
    """When the next contact arrives, and in which queue."""
    best, source = np.inf, NOBODY
    for queue in range(len(queues)):
        upcoming = queues[queue].upcoming
        if upcoming < queues[queue].end and contacts[upcoming, 0] < best:
            best, source = contacts[upcoming, 0], queue
    return best, source


@njit(cache=True, inline="always")
def several_queues(
    contacts: Any,
    waiting: Any,
    queues: Any,
    agents: Any,
    groups: Any,
    skill: Any,
    times: Any,
    owners: Any,
    clock: Any,
    counts: Any,
    busy: Any,
    on_queue: Any,
) -> None:
    """Run the horizon: every contact is answered, gives up, or is left at the end."""
    interval_s, intervals, opening, opened = clock[0].interval_s, on_queue.shape[1], np.inf, NOBODY
    arrival, source = next_arrival(contacts, queues)
    while True:
        ending = times[0] if clock[0].in_hand > 0 else np.inf
        change = clock[0].change
        boundary = change * interval_s if change < intervals else np.inf
        if clock[0].overflows:
            opening, opened = next_opening(contacts, waiting, queues)
        now = min(min(arrival, opening), min(ending, boundary))
        if now == np.inf:
            break
        clock[0].now = now
        if boundary == now:
            leave(agents, groups, on_queue, change)
            for agent in range(len(agents)):
                if on_queue[agent, change] and agents[agent].status == OFF:
                    become_free(contacts, waiting, queues, agents, groups, skill, times, owners, clock, counts, busy, agent)
            clock[0].change = change + 1
        elif ending == now:
            agent = end_contact(agents, times, owners, clock)
            if agent != NOBODY:
                become_free(contacts, waiting, queues, agents, groups, skill, times, owners, clock, counts, busy, agent)
        elif opening == now:
            open_to_overflow(contacts, waiting, queues, agents, groups, skill, times, owners, clock, counts, busy, opened)
        else:
            arrive(contacts, waiting, queues, agents, groups, skill, times, owners, clock, counts, busy, source)
            arrival, source = next_arrival(contacts, queues)
    clock[0].now = max(clock[0].now, intervals * interval_s)
    for queue in range(len(queues)):
        while queues[queue].head < queues[queue].tail:
            give_up(contacts, queues, clock, counts, queue, take_head(waiting, queues, queue))
