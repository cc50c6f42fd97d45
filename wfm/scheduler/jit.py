"""How kernels are compiled: entries are cached on disk, inner kernels live inside the entries that call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])
njit: Any = numba.njit  # its types lack two of its options


def entry(function: F) -> F:
    """`function` compiled at its first call, without the interpreter's lock; later processes load it from the cache.

    References to arrays are not counted, so that it must make none.
    """
    return cast(F, njit(cache=True, nogil=True, _nrt=False, error_model="numpy", no_cfunc_wrapper=True)(function))


def allocating(function: F) -> F:
    """An entry that makes arrays of its own: it counts references, which costs a microsecond for every call inside it."""
    return cast(F, njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)(function))


def inner(function: F) -> F:
    """`function` for the use of other kernels only: without a wrapper for Python it compiles in half the time."""
    return cast(F, njit(nogil=True, _nrt=False, error_model="numpy", no_cfunc_wrapper=True, no_cpython_wrapper=True)(function))

