"""What special days and counts do to a forecast, in plain words, for the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

LEAST = 0.0005  # a change that rounds to 0.0 % is not worth a word
MOST_NAMED = 5
FEW_SPANS = 3
LEAST_DAYS = 28  # as drivers.LEAST_DAYS: the command line loads no models

Effects = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """What planners told, one line each; both empty where they told nothing.

    Parameters
    ----------
    moving
        Special days and counts that the forecast follows: name, change in per cent, days, queues.
    unused
        Those it does not follow, and why.
    """

    moving: tuple[str, ...]
    unused: tuple[str, ...]


def in_words(effects: Mapping[str, Effects]) -> Told:
    """The effects of every queue's report; what is the same for several queues is told once.

    Parameters
    ----------
    effects
        By queue, as in the report of its forecast: `name`, `kind` (typed, learned, driver), `used`, `days`, `shares`, `error_with` and
        `error_without` (shares; None where nothing could be tried).

    Examples
    --------
    >>> flu = {"name": "Flu letter", "kind": "typed", "used": True, "days": ["2026-06-09", "2026-06-10"], "shares": [0.2, 0.2]}
    >>> in_words({"visits": [flu], "bills": []}).moving
    ('Flu letter: +20 % on 2026-06-09 to 2026-06-10, as typed (visits)',)
    """
    moving: dict[str, list[str]] = {}
    unused: dict[str, list[str]] = {}
    for queue, told in effects.items():
        for one in told:
            words, lines = (_moved(one), moving) if one["used"] else (_reason(one), unused)
            if words:
                lines.setdefault(f"{one['name']}: {words}", []).append(queue)
    return Told(*(tuple(f"{words} ({_queues(keys, len(effects))})" for words, keys in lines.items()) for lines in (moving, unused)))


def _moved(one: Mapping[str, Any]) -> str:
    """The change and its days; empty for special days that have passed."""
    changed = [(date.fromisoformat(day), share) for day, share in zip(one["days"], one["shares"], strict=True) if abs(share) >= LEAST]
    if one["kind"] == "driver":
        return _by_count(changed)
    if not changed:
        return ""
    source = "as typed" if one["kind"] == "typed" else "learned from past days of that name"
    spans = _spans(changed)
    if len(spans) <= FEW_SPANS:
        return f"{', '.join(f'{_percent(share)} on {_days(first, last)}' for first, last, share in spans)}, {source}"
    return f"{_range(changed)} on {len(changed)} days from {changed[0][0]} to {changed[-1][0]}, {source}"


def _by_count(changed: Sequence[tuple[date, float]]) -> str:
    if not changed:
        return "used, but no coming day has a count other than what is usual for its weekday"
    top = max(changed, key=lambda pair: abs(pair[1]))
    days = f"{top[0]}" if len(changed) == 1 else f"{len(changed)} days, most on {top[0]} ({_percent(top[1])})"
    return f"{_range(changed)} on {days}, as its counts differ from what is usual"


def _reason(one: Mapping[str, Any]) -> str:
    if one["kind"] != "driver":
        return "there is no past day of that name to learn from"
    with_it, without = one.get("error_with"), one.get("error_without")
    if with_it is None or without is None:
        return "there is too little history to try whether it helps"
    if with_it == without:
        return f"it tells nothing of the past; at least {LEAST_DAYS} past days need a count, and these must differ"
    return f"it did not help enough: days of the past were off by {100 * with_it:.1f} % with it, {100 * without:.1f} % without"


def _spans(changed: Iterable[tuple[date, float]]) -> list[tuple[date, date, float]]:
    """First and last day of stretches with the same change in per cent."""
    spans: list[tuple[date, date, float]] = []
    for day, share in changed:
        if spans and spans[-1][1] + timedelta(1) == day and _percent(spans[-1][2]) == _percent(share):
            spans[-1] = (spans[-1][0], day, share)
        else:
            spans.append((day, day, share))
    return spans


def _days(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _range(changed: Sequence[tuple[date, float]]) -> str:
    low, high = (_percent(pick(share for _, share in changed)) for pick in (min, max))
    return low if low == high else f"{low} to {high}"


def _percent(share: float) -> str:
    return f"{100 * share:+.{0 if abs(share) >= 0.1 else 1}f} %"


def _queues(keys: Sequence[str], all_of_them: int) -> str:
    if len(keys) == all_of_them > 1:
        return "all queues"
    more = [f"{len(keys) - MOST_NAMED} more"] if len(keys) > MOST_NAMED else []
    return ", ".join([*keys[:MOST_NAMED], *more])
