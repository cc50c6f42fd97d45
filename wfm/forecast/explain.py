"""The model's choice, told in plain words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from wfm.forecast.backtest import CandidateScore

NEAR_FLOOR = 1.15


def explain(scores: Sequence[CandidateScore], floor: float, known_days: int, low_confidence: bool) -> str:
    """One to three sentences on how the forecast was made and how far it may be trusted.

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

    Examples
    --------
    >>> explain([], 0.1, 1, True)
    'Low confidence: there is only 1 day of history, so the forecast could not be tested.'
    """
    if not scores:
        return f"Low confidence: there {_days(known_days)} of history, so the forecast could not be tested."
    used = sorted((score for score in scores if score.weight > 0), key=lambda score: -score.weight)
    best = min(scores, key=lambda score: score.wape)
    parts = [_made_of(used), _error(best, floor)]
    if low_confidence:
        parts.insert(0, f"Low confidence: there {_days(known_days)} of history.")
    return " ".join(part for part in parts if part)


def _days(known_days: int) -> str:
    return "is only 1 day" if known_days == 1 else f"are only {known_days} days"


def _made_of(used: Sequence[CandidateScore]) -> str:
    if len(used) == 1:
        return f"Made by {_inside(used[0].label)}, which forecast the recent past best."
    named = [f"{_inside(score.label)} ({score.weight:.0%})" for score in used]
    return f"A mix of {', '.join(named[:-1])} and {named[-1]}, weighted by how well each forecast the recent past."


def _inside(label: str) -> str:
    return label if label[:2].isupper() or label.startswith("Prophet") else label[0].lower() + label[1:]


def _error(best: CandidateScore, floor: float) -> str:
    if math.isnan(best.wape):
        return "There were no contacts to be wrong about."
    text = f"On days it had not seen, intervals were off by {best.wape:.0%} and day totals by {best.day_wape:.0%}"
    if math.isnan(floor):
        return f"{text}."
    if best.wape <= NEAR_FLOOR * floor:
        return f"{text}; chance alone leaves {floor:.0%}, so there is little left to win."
    return f"{text}; chance alone would leave {floor:.0%}."
