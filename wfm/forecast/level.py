"""The level of the days ahead: memories of many lengths that fade towards a slow one, each judged on the past at its lead.

    L_h = sum_m w_m(h) (S + phi_m^h (M_m - S)),     M, S from exponentially weighted means,     w(h) from the errors h days ahead

Tomorrow lies where the last days did, a day in four weeks nearer to where the queue usually is; how much nearer is each queue's own.
"""

from __future__ import annotations

import numpy as np

from wfm.forecast.forgetting import mean_before
from wfm.forecast.grid import FloatArray, IntArray

HALF_LIVES_DAYS = (4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
FADES = (0.97, 0.94, 0.9)
JUDGED_LEADS = np.array([1, 2, 3, 4, 6, 8, 11, 14, 18, 22, 28])
JUDGED_DAYS = 730
LEAST_DAYS = 60
LEAST_BEFORE = 28
LEAST_AFTER = 7
ORIGIN_STEP = 3
SHARPNESS = 20.0
LEADS_ALIKE = 1.0


def level_ahead(residual: FloatArray, trust: FloatArray, size: FloatArray, lead: IntArray) -> FloatArray:
    """Log level of each day ahead, a mixture of those memories that did best on the past at that lead; length of `lead`.

    Parameters
    ----------
    residual
        log total less what the calendar explains, length D.
    trust
        Weight of a day in [0, 1], 0 where not observed; length D.
    size
        Expected total at level 0, by which errors are weighted; length D.
    lead
        Days from the end of the history, 0 for the rest of its last day; beyond four weeks memories fade on, with the shares of the
        28th day.
    """
    count = len(residual)
    paths = np.stack([mean_before(residual, trust * np.sqrt(size), half_life) for half_life in HALF_LIVES_DAYS])
    if count < LEAST_DAYS:
        return np.full(len(lead), float(paths[:, -1].mean()))
    origins = np.arange(max(LEAST_BEFORE, count - JUDGED_DAYS), count - LEAST_AFTER, ORIGIN_STEP)
    ahead = origins[:, None] + JUDGED_LEADS - 1
    come = ahead < count
    ahead = np.minimum(ahead, count - 1)
    miss = residual[ahead] - _faded(paths[:, origins], JUDGED_LEADS)
    np.abs(np.subtract(np.exp(miss, out=miss), 1, out=miss), out=miss)
    errors = np.einsum("moh,oh->mh", miss, (trust * size)[ahead] * come)
    share = _shares(errors, lead)
    return np.asarray((share * _faded(paths[:, -1:], lead)[:, 0]).sum(axis=0))


def _faded(paths: FloatArray, lead: IntArray) -> FloatArray:
    """What each memory says of the days ahead of each origin; shape (memories, origins, leads).

    All half-lives as they are, then at every fade towards the slow mean freed of its lag behind a queue that grows,
    S = 2 M_128 - M_256 (after Brown, 1959).
    """
    slow = 2 * paths[-2] - paths[-1]
    kept = np.asarray(FADES)[:, None] ** lead
    faded = slow[:, None] + kept[:, None, None] * (paths - slow)[..., None]
    as_they_are = np.broadcast_to(paths[..., None], (*paths.shape, len(lead)))
    return np.concatenate([as_they_are, faded.reshape(-1, paths.shape[1], len(lead))])


def _shares(errors: FloatArray, lead: IntArray) -> FloatArray:
    """Share of each memory at each lead by its errors at leads of much the same size; columns sum to 1.

    Memories that fade have, over all fades, as much say beforehand as those that stay, or a new level would be taken for a passing one.
    """
    apart = np.log(JUDGED_LEADS)[:, None] - np.log(np.clip(lead, JUDGED_LEADS[0], JUDGED_LEADS[-1]))
    near = np.exp(-0.5 * (apart / LEADS_ALIKE) ** 2)
    smooth = errors @ near
    believed = np.full((len(errors), 1), 1 / len(FADES))
    believed[: len(HALF_LIVES_DAYS)] = 1.0
    share = believed * np.exp(-SHARPNESS * (smooth / np.maximum(smooth.min(axis=0), 1e-9) - 1))
    return np.asarray(share / share.sum(axis=0))
