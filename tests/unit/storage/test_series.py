"""Packed series come back as they were, from the same bytes for the same numbers."""

from __future__ import annotations

import time

import numpy as np
import pytest

from wfm.errors import InvalidInput
from wfm.storage.series import pack, unpack


def test_arrays_come_back_with_kind_and_shape() -> None:
    arrays = {"start_s": np.arange(5, dtype=np.int64) * 900, "mean": np.array([0.1, np.nan, 3.0]), "is_open": np.array([[True], [False]])}
    back = unpack(pack(arrays))
    assert set(back) == set(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)


def test_the_same_numbers_give_the_same_bytes_in_any_order_at_any_time() -> None:
    one = pack({"a": np.arange(3), "b": np.ones(2)})
    time.sleep(2.1)  # an archive's own date has steps of two seconds
    assert pack({"b": np.ones(2), "a": np.arange(3)}) == one


def test_objects_are_refused_as_they_would_need_pickling() -> None:
    with pytest.raises(InvalidInput, match="must hold numbers"):
        pack({"names": np.array([{"a": 1}], dtype=object)})


def test_a_stored_pickle_is_not_read() -> None:
    import io
    import zipfile

    inner = io.BytesIO()
    np.save(inner, np.array([print], dtype=object), allow_pickle=True)
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("evil.npy", inner.getvalue())
    with pytest.raises(ValueError, match="allow_pickle"):
        unpack(outer.getvalue())
