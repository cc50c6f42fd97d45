"""What is wrong with a file of what planners know ahead, found before anything is forecast; each fault names its place in the file.

A place is the list and the number of the entry, counted from 0, and the field where one is meant: `edits[2].first_day`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from wfm.errors import InvalidInput
from wfm.service.edit_wish import stretch

if TYPE_CHECKING:
    from wfm.service.known_ahead import EditIn, KnownAhead
    from wfm.service.queue_forecast import ForecastTask

MOST_NAMED = 20


def faults_of_file(known: KnownAhead) -> list[str]:
    """What the file shows by itself: edits that say nothing or too much, and names that cannot be told apart."""
    return [*_edits_unclear(known), *_counts_twice(known), *_namesakes(known)]


def faults_with(known: KnownAhead, tasks: Sequence[ForecastTask]) -> list[str]:
    """What shows once the queues and the days of the forecast are known.

    Parameters
    ----------
    tasks
        One for each queue of the history.
    """
    return [*_queues_amiss(known, [task.key for task in tasks]), *_edits_outside(known, {task.key: task for task in tasks})]


def refuse(what: str, faults: Sequence[str]) -> None:
    """Nothing where there is no fault.

    Parameters
    ----------
    what
        What cannot be used, the first line of the message.
    faults
        One sentence each, its place in front.

    Raises
    ------
    InvalidInput
        With all the faults, one a line.
    """
    if faults:
        raise InvalidInput(f"{what}:\n" + "\n".join(f"- {fault}" for fault in faults))


def _edits_unclear(known: KnownAhead) -> Iterator[str]:
    for place, edit in enumerate(known.edits):
        try:
            edit.wish()
        except InvalidInput as error:
            yield f"edits[{place}] ({edit.name}): {error}"


def _counts_twice(known: KnownAhead) -> Iterator[str]:
    seen: dict[tuple[str, str | None], int] = {}
    for place, count in enumerate(known.counts):
        first = seen.setdefault((count.name, count.queue), place)
        if first != place:
            yield f"counts[{place}].name: {count.name!r} for {_whose(count.queue)} is counts[{first}] already; put all its days there"


def _namesakes(known: KnownAhead) -> Iterator[str]:
    """Counts and special days to learn are told apart by their names, where they share a queue."""
    learned = [(place, one) for place, one in enumerate(known.special_days) if one.effect_percent is None]
    for place, count in enumerate(known.counts):
        for other, days in learned:
            if count.name == days.name and (count.queue is None or days.queue in (None, count.queue)):
                whose = _whose(count.queue or days.queue)
                yield (
                    f"counts[{place}].name: {count.name!r} is also the name of special_days[{other}], whose effect is learned, for "
                    f"{whose}; rename one of them, so that forecasts can tell them apart"
                )


def _whose(queue: str | None) -> str:
    return "all queues" if queue is None else f"queue {queue}"


def _queues_amiss(known: KnownAhead, there: Sequence[str]) -> Iterator[str]:
    new = [one.queue for one in known.new_queues]
    for place, key in enumerate(new):
        if key in there or key in new[:place]:
            yield f"new_queues[{place}].queue: {key!r} is there already; give another key"
    named = [(f"new_queues[{place}].similar", one.similar, there) for place, one in enumerate(known.new_queues)]
    named += [(f"special_days[{place}].queue", one.queue, there) for place, one in enumerate(known.special_days) if one.queue is not None]
    named += [(f"counts[{place}].queue", one.queue, there) for place, one in enumerate(known.counts) if one.queue is not None]
    named += [(f"edits[{place}].queue ({one.name})", one.queue, [*there, *new]) for place, one in enumerate(known.edits)]
    named += [(f"families[{place}][{n}]", key, there) for place, family in enumerate(known.families) for n, key in enumerate(family)]
    for where, queue, allowed in named:
        if queue not in allowed:
            yield f"{where}: there is no queue {queue!r}; there are {_listed(allowed)}"


def _listed(keys: Sequence[str]) -> str:
    more = [f"{len(keys) - MOST_NAMED} more"] if len(keys) > MOST_NAMED else []
    return ", ".join([*keys[:MOST_NAMED], *more])


def _edits_outside(known: KnownAhead, tasks: Mapping[str, ForecastTask]) -> Iterator[str]:
    of = {one.queue: tasks[one.similar] for one in known.new_queues if one.similar in tasks} | dict(tasks)
    for place, edit in enumerate(known.edits):
        task = of.get(edit.queue)
        if task is None:
            continue
        begin, end = task.first_day, task.first_day + timedelta(task.days - 1)
        field, day = _beyond(edit, begin, end)
        if day is not None:
            reach = f"the forecast of {edit.queue}, which reaches from {begin} to {end}"
            yield f"edits[{place}].{field} ({edit.name}): {day} lies outside {reach}"
            continue
        try:
            stretch(edit.wish(), task.zone, task.grid.interval_minutes)
        except InvalidInput as error:
            yield f"edits[{place}] ({edit.name}): {error}"


def _beyond(edit: EditIn, begin: date, end: date) -> tuple[str, date | None]:
    """The field that puts the whole edit outside [begin, end], and its day; None where it touches the forecast."""
    if edit.first_day > end:
        return "first_day", edit.first_day
    last = edit.last_day or edit.first_day
    return ("first_day" if edit.last_day is None else "last_day"), last if last < begin else None
