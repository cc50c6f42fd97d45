"""Waits of a file, added up by queue."""

from __future__ import annotations

import pytest

from wfm.history import read_history

HEAD = "timestamp,queue,volume,calls abandoned,ASA (min),avg time to abandon"


def read(*lines: str, head: str = HEAD) -> dict[str, tuple[float, float, float]]:
    text = "\n".join((head, *lines)) + "\n"
    file = read_history(text.encode(), zone="America/Chicago", gaps="unknown")
    return {name: (sums.contacts, sums.abandoned, sums.wait_s) for name, sums in file.waits.items()}


def test_waits_of_answered_and_abandoned_contacts_add_up_in_seconds() -> None:
    found = read("2026-03-02 08:00,billing,20,4,0.5,40", "2026-03-02 08:30,billing,10,0,00:00:06,", "2026-03-02 08:00,other,8,8,,30")
    assert found == {"billing": (30.0, 4.0, 16 * 30 + 4 * 40 + 10 * 6), "other": (8.0, 8.0, 240.0)}


def test_an_interval_whose_waits_are_not_known_counts_for_nothing() -> None:
    found = read("2026-03-02 08:00,billing,20,4,0.5,", "2026-03-02 08:30,billing,20,30,0.5,10", "2026-03-02 09:00,billing,20,4,1,60")
    assert found == {"billing": (20.0, 4.0, 16 * 60 + 4 * 60)}


@pytest.mark.parametrize("head", ["timestamp,queue,volume,aht", "timestamp,queue,volume,abandoned", "timestamp,queue,volume,asa"])
def test_a_file_that_does_not_say_it_has_none(head: str) -> None:
    assert read("2026-03-02 08:00,billing,20,4", "2026-03-02 08:30,billing,20,4", head=head) == {}


def test_a_column_of_answered_contacts_is_taken_at_its_word() -> None:
    found = read("2026-03-02 08:00,billing,20,4,0.5,40,12", "2026-03-02 08:30,billing,0,0,,,0", head=HEAD + ",calls answered")
    assert found["billing"] == (16.0, 4.0, 12 * 30 + 4 * 40)
