"""What special days and counts do to a forecast, as the command line says it."""

from __future__ import annotations

from typing import Any

import pytest

from wfm.forecast import drivers
from wfm.service.effect_words import LEAST_DAYS, in_words

DAYS = ["2026-06-09", "2026-06-10", "2026-06-12"]


def effect(kind: str, shares: list[float], used: bool = True, **errors: float | None) -> dict[str, Any]:
    days = DAYS[: len(shares)]
    return {"name": "Flu", "kind": kind, "used": used, "days": days, "shares": shares, "error_with": None, "error_without": None} | errors


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (effect("typed", [0.2]), "Flu: +20 % on 2026-06-09, as typed"),
        (effect("typed", [-1.0, -1.0]), "Flu: -100 % on 2026-06-09 to 2026-06-10, as typed"),
        (
            effect("learned", [0.034, 0.034, 0.034]),
            "Flu: +3.4 % on 2026-06-09 to 2026-06-10, +3.4 % on 2026-06-12, learned from past days of that name",
        ),
        (
            effect("driver", [-0.02, 0.0, 0.31]),
            "Flu: -2.0 % to +31 % on 2 days, most on 2026-06-12 (+31 %), as its counts differ from what is usual",
        ),
        (effect("driver", [0.15]), "Flu: +15 % on 2026-06-09, as its counts differ from what is usual"),
        (effect("driver", [0.0]), "Flu: used, but no coming day has a count other than what is usual for its weekday"),
    ],
)
def test_what_moves_the_forecast_is_told_with_per_cent_and_days(one: dict[str, Any], words: str) -> None:
    assert in_words({"visits": [one]}).moving == (f"{words} (visits)",)
    assert in_words({"visits": [one]}).unused == ()


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (
            effect("driver", [], used=False, error_with=0.0612, error_without=0.0608),
            "it did not help enough: days of the past were off by 6.1 % with it, 6.1 % without",
        ),
        (effect("driver", [], used=False, error_with=0.06, error_without=0.06), "it tells nothing of the past; at least 28 past days"),
        (effect("driver", [], used=False), "there is too little history to try whether it helps"),
        (effect("learned", [], used=False), "there is no past day of that name to learn from"),
    ],
)
def test_what_is_not_used_is_told_with_its_reason(one: dict[str, Any], words: str) -> None:
    told = in_words({"visits": [one]})
    assert told.moving == ()
    assert words in told.unused[0]


def test_nothing_is_told_of_days_that_have_passed_or_where_nothing_was_given() -> None:
    assert in_words({"visits": [effect("learned", [])], "bills": []}) == in_words({"visits": []})
    assert in_words({}).moving == in_words({}).unused == ()


def test_the_same_for_several_queues_is_told_once() -> None:
    both = in_words({"visits": [effect("typed", [0.2])], "bills": [effect("typed", [0.2])]})
    assert both.moving == ("Flu: +20 % on 2026-06-09, as typed (all queues)",)
    many = {f"q{n}": [effect("typed", [0.2])] if n < 7 else [] for n in range(9)}
    assert in_words(many).moving == ("Flu: +20 % on 2026-06-09, as typed (q0, q1, q2, q3, q4, 2 more)",)


def test_days_that_differ_much_are_told_as_a_range() -> None:
    days = [f"2026-06-{day:02d}" for day in range(8, 14)]
    one = effect("typed", []) | {"days": days, "shares": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}
    assert in_words({"visits": [one]}).moving == ("Flu: +10 % to +60 % on 6 days from 2026-06-08 to 2026-06-13, as typed (visits)",)


def test_the_days_that_a_count_needs_are_those_of_the_engine() -> None:
    assert LEAST_DAYS == drivers.LEAST_DAYS
