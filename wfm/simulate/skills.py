"""The event loop for several queues and agents with several skills, compiled.

Events in order of time: the start of an interval (people come and go), the end of a contact, a wait that opens the queue to overflow, an arrival.
Contacts that give up are noticed when they come to the head of their queue: nobody could have taken them in between.

State lives in record arrays, one row a queue, an agent, a group: a tuple of plain arrays costs an atomic reference count at every access.

Arguments that most functions share: `contacts` (arrival, patience, handle time by contact, one queue after the other), `waiting` (indices of contacts
that wait, in the place of their queue), `queues`, `agents`, `groups`, `skill` (groups, queues), `ends` (a heap of agents by the end of their contact).
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
HEAP = np.dtype([("size", "i8")])


@njit(cache=True)
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


@njit(cache=True)
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


@njit(cache=True)
def begin(
    contacts: Any,
    queues: Any,
    agents: Any,
    skill: Any,
    times: Any,
    owners: Any,
    heap: Any,
    counts: Any,
    busy: Any,
    interval_s: float,
    agent: int,
    queue: int,
    contact: int,
    now: float,
) -> None:
    """An agent takes a contact."""
    group = agents[agent].group
    arrived = contacts[contact, 0]
    handle_s = contacts[contact, 2] / skill[group, queue].speed
    record(counts, queue, int(arrived / interval_s), now - arrived, queues[queue].awt_s, True, handle_s)
    add_busy(busy, group, now, now + handle_s, interval_s)
    agents[agent].status = BUSY
    size = heap[0].size
    times[size], owners[size] = now + handle_s, agent
    sift_up(times, owners, size)
    heap[0].size = size + 1


@njit(cache=True)
def give_up(contacts: Any, queues: Any, counts: Any, interval_s: float, queue: int, contact: int, now: float) -> None:
    """A contact left without an answer, at the latest at `now`."""
    arrived = contacts[contact, 0]
    left_after = min(contacts[contact, 1], now - arrived)
    record(counts, queue, int(arrived / interval_s), left_after, queues[queue].awt_s, False, 0.0)


@njit(cache=True)
def somebody_waits(contacts: Any, waiting: Any, queues: Any, counts: Any, interval_s: float, queue: int, now: float) -> bool:
    """Drop those who gave up from the head of a queue; True where somebody still waits."""
    base = queues[queue].first
    while queues[queue].head < queues[queue].tail:
        contact = waiting[base + queues[queue].head]
        if contacts[contact, 0] + contacts[contact, 1] >= now:
            return True
        give_up(contacts, queues, counts, interval_s, queue, contact, now)
        queues[queue].head += 1
    return False


@njit(cache=True)
def next_queue(contacts: Any, waiting: Any, queues: Any, skill: Any, counts: Any, interval_s: float, group: int, now: float) -> int:
    """The queue that an agent of this group takes from: smallest priority class, then rank, then longest wait."""
    best, best_arrived = NOBODY, 0.0
    for queue in range(len(queues)):
        if skill[group, queue].speed == 0.0 or queues[queue].head == queues[queue].tail:
            continue
        if not somebody_waits(contacts, waiting, queues, counts, interval_s, queue, now):
            continue
        arrived = contacts[waiting[queues[queue].first + queues[queue].head], 0]
        rank = skill[group, queue].rank
        if rank >= OVERFLOW and now - arrived < queues[queue].overflow_s:
            continue
        if best != NOBODY:
            ours = (queues[queue].priority, rank, arrived)
            theirs = (queues[best].priority, skill[group, best].rank, best_arrived)
            if ours >= theirs:
                continue
        best, best_arrived = queue, arrived
    return best


@njit(cache=True)
def take_head(waiting: Any, queues: Any, queue: int) -> int:
    """The contact at the head of a queue, taken out of it."""
    contact = waiting[queues[queue].first + queues[queue].head]
    queues[queue].head += 1
    return int(contact)


@njit(cache=True)
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


@njit(cache=True)
def next_opening(contacts: Any, waiting: Any, queues: Any, queue: int) -> float:
    """When the next waiting contact of a queue opens to overflow."""
    queues[queue].opened = max(queues[queue].opened, queues[queue].head)
    if queues[queue].opened >= queues[queue].tail:
        return float(np.inf)
    return float(contacts[waiting[queues[queue].first + queues[queue].opened], 0] + queues[queue].overflow_s)


@njit(cache=True)
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


@njit(cache=True)
def several_queues(
    contacts: Any,
    waiting: Any,
    queues: Any,
    agents: Any,
    groups: Any,
    skill: Any,
    on_queue: Any,
    interval_s: float,
    times: Any,
    owners: Any,
    heap: Any,
    counts: Any,
    busy: Any,
) -> None:
    """Run the horizon: every contact is answered, gives up, or is left at the end."""
    intervals = on_queue.shape[1]
    end, change, overflows = intervals * interval_s, 0, False
    for queue in range(len(queues)):
        overflows = overflows or queues[queue].overflow_s < np.inf
    while True:
        arrival, source, opening, opened = np.inf, NOBODY, np.inf, NOBODY
        for queue in range(len(queues)):
            upcoming = queues[queue].upcoming
            if upcoming < queues[queue].end and contacts[upcoming, 0] < arrival:
                arrival, source = contacts[upcoming, 0], queue
            if overflows:
                moment = next_opening(contacts, waiting, queues, queue)
                if moment < opening:
                    opening, opened = moment, queue
        ending = times[0] if heap[0].size > 0 else np.inf
        boundary = change * interval_s if change < intervals else np.inf
        now = min(min(arrival, opening), min(ending, boundary))
        if now == np.inf:
            break
        agent, queue, contact = NOBODY, NOBODY, NOBODY
        if boundary == now:
            leave(agents, groups, on_queue, change)
            for candidate in range(len(agents)):
                if on_queue[candidate, change] and agents[candidate].status == OFF:
                    queue = next_queue(contacts, waiting, queues, skill, counts, interval_s, agents[candidate].group, now)
                    if queue == NOBODY:
                        make_idle(agents, groups, candidate, now)
                        continue
                    contact = take_head(waiting, queues, queue)
                    begin(contacts, queues, agents, skill, times, owners, heap, counts, busy, interval_s, candidate, queue, contact, now)
            change += 1
            continue
        if ending == now:
            agent = owners[0]
            size = heap[0].size - 1
            heap[0].size = size
            times[0], owners[0] = times[size], owners[size]
            sift_down(times, owners, size)
            if agents[agent].status == LEAVING:
                agents[agent].status = OFF
                continue
            queue = next_queue(contacts, waiting, queues, skill, counts, interval_s, agents[agent].group, now)
            if queue == NOBODY:
                make_idle(agents, groups, agent, now)
                continue
            contact = take_head(waiting, queues, queue)
        elif opening == now:
            queue = opened
            queues[queue].opened += 1
            if not somebody_waits(contacts, waiting, queues, counts, interval_s, queue, now):
                continue
            agent = idle_agent(agents, groups, skill, queue, True)
            if agent == NOBODY:
                continue
            take_from_idle(agents, groups, agent)
            contact = take_head(waiting, queues, queue)
        else:
            queue, contact = source, queues[source].upcoming
            queues[source].upcoming += 1
            if not somebody_waits(contacts, waiting, queues, counts, interval_s, queue, now):
                agent = idle_agent(agents, groups, skill, queue, False)
                if agent == NOBODY and queues[queue].overflow_s == 0.0:
                    agent = idle_agent(agents, groups, skill, queue, True)
            if agent == NOBODY:
                waiting[queues[queue].first + queues[queue].tail] = contact
                queues[queue].tail += 1
                continue
            take_from_idle(agents, groups, agent)
        begin(contacts, queues, agents, skill, times, owners, heap, counts, busy, interval_s, agent, queue, contact, now)
    for queue in range(len(queues)):
        while queues[queue].head < queues[queue].tail:
            give_up(contacts, queues, counts, interval_s, queue, take_head(waiting, queues, queue), end)
