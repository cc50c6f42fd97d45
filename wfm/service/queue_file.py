"""Settings of queues in a JSON file: target, patience, shrinkage table, movable work, by queue.

    {"appointments": {"level": 0.8, "awt_s": 20, "patience_s": 180, "language": "es", "priority": 1,
      "shrinkage_parts": [{"activity": "coaching", "share": 0.05, "weekdays": ["tue", "thu"]}],
      "movable": [{"name": "reminders", "contacts": 400, "aht_s": 240, "from": "09:00", "due": "17:00"}]}}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from wfm import units
from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.domain.movable import MovableWork
from wfm.domain.shrinkage import EVERY_DAY, ShrinkagePart
from wfm.errors import InvalidInput

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TARGET = frozenset(field.name for field in fields(ServiceTarget))
_QUEUE = frozenset(field.name for field in fields(Queue)) - {"id", "target"}
_Made = TypeVar("_Made")


def read_queues(path: Path, other: Queue) -> dict[str, Queue]:
    """Queues by key; what an entry leaves out is as in `other`.

    Raises
    ------
    InvalidInput
        When the file cannot be read, or a field is unknown or out of its bounds; the message names the queue.
    """
    from wfm.service.roster_files import read_json

    content = read_json(path)
    if not isinstance(content, dict) or not all(isinstance(entry, dict) for entry in content.values()):
        raise InvalidInput(f"{path.name} must hold an object with an entry for each queue, each an object of settings")
    return {key: queue_of(key, entry, other) for key, entry in content.items()}


def settings_by_key(path: Path | None, other: Queue) -> Callable[[str], Queue]:
    """Settings of any queue by its key: those of the file, else those of `other`."""
    known = {} if path is None else read_queues(path, other)
    return lambda key: known.get(key) or replace(other, id=key, name=key)


def queue_of(key: str, entry: Mapping[str, Any], other: Queue) -> Queue:
    """One queue from its settings.

    Examples
    --------
    >>> queue = queue_of("q", {"level": 0.9, "movable": [{"name": "calls", "contacts": 9, "aht_s": 60, "from": "9:00", "due": "17:00"}]},
    ...                  Queue("all", "All"))
    >>> queue.target.level, queue.movable[0].due_minutes
    (0.9, 1020)
    """
    unknown = sorted(set(entry) - _TARGET - _QUEUE)
    if unknown:
        raise InvalidInput(f"queue {key} has no setting {unknown[0]!r}; there are {', '.join(sorted(_TARGET | _QUEUE))}")
    settings = {name: getattr(other, name) for name in _QUEUE} | {"name": key} | {k: v for k, v in entry.items() if k in _QUEUE}
    for name in ("name", "skill", "language"):
        if not isinstance(settings[name], str) or not settings[name].strip():
            raise InvalidInput(f"{name} of queue {key} must be text, got {settings[name]!r}")
    settings["channel"] = _channel(key, settings["channel"])
    settings["shrinkage_parts"] = tuple(map(_part, settings["shrinkage_parts"]))
    settings["movable"] = tuple(map(_work, settings["movable"]))
    target = {name: getattr(other.target, name) for name in _TARGET} | {k: v for k, v in entry.items() if k in _TARGET}
    try:
        return Queue(id=key, target=ServiceTarget(**target), **settings)
    except (InvalidInput, TypeError, AttributeError) as error:
        raise InvalidInput(f"queue {key}: {error}") from error


def weekdays(names: Any) -> tuple[int, ...]:
    """Days of the week by their first three letters.

    Examples
    --------
    >>> weekdays(["Mon", "tuesday"])
    (0, 1)
    """
    found = [str(name).strip().lower()[:3] for name in names]
    unknown = [name for name in found if name not in DAY_NAMES]
    if unknown:
        raise InvalidInput(f"a weekday must be one of {', '.join(DAY_NAMES)}, got {unknown[0]!r}")
    return tuple(map(DAY_NAMES.index, found))


def _channel(key: str, value: Any) -> Channel:
    try:
        return Channel(value)
    except ValueError:
        raise InvalidInput(f"channel of queue {key} must be one of {', '.join(Channel)}, got {value!r}") from None


def _part(entry: Any) -> ShrinkagePart:
    return entry if isinstance(entry, ShrinkagePart) else _made(ShrinkagePart, "a line of shrinkage_parts", entry)


def _work(entry: Any) -> MovableWork:
    if isinstance(entry, MovableWork):
        return entry
    clocks = {"from": "from_minutes", "due": "due_minutes"}
    if isinstance(entry, dict):
        entry = {clocks.get(name, name): units.clock_minutes(value) if name in clocks else value for name, value in entry.items()}
    return _made(MovableWork, "an entry of movable", entry)


def _made(kind: type[_Made], what: str, entry: Any) -> _Made:
    if not isinstance(entry, dict):
        raise InvalidInput(f"{what} must be an object, got {entry!r}")
    content = dict(entry) | {"weekdays": weekdays(entry["weekdays"]) if "weekdays" in entry else EVERY_DAY}
    try:
        return kind(**content)
    except TypeError as error:
        raise InvalidInput(f"{what} cannot be read: {str(error).split('__init__() ')[-1]}") from error
