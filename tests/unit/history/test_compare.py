from __future__ import annotations

import numpy as np

from wfm.history import compare_rows


def test_rows_are_added_changed_or_the_same_in_any_order() -> None:
    start, stored = np.array([3600, 0, 1800, 5400]), np.array([1800, 3600, 0, 9000])
    volume, stored_volume = np.array([6.0, 4.0, 5.0, 1.0]), np.array([5.0, 7.0, 4.0, 2.0])
    handle, stored_handle = np.array([1.0, np.nan, 2.0, 3.0]), np.array([2.0, 1.0, np.nan, 0.0])
    found = compare_rows(start, volume, handle, stored, stored_volume, stored_handle)
    assert found.added.tolist() == [False, False, False, True]
    assert found.changed.tolist() == [True, False, False, False]
    assert found.same.tolist() == [False, True, True, False]
    assert found.stored_row.tolist() == [1, 2, 0, -1]


def test_a_new_handle_time_is_a_change_and_a_file_without_one_is_not() -> None:
    start, volume, known = np.array([0]), np.array([4.0]), np.array([900.0])
    assert compare_rows(start, volume, known, start, volume, None).changed.all()
    assert compare_rows(start, volume, None, start, volume, known).same.all()
    assert compare_rows(start, volume, np.array([np.nan]), start, volume, known).changed.all()


def test_nothing_stored_means_everything_is_added() -> None:
    nothing = np.zeros(0)
    found = compare_rows(np.array([0, 1800]), np.array([1.0, 2.0]), None, nothing.astype(np.int64), nothing, None)
    assert found.added.all()
    assert not (found.changed | found.same).any()


def test_every_row_is_exactly_one_of_the_three() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        start, stored = (rng.permutation(40)[: int(rng.integers(0, 30))] * 1800 for _ in range(2))
        found = compare_rows(start, rng.integers(0, 3, start.size) * 1.0, None, stored, rng.integers(0, 3, stored.size) * 1.0, None)
        assert (found.added.astype(int) + found.changed + found.same == 1).all()
        assert found.added.tolist() == [s not in set(stored.tolist()) for s in start.tolist()]
