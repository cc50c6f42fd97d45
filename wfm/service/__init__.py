"""The use cases: the only place where the steps are chained.

Every use case takes the running `Service` and the acting `Actor`, checks its policy first, and writes its audit row in the same
transaction as the change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def plan_agents(
    history: pd.DataFrame,
    targets: pd.DatetimeIndex,
    country: str | None,
    subdivision: str | None,
    aht_s: float,
    patience_s: float,
    level: float,
    awt_s: float,
) -> pd.Series[int]:
    """People needed on one telephone queue straight from its history: forecast, then the smallest number that keeps the promise.

    The same steps that a stored plan takes, without the database: for outside measures.

    Parameters
    ----------
    history, targets, country, subdivision
        As for `wfm.forecast.forecast_queue`.
    aht_s, patience_s
        Mean handle time and mean patience, s, above 0.
    level, awt_s
        The promise: `level` in (0, 1) of all contacts answered within `awt_s` seconds, on average over the volumes that may come.

    Returns
    -------
    Whole agents by interval; index `targets`.

    Raises
    ------
    InvalidInput
        When the history or an argument is out of bounds.
    """
    from wfm.service.people_needed import agents_for

    return agents_for(history, targets, country, subdivision, aht_s, patience_s, level, awt_s)
