"""Arrays as bytes: a stored series is one compressed archive, never pickled, the same bytes for the same numbers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfm.errors import InvalidInput

# An archive entry carries a date; a fixed one keeps the bytes equal.
_DATE = (1980, 1, 1, 0, 0, 0)


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The named arrays as one archive.

    Parameters
    ----------
    arrays
        Arrays of numbers or booleans by name; any shape.

    Raises
    ------
    InvalidInput
        When an array holds objects, which only pickling could store.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(f"{name}.npy", _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, _npy(name, np.asarray(arrays[name])))
    return buffer.getvalue()


def unpack(content: bytes) -> dict[str, NDArray[Any]]:
    """The arrays that `pack` stored, by name."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _npy(name: str, array: NDArray[Any]) -> bytes:
    if array.dtype.hasobject:
        raise InvalidInput(f"series {name!r} must hold numbers, got objects")
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()
