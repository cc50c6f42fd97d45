"""Exponentially weighted sums along time."""

from __future__ import annotations

import math

import numpy as np

from wfm.forecast.grid import FloatArray

LARGEST_EXPONENT = 400.0


def running_sums(values: FloatArray, half_life: float) -> FloatArray:
    """Sum of all values up to each step, halved in weight every `half_life` steps; shape of `values`, time along the first axis.

    Written as cumulative sums of growing weights, in blocks short enough that the weights cannot overflow.

    Examples
    --------
    >>> running_sums(np.array([8.0, 0.0, 1.0]), 1.0).tolist()
    [8.0, 4.0, 3.0]
    """
    rate = math.log(2) / half_life
    block = max(1, int(LARGEST_EXPONENT / rate))
    out = np.empty_like(values)
    carry = np.zeros(values.shape[1:])
    for start in range(0, len(values), block):
        part = values[start : start + block]
        growth = np.exp(rate * np.arange(len(part))).reshape(-1, *[1] * (values.ndim - 1))
        sums = (np.cumsum(part * growth, axis=0) + carry * math.exp(-rate)) / growth
        out[start : start + block] = sums
        carry = sums[-1]
    return out


def mean_before(values: FloatArray, weight: FloatArray, half_life: float) -> FloatArray:
    """Exponentially weighted mean of all values before each step, 0 where there is none; length one more than `values`."""
    above, below = running_sums(weight * values, half_life), running_sums(weight, half_life)
    return np.concatenate([[0.0], above / np.maximum(below, 1e-9)])
