"""Every registered work rule through one suite: it has a roster that keeps it and one that breaks it, and it survives a file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.domain.test_rules import CASES, GOOD, MONDAY, at, problem, shift
from wfm.domain.roster import Shift
from wfm.domain.rules import KINDS, RULES, TourRule, presence_prices, prices, rule_document, rule_from, tours, violations
from wfm.domain.rules.base import by_kind
from wfm.errors import InvalidInput
from wfm.scheduler import check, solve

Pair = tuple[dict[str, Any], dict[str, Any], tuple[Shift, ...], tuple[Shift, ...], str, float]

WEEK = {"week_days": (0, 7), "week_minutes": (0, 2400), "max_consecutive_days": 7, "latest_end_minutes": 2880, "earliest_start_minutes": 0}
DAY = (MONDAY + timedelta(2)).isoformat()
MORNING = ["08:00", 240]
ROTATION = [[MORNING, None, None, MORNING, None, None, None], [None] * 7]

# figures of the rule, facts of the agent, tour that keeps it, tour that breaks it, words, how far it breaks it
PAIRS: dict[str, list[Pair]] = {
    "consistent_starts": [
        ({"max_spread_minutes": 60}, {}, GOOD, (shift(0, 8), shift(1, 9, 30), shift(2, 12)), "starts lie 90 minutes apart, 60 allowed", 1),
    ],
    "weekends": [
        ({"most": 0}, {}, (shift(4, 22),), (shift(5, 8), shift(6, 8)), "weekend 1 of the month, 0 allowed", 1),
        ({"most": 1}, {"carried": (("weekends_in_month", 2),)}, (shift(6, 8),), (), "", 0),  # the week's Saturday begins a month
        ({"most": 0, "per": "horizon"}, {"carried": (("weekends_in_month", 1),)}, GOOD, (shift(6, 8),), "weekend 1 of the horizon", 1),
    ],
    "nights_in_a_row": [
        ({"most": 2}, {}, (shift(0, 22), shift(1, 22), shift(3, 22)), (shift(0, 22), shift(1, 22), shift(2, 20)), "3 nights in a row", 1),
        ({"most": 2, "night_from": "21:00"}, {"carried": (("nights_in_a_row", 2),)}, (shift(1, 22),), (shift(0, 17),), "3 nights", 1),
    ],
    "forbidden_succession": [
        (
            {"after_from": "14:00", "after_until": "22:00", "then_from": "06:00", "then_until": "09:00"}, {},
            (shift(0, 15), shift(1, 9), shift(3, 8)), (shift(0, 15), shift(1, 8, 30)), "06:00 to 09:00 on the day after one from 14:00", 1,
        ),
        (
            {"after_from": "14:00", "after_until": "22:00", "then_from": "06:00", "then_until": "09:00"},
            {"last_shift_start": shift(0, 15).start - timedelta(1)}, (shift(0, 9), shift(1, 8)), (shift(0, 8),),
            "06:00 to 09:00 on the day after one from 14:00", 1,
        ),
    ],
    "minimum_run": [
        ({"of": "work", "days": 2}, {}, (shift(0, 8), shift(1, 8), shift(6, 8)), (shift(1, 8),), "a run of 1 working days ends, 2 due", 1),
        ({"of": "work", "days": 3}, {"days_worked_before": 2}, (shift(0, 8),), (), "a run of 2 working days ends, 3 due", 1),
        ({"of": "work", "days": 3, "open_start": True}, {}, (shift(0, 8),), (shift(1, 8),), "a run of 1 working days ends, 3 due", 2),
        ({"of": "off", "days": 3}, {}, (shift(1, 8), shift(5, 8)), (shift(1, 8), shift(3, 8)), "a run of 1 days off ends, 3 due", 2),
    ],
    "shifts_of_kind": [
        (
            {"most": 1, "from": "18:00", "until": "02:00"}, {}, (shift(0, 18), shift(2, 17)), (shift(0, 18), shift(2, 1)),
            "more than 1 shifts that start from 18:00 to 02:00 in the week", 1,
        ),
        ({"most": 0, "from": "06:00", "until": "12:00", "per": "horizon"}, {}, (shift(0, 12),), (shift(0, 6),), "in the horizon", 1),
    ],
    "minor": [
        ({"latest_end": "18:00"}, {}, (shift(0, 13, 30),), (shift(0, 14),), "works until 18:30, after 18:00", 1),
        ({"most_day_minutes": 200, "weekdays": [0, 1]}, {}, (), (shift(3, 8),), "works 240 minutes, 200 allowed, works on a Thursday", 2),
    ],
    "overtime": [
        ({"normal_week_minutes": 480, "cost": 5.0}, {}, (shift(0, 8), shift(1, 8)), GOOD, "4 hours of overtime", 4),
    ],
    "horizon_minutes": [
        ({"least": 480, "most": 600}, {}, (shift(0, 8), shift(1, 8)), GOOD, "720 paid minutes in the horizon, 480 to 600 due", 2),
        ({"least": 480, "most": 600}, {}, (shift(0, 8), shift(1, 8)), (shift(0, 8),), "240 paid minutes", 4),
    ],
    "fair_share": [
        ({"of": "weekends", "cost": 2.0}, {}, (shift(5, 8), shift(6, 8)), (), "", 0),
        ({"of": "weekends", "cost": 2.0, "base": 1}, {"carried": (("weekends", 4),)}, GOOD, (shift(6, 8),), "3 above the least", 3),
        ({"of": "lates", "cost": 2.0}, {}, (shift(0, 16),), (shift(0, 16), shift(1, 16), shift(2, 16)), "one more of lates", 3),
        ({"of": "nights", "cost": 2.0}, {}, (shift(0, 17),), (shift(0, 20), shift(2, 20)), "one more of nights", 1),
        ({"of": "holidays", "cost": 2.0, "dates": [DAY]}, {"carried": (("holidays", 2),)}, GOOD, (shift(2, 8),), "one more of holidays", 2),
    ],
    "rotation": [
        ({"weeks": ROTATION}, {}, (shift(0, 8), shift(3, 8)), (shift(0, 8), shift(3, 9)), "240 paid minutes from 08:00", 1),
        ({"weeks": ROTATION, "first_week": 3}, {}, (), (shift(0, 8),), "the rotation has off", 1),
    ],
    "shift_request": [
        ({"day": DAY, "from": "12:00", "until": "18:00"}, {}, (shift(2, 12),), (shift(2, 8),), "a start from 12:00 to 18:00 was wished", 1),
        ({"day": DAY, "wanted": False}, {}, GOOD, (shift(2, 8),), "was not wished", 1),
    ],
}
SOFT_ONLY = {"overtime", "fair_share"}
ACROSS: dict[str, tuple[dict[str, Any], tuple[Shift, ...], tuple[Shift, ...], str, float]] = {
    "seats": (
        {"site": "West", "seats": 1, "cost": 4.0}, (shift(0, 8), shift(1, 8, agent="ben")), (shift(0, 8), shift(0, 9, 30, agent="ben")),
        "2 people on duty at West, 1 seats", 4.0 * 2.0,
    ),
    "always_present": (
        {"skill": "es", "heads": 1, "cost": 4.0, "from": "08:00", "until": "10:00"}, (*(shift(day, 8) for day in range(7)),),
        (*(shift(day, 8) for day in range(6)), shift(6, 9, agent="ben")), "0 with es on duty, 1 due", 4.0 * 1.0,
    ),
}  # fmt: skip
TOUR_KINDS = sorted(kind for kind, rule in KINDS.items() if issubclass(rule, TourRule))


def rows() -> list[Any]:
    return [pytest.param(kind, pair, id=f"{kind}-{n}") for kind, pairs in PAIRS.items() for n, pair in enumerate(pairs)]


def under(kind: str, figures: dict[str, Any], facts: dict[str, Any]) -> tuple[Any, TourRule]:
    rule = rule_from({"kind": kind, **figures})
    return problem({**facts, "rules": (rule,)}, WEEK), rule


def two(rule: Any) -> Any:
    """Ana and Ben, both of West and speakers of Spanish."""
    base = problem({"site": "West", "skills": frozenset({"es"})}, WEEK)
    return replace(base, agents=(base.agents[0], replace(base.agents[0], id="ben")), rules=(rule,))


@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(TOUR_KINDS)))
def test_a_rule_across_people_prices_what_breaks_it(kind: str) -> None:
    figures, keeps, breaks, words, cost = ACROSS[kind]
    rule = rule_from({"kind": kind, **figures})
    case = two(rule)
    kept, broken = (presence_prices(case.grid, case.rules, tours(case, shifts)) for shifts in (keeps, breaks))
    assert kept == ()
    assert sum(one.cost or 0.0 for one in broken) == pytest.approx(cost)
    assert words in str(broken[0])
    assert rule_from(json.loads(json.dumps(rule_document(rule)))) == rule
    with pytest.raises(InvalidInput, match="must be above 0"):
        rule_from({"kind": kind, **figures, "cost": 0.0})


@pytest.mark.parametrize("kind", TOUR_KINDS)
def test_every_listed_rule_has_a_pair_of_examples(kind: str) -> None:
    assert any(text for *_, text, _ in PAIRS.get(kind, [])), f"rule {kind} needs a roster that keeps it and one that breaks it, here"


def test_every_standing_rule_has_a_broken_example() -> None:
    assert {rule.name for rule in RULES} == set(CASES)


@pytest.mark.parametrize(("kind", "pair"), rows())
def test_a_rule_passes_the_roster_that_keeps_it_and_names_what_breaks_it(kind: str, pair: Pair) -> None:
    figures, facts, keeps, breaks, words, breach = pair
    case, rule = under(kind, figures, facts)
    assert list(rule.breaches(tours(case, keeps)["ana"])) == []
    found = list(rule.breaches(tours(case, breaks)["ana"]))
    assert sum(amount for *_, amount in found) == pytest.approx(breach)
    assert words in " ".join(text for _, text, _ in found)


@pytest.mark.parametrize(("kind", "pair"), rows())
def test_hard_rules_are_violations_and_soft_ones_have_a_price(kind: str, pair: Pair) -> None:
    figures, facts, _, breaks, _, breach = pair
    case, rule = under(kind, {"cost": 7.0, **figures}, facts)
    assert violations(case, breaks) == ()
    assert sum(one.cost or 0.0 for one in prices(tours(case, breaks)["ana"])) == pytest.approx((rule.cost or 0.0) * breach)
    if kind not in SOFT_ONLY:
        hard, _ = under(kind, figures, facts)
        assert {one.rule for one in violations(hard, breaks)} == ({rule.name} if breach else set())


@pytest.mark.parametrize(("kind", "pair"), rows())
def test_a_rule_survives_a_file(kind: str, pair: Pair) -> None:
    _, rule = under(kind, pair[0], {})
    assert rule_from(json.loads(json.dumps(rule_document(rule)))) == rule
    assert hash(rule) == hash(rule_from(rule_document(rule)))


@pytest.mark.parametrize(("kind", "pair"), rows())
def test_the_solver_keeps_a_hard_rule_and_prices_a_soft_one_as_the_checker_does(kind: str, pair: Pair) -> None:
    figures, facts, *_ = pair
    for cost in [{"cost": 3.0}] if kind in SOFT_ONLY else [{}, {"cost": 3.0}]:
        case, _ = under(kind, {**figures, **cost}, facts)
        busy = tuple(replace(need, under_cost=5.0, required=(1.0,) * case.grid.count) for need in case.requirements)
        case = replace(case, requirements=busy)
        if not cost and kind == "minimum_run" and facts:
            continue  # the other shifts of the run lie before the horizon
        judged = check(case, roster := solve(case, 0.5))
        assert judged.violations == ()
        assert judged.objective == pytest.approx(roster.objective, abs=1e-6)
        assert roster.lower_bound is not None
        assert roster.lower_bound <= roster.objective + 1e-9


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"kind": "unknown"}, "kind of a rule must be one of"),
        ("nights", "a rule must be an object"),
        ({"kind": "weekends", "most": -1}, "most must be a whole number"),
        ({"kind": "weekends", "most": 1, "per": "year"}, "per must be one of month, horizon"),
        ({"kind": "weekends", "most": 1, "least": 1}, "fields must be among most, per, cost, got least"),
        ({"kind": "weekends"}, "most must be given"),
        ({"kind": "weekends", "most": 1, "cost": -2}, "cost of weekends must be at least 0"),
        ({"kind": "minimum_run", "of": "rest", "days": 2}, "of must be work or off"),
        ({"kind": "rotation", "weeks": [[None]]}, "at least one list of seven days"),
        ({"kind": "rotation", "weeks": 3}, "weeks must be lists of seven days"),
        ({"kind": "shift_request", "day": "tomorrow"}, "a date must read YYYY-MM-DD"),
        ({"kind": "fair_share", "of": "lunches", "cost": 1}, "of must be one of"),
        ({"kind": "fair_share", "of": "holidays", "cost": 1, "dates": 3}, "dates must be a list"),
        ({"kind": "minor", "weekdays": [7]}, "weekdays must be numbers from 0"),
        ({"kind": "horizon_minutes", "least": 5, "most": 1}, "least must be at most 1"),
        ({"kind": "nights_in_a_row", "most": 2, "night_from": "26:00"}, "must lie in 00:00 to 24:00"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words(document: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        rule_from(document)


def test_two_rules_of_one_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="kind of its own"):
        by_kind(KINDS["weekends"])


def test_a_night_touches_its_window_from_either_side() -> None:
    case, rule = under("nights_in_a_row", {"most": 1, "night_from": "23:00", "night_until": "06:00"}, {})
    assert list(rule.breaches(tours(case, (shift(0, 5), shift(1, 6)))["ana"])) == []
    assert at(0, 5) < at(0, 6)
