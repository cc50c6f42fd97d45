"""The same rules as the compiled loop, as slowly and plainly as they can be written.

People who are idle equally long (all of them, at the start) are taken in the order in which their skill sets first appear.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.simulate import OVERFLOW, Simulation


@dataclass
class Contact:
    queue: int
    arrived: float
    patience: float
    handle_s: float
    began: float | None = None


@dataclass
class Person:
    skills: dict[int, tuple[float, int]]
    on_queue: list[bool]
    kind: int
    present: bool = False
    busy_until: float | None = None
    idle_since: float = 0.0


def run(plan: Simulation, contacts: list[Contact]) -> None:
    """Sets `began` of every contact that is answered."""
    place = {queue.id: position for position, queue in enumerate(plan.queues)}
    kinds = list(dict.fromkeys(a.skills for a in plan.agents))
    people = [
        Person({place[s.queue]: (s.speed, s.rank) for s in a.skills}, list(a.on_queue), kinds.index(a.skills)) for a in plan.agents
    ]
    moments = {c.arrived for c in contacts} | {i * plan.interval_s for i in range(plan.intervals)}
    moments |= {c.arrived + plan.queues[c.queue].overflow_after_s for c in contacts if plan.queues[c.queue].overflow_after_s < np.inf}
    done: set[float] = set()
    while True:
        ends = {p.busy_until for p in people if p.busy_until is not None}
        later = sorted((moments | ends) - done)
        if not later:
            return
        now = later[0]
        done.add(now)
        for person in people:
            if person.busy_until == now:
                person.busy_until, person.idle_since = None, now
        interval = min(int(now / plan.interval_s), plan.intervals - 1)
        for person in people:
            was, person.present = person.present, person.on_queue[interval]
            if person.present and not was and person.busy_until is None:
                person.idle_since = now
                match(plan, [person], [c for c in contacts if c.arrived < now], now)
        match(plan, people, [c for c in contacts if c.arrived <= now], now)


def match(plan: Simulation, people: list[Person], contacts: list[Contact], now: float) -> None:
    """Give waiting contacts to idle people until nothing more fits."""
    while True:
        waiting = [c for c in contacts if c.began is None and c.arrived + c.patience >= now]
        idle = [p for p in people if p.present and p.busy_until is None]
        pairs = []
        for person in idle:
            for contact in waiting:
                if contact.queue not in person.skills:
                    continue
                speed, rank = person.skills[contact.queue]
                if rank >= OVERFLOW and now < contact.arrived + plan.queues[contact.queue].overflow_after_s:
                    continue
                priority = plan.queues[contact.queue].priority
                pairs.append((priority, rank, contact.arrived, person.idle_since, person.kind, speed, contact, person))
        if not pairs:
            return
        *_, speed, contact, person = min(pairs, key=lambda pair: pair[:5])
        contact.began, person.busy_until = now, now + contact.handle_s / speed
