"""One door to numba, so that importing the room stays quick and read-only installations work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., Any])


def kernel(function: _Function) -> _Function:
    """`function` compiled to machine code, cached beside its module where that folder can be written.

    A kernel calls kernels of its own module only: the cache looks at the age of one file, so a change elsewhere would leave it stale.

    Parameters
    ----------
    function
        A function of floats, integers and arrays.
    """
    import numba

    try:
        return cast(_Function, numba.njit(cache=True, error_model="numpy", nogil=True)(function))
    except RuntimeError:  # no folder for the cache can be written
        return cast(_Function, numba.njit(error_model="numpy", nogil=True)(function))


def inlined(function: _Function) -> _Function:
    """`function` copied into every kernel that calls it, so that a loop over it can work on several values at once.

    Parameters
    ----------
    function
        A small function without branches.
    """
    import numba

    return cast(_Function, numba.njit(inline="always", error_model="numpy")(function))
