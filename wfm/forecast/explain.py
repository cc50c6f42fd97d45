"""The model's choice, told in plain words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from wfm.forecast.backtest import CandidateScore

NEAR_FLOOR = 1.15
MOST_NAMES = 3


def explain(
    scores: Sequence[CandidateScore],
    floor: float,
    known_days: int,
    low_confidence: bool,
    borrowed_from: Sequence[str] = (),
    span_days: int = 0,
) -> str:
    """One to four sentences on how the forecast was made and how far it may be trusted.

    Parameters
    ----------
    scores
        Candidates with their errors and weights; empty when nothing could be tested.
    floor
        WAPE that chance alone leaves, as a share.
    known_days
        Days with at least one volume.
    low_confidence
        True when the history is too short to be judged.
    borrowed_from
        Names of the siblings whose past was borrowed.
    span_days
        Days from the first to the last of the history; of interest only where something was borrowed.

    Examples
    --------
    >>> explain([], 0.1, 1, True)
    'Low confidence: there is only 1 day of history, so the forecast could not be tested.'
    """
    lent = _borrowed(borrowed_from, span_days)
    if not scores:
        text = f"Low confidence: there {_days(known_days)} of history, so the forecast could not be tested."
        return f"{text} {lent}".rstrip()
    used = sorted((score for score in scores if score.weight > 0), key=lambda score: -score.weight)
    best = min(scores, key=lambda score: score.wape)
    parts = [_made_of(used), lent, _error(best, floor)]
    if low_confidence:
        parts.insert(0, f"Low confidence: there {_days(known_days)} of history.")
    return " ".join(part for part in parts if part)


def _days(known_days: int) -> str:
    return "is only 1 day" if known_days == 1 else f"are only {known_days} days"


def _borrowed(names: Sequence[str], span_days: int) -> str:
    """From whom the past was borrowed, and why; empty where nobody lent.

    Examples
    --------
    >>> _borrowed(["Billing", "Claims"], 36)
    'Holidays and weekdays are taken from Billing and Claims, because this queue has 5 weeks of history.'
    >>> _borrowed(["Refills, English", "Refills, Spanish", "Results"], 36)
    'Holidays and weekdays are taken from Refills, English; Refills, Spanish and Results, because this queue has 5 weeks of history.'
    """
    if not names:
        return ""
    shown = [*names[:MOST_NAMES], *([f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else [])]
    listed = shown[0] if len(shown) == 1 else f"{'; '.join(shown[:-1])} and {shown[-1]}"  # names may hold commas
    weeks = round(span_days / 7)
    known = f"{weeks} weeks" if weeks > 1 else "1 week"
    return f"Holidays and weekdays are taken from {listed}, because this queue has {known} of history."


def _made_of(used: Sequence[CandidateScore]) -> str:
    if len(used) == 1:
        return f"Made by {_inside(used[0].label)}, which forecast the recent past best."
    named = [f"{_inside(score.label)} ({_percent(score.weight)})" for score in used]
    return f"A mix of {', '.join(named[:-1])} and {named[-1]}, weighted by how well each forecast the recent past."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _inside(label: str) -> str:
    return label if label[:2].isupper() or label.startswith("Prophet") else label[0].lower() + label[1:]


def _error(best: CandidateScore, floor: float) -> str:
    if math.isnan(best.wape):
        return "There were no contacts to be wrong about."
    text = f"On days it had not seen, intervals were off by {_percent(best.wape)} and day totals by {_percent(best.day_wape)}"
    if math.isnan(floor):
        return f"{text}."
    if best.wape <= NEAR_FLOOR * floor:
        return f"{text}; chance alone leaves {_percent(floor)}, so there is little left to win."
    return f"{text}; chance alone would leave {_percent(floor)}."
