"""A planner's edits laid over forecast arrays; what was forecast is never touched, so that every edit can be taken back.

Edits are made one after the other, in the order in which they were given. Bands move with the mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfm.errors import InvalidInput
from wfm.service.queue_forecast import LEVELS

NORMAL_AT = dict(zip(LEVELS, (-1.959963984540054, -1.2815515655446004, 0.0, 1.2815515655446004, 1.959963984540054), strict=True))

Floats = NDArray[np.float64]


class EditKind(StrEnum):
    """What an edit sets: a percentage on a stretch of time, the total of a day, or one interval."""

    PERCENT = "percent"
    TOTAL = "total"
    INTERVAL = "interval"


@dataclass(frozen=True, slots=True)
class Change:
    """One edit as figures.

    Parameters
    ----------
    begin_s, end_s
        The stretch, s since 1970 UTC; intervals that start in it are changed.
    value
        A share for a percentage (0.1 is 10 % more), else contacts in the whole stretch.
    number
        By which people call the edit.
    """

    kind: EditKind
    begin_s: int
    end_s: int
    value: float
    number: int = 0


def edited(arrays: Mapping[str, NDArray[Any]], changes: Iterable[Change], dispersion: Mapping[str, float]) -> dict[str, NDArray[Any]]:
    """Forecast arrays with edits on them.

    Parameters
    ----------
    arrays
        `start_s`, `mean`, the quantiles "q0.1" and, where there, `rate_cv`; NaN where nothing is forecast. Whole local days.
    changes
        In the order in which they were made.
    dispersion
        `common` and `own`, for bands where nothing was forecast.
    """
    made = dict(arrays)
    for change in changes:
        inside = (arrays["start_s"] >= change.begin_s) & (arrays["start_s"] < change.end_s) & ~np.isnan(made["mean"])
        if not inside.any():
            continue
        total = float(made["mean"][inside].sum())
        if change.kind is EditKind.PERCENT:
            _scale(made, inside, 1 + change.value)
        elif total > 0:
            _scale(made, inside, change.value / total)
        elif change.kind is EditKind.INTERVAL:
            _fill(made, inside, change.value / int(inside.sum()), dispersion)
    return made


def laid(
    arrays: Mapping[str, NDArray[Any]], change: Change, dispersion: Mapping[str, float], reach: tuple[date, date]
) -> dict[str, NDArray[Any]]:
    """Forecast arrays with one more edit on them, which must find something to change.

    Parameters
    ----------
    arrays, dispersion
        As for `edited`.
    reach
        First and last day of the forecast, for the error.

    Raises
    ------
    InvalidInput
        When the edit lies outside the forecast, or has no contacts to scale.
    """
    inside = (arrays["start_s"] >= change.begin_s) & (arrays["start_s"] < change.end_s)
    if not inside.any():
        raise InvalidInput(f"the forecast reaches from {reach[0]} to {reach[1]}; choose days in it")
    if change.kind is not EditKind.INTERVAL and not np.nansum(arrays["mean"][inside]) > 0:
        raise InvalidInput("no contacts are forecast there, so there is no shape to keep; set single intervals instead")
    return edited(arrays, [change], dispersion)


def _scale(made: dict[str, NDArray[Any]], inside: NDArray[np.bool_], factor: float) -> None:
    for name in ("mean", *(f"q{level}" for level in LEVELS)):
        made[name] = np.where(inside, made[name] * factor, made[name])


def _fill(made: dict[str, NDArray[Any]], inside: NDArray[np.bool_], mean: float, dispersion: Mapping[str, float]) -> None:
    """Contacts where none were forecast: there is nothing to scale, so the bands are those of the queue's dispersion."""
    common, own = dispersion.get("common", 0.0), dispersion.get("own", 0.0)
    spread = float(np.sqrt(mean + own * mean + common * mean**2))
    made["mean"] = np.where(inside, mean, made["mean"])
    for level, at in NORMAL_AT.items():
        made[f"q{level}"] = np.where(inside, max(0.0, mean + at * spread), made[f"q{level}"])
    if "rate_cv" in made and mean > 0:
        made["rate_cv"] = np.where(inside, float(np.sqrt(common + own / mean)), made["rate_cv"])
