"""Checks at the door of the room: numbers in, broadcast float arrays out, a clear error for everything else."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfm.errors import InvalidInput

Floats = NDArray[np.float64]
FloatOrArray = float | Floats


# Beyond these nobody asks about a contact centre, and products of three of them still fit a float.
MOST = 1e12
SHORTEST_AHT_S = 1e-6


def queue_inputs(
    arrival_rate: Any, aht_s: Any, patience_s: Any, awt_s: Any = 0.0, agents: Any = 0.0
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """The arguments that every queue has, checked and broadcast; agents may have fractions.

    Raises
    ------
    InvalidInput
        For anything outside the bounds of `erlang_a`, or an offered load above 1e12 erlang.

    Examples
    --------
    >>> [array.tolist() for array in queue_inputs(0.1, 180, np.inf, 20, [18, 19])]
    [[0.1, 0.1], [180.0, 180.0], [inf, inf], [20.0, 20.0], [18.0, 19.0]]
    """
    rate, aht, patience, awt, heads = together(
        arrival_rate=numbers("arrival_rate", arrival_rate, at_least=0),
        aht_s=numbers("aht_s", aht_s, at_least=SHORTEST_AHT_S, at_most=MOST),
        patience_s=numbers("patience_s", patience_s, above=0, infinite=True),
        awt_s=numbers("awt_s", awt_s, at_least=0, at_most=MOST),
        agents=numbers("agents", agents, at_least=0, at_most=MOST),
    )
    _refuse("patience_s", patience, np.isfinite(patience) & (patience > MOST), f"must be at most {MOST:g}, or infinite")
    with np.errstate(over="ignore"):
        numbers("offered load in erlang", rate * aht, at_most=MOST, infinite=True)
    return rate, aht, patience, awt, heads


def numbers(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
    infinite: bool = False,
    whole: bool = False,
) -> Floats:
    """`value` as an array of floats within bounds.

    Parameters
    ----------
    name
        What the numbers stand for, used in the message.
    value
        A real number or an array of them, of any shape.
    above, at_least, below, at_most
        Bounds, the first and the third themselves excluded.
    infinite
        Whether positive infinity is allowed.
    whole
        Whether fractions are refused.

    Raises
    ------
    InvalidInput
        For booleans, text, NaN, masked values and anything outside the bounds; the message shows the first offender.

    Examples
    --------
    >>> numbers("aht_s", [180, 240], above=0)
    array([180., 240.])
    """
    array = _floats(name, value)
    _refuse(name, array, np.isnan(array), "must be a number")
    if not infinite:
        _refuse(name, array, np.isinf(array), "must be finite")
    if above is not None:
        _refuse(name, array, array <= above, f"must be above {above:g}")
    if at_least is not None:
        _refuse(name, array, array < at_least, f"must be at least {at_least:g}")
    if below is not None:
        _refuse(name, array, array >= below, f"must be below {below:g}", per_cent=below == 1)
    if at_most is not None:
        _refuse(name, array, array > at_most, f"must be at most {at_most:g}", per_cent=at_most == 1)
    if whole:
        _refuse(name, array, (array != np.floor(array)) & np.isfinite(array), "must be a whole number")
    return array


def _floats(name: str, value: Any) -> Floats:
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise InvalidInput(f"{name} must not have masked values")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InvalidInput(f"{name} must be a number or a regular array of numbers, got {value!r}") from error
    if array.dtype == object:
        array = _from_objects(name, array)
    if array.dtype.kind not in "iuf":
        raise InvalidInput(f"{name} must be a number, got {_shown(value)}")
    if array.dtype.kind == "f" and array.dtype.itemsize < 8:
        # a single-precision 0.3 means 0.3, not 0.30000001192
        return array.astype(str).astype(np.float64)
    return array.astype(np.float64)


def _from_objects(name: str, array: NDArray[Any]) -> NDArray[Any]:
    for item in array.flat:
        if isinstance(item, bool | np.bool_) or not isinstance(item, Real):
            raise InvalidInput(f"{name} must be a number, got {_shown(item)}")
    try:
        return array.astype(np.float64)
    except OverflowError as error:
        raise InvalidInput(f"{name} must fit a float, got {_shown(array.flat[0])}") from error


def _refuse(name: str, array: Floats, wrong: NDArray[np.bool_], rule: str, *, per_cent: bool = False) -> None:
    if not wrong.any():
        return
    first = float(array[wrong].flat[0])
    hint = f"; write {first / 100:.2f}" if per_cent and 1 < first <= 100 else ""
    raise InvalidInput(f"{name} {rule}, got {first:g}{hint}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def together(**arrays: Floats) -> list[Floats]:
    """The arrays broadcast to one shape.

    Raises
    ------
    InvalidInput
        When the shapes do not fit, with every shape in the message.

    Examples
    --------
    >>> [a.shape for a in together(agents=np.array([1.0, 2.0]), aht_s=np.array(180.0))]
    [(2,), (2,)]
    """
    try:
        return list(np.broadcast_arrays(*arrays.values()))
    except ValueError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise InvalidInput(f"shapes must broadcast together, got {shapes}") from error


def mask(name: str, value: Any) -> NDArray[np.bool_]:
    """`value` as an array of booleans, refusing everything else.

    Examples
    --------
    >>> mask("is_open", [True, False])
    array([ True, False])
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InvalidInput(f"{name} must be booleans of a regular shape, got {_shown(value)}") from error
    if array.dtype != np.bool_:
        raise InvalidInput(f"{name} must be booleans, got {_shown(value)}")
    return array


def flat(array: Floats) -> Floats:
    """One contiguous row of the values, as the compiled loops want it."""
    return np.array(array, order="C").reshape(-1)


def plain(array: NDArray[Any]) -> Any:
    """A float where the array has no dimension, else the array.

    Examples
    --------
    >>> plain(np.array(0.5))
    0.5
    """
    return array.item() if array.ndim == 0 else array
