"""What a contract asks of a week: paid minutes, days, and days in a row."""

from __future__ import annotations

from wfm.domain.rules.base import TourRule, standing
from wfm.domain.rules.tour import Day, Setting, Work


def beyond(amount: float, limits: tuple[float, float]) -> float:
    """How far `amount` lies outside [least, most].

    Examples
    --------
    >>> beyond(3, (4, 5)), beyond(5, (4, 5)), beyond(7, (4, 5))
    (1, 0, 2)
    """
    return max(limits[0] - amount, amount - limits[1], 0)


def week(day: Day) -> str:
    """The week that a day belongs to, counted from 1."""
    return f"week {day.number // 7 + 1}"


@standing
class WeekMinutes(TourRule):
    """Paid minutes of every week lie in the contract's limits."""

    name = "paid time a week"

    def label(self, setting: Setting, day: Day, work: Work) -> int:
        """Paid minutes."""
        return work.paid_minutes

    def start(self, setting: Setting) -> int:
        """Minutes paid in the week so far."""
        return 0

    def step(self, setting: Setting, state: int, day: Day, label: int | None) -> tuple[int, float]:
        """Breaks at the end of a week, or as soon as the most is passed."""
        paid, (least, most) = state + (label or 0), setting.contract.week_minutes
        breach = 0 if state > most else beyond(paid, (least if day.ends_week else 0, most))
        return 0 if day.ends_week else paid, breach

    def text(self, setting: Setting, state: int, day: Day, label: int | None) -> str:
        """What is paid, and what is due."""
        least, most = setting.contract.week_minutes
        return f"{state + (label or 0)} paid minutes, {least} to {most} due"

    def when(self, day: Day) -> str:
        """The week."""
        return week(day)


@standing
class WeekDays(TourRule):
    """Working days of every week lie in the contract's limits."""

    name = "days a week"

    def start(self, setting: Setting) -> int:
        """Days worked in the week so far."""
        return 0

    def step(self, setting: Setting, state: int, day: Day, label: bool | None) -> tuple[int, float]:
        """Breaks at the end of a week, or as soon as the most is passed."""
        days, (least, most) = state + (label is not None), setting.contract.week_days
        breach = 0 if state > most else beyond(days, (least if day.ends_week else 0, most))
        return 0 if day.ends_week else days, breach

    def text(self, setting: Setting, state: int, day: Day, label: bool | None) -> str:
        """What is worked, and what is due."""
        least, most = setting.contract.week_days
        return f"{state + (label is not None)} days, {least} to {most} due"

    def when(self, day: Day) -> str:
        """The week."""
        return week(day)


@standing
class ConsecutiveDays(TourRule):
    """No run of working days is longer than the contract allows, days before the horizon included."""

    name = "days in a row"

    def start(self, setting: Setting) -> int:
        """Days worked just before the horizon."""
        return setting.agent.days_worked_before

    def step(self, setting: Setting, state: int, day: Day, label: bool | None) -> tuple[int, float]:
        """Breaks on every working day past the most."""
        run = 0 if label is None else state + 1
        return run, float(run > setting.contract.max_consecutive_days)

    def text(self, setting: Setting, state: int, day: Day, label: bool | None) -> str:
        """The run, and what is allowed."""
        return f"{state + 1} days in a row, {setting.contract.max_consecutive_days} allowed"


@standing
class FixedActivities(TourRule):
    """Every fixed activity lies inside a shift."""

    name = "fixed activity"
    by_agent = True

    def binds(self, setting: Setting) -> bool:
        """Where there are fixed activities."""
        return bool(setting.agent.fixed)

    def label(self, setting: Setting, day: Day, work: Work) -> tuple[int, ...]:
        """Numbers of the fixed activities that the shift holds."""
        return tuple(i for i, (first, last) in enumerate(self._spans(setting)) if work.from_minutes <= first and last <= work.until_minutes)

    def start(self, setting: Setting) -> frozenset[int]:
        """None held yet."""
        return frozenset()

    def step(
        self, setting: Setting, state: frozenset[int], day: Day, label: tuple[int, ...] | None
    ) -> tuple[frozenset[int], float]:
        """Breaks on the horizon's last day, or on the day after which an activity can no longer be held."""
        held = state | frozenset(label or ())
        lost = [i for i, last in enumerate(self._last_days(setting)) if last == day.number and i not in held]
        return held | frozenset(lost), float(len(lost))

    def text(self, setting: Setting, state: frozenset[int], day: Day, label: tuple[int, ...] | None) -> str:
        """The activities that no shift holds."""
        held = state | frozenset(label or ())
        lost = [setting.agent.fixed[i] for i, last in enumerate(self._last_days(setting)) if last == day.number and i not in held]
        return ", ".join(f"{one.activity} lies outside any shift" for one in lost)

    def _spans(self, setting: Setting) -> list[tuple[float, float]]:
        begin = setting.grid.begin
        return [((f.start - begin).total_seconds() / 60, (f.end - begin).total_seconds() / 60) for f in setting.agent.fixed]

    def _last_days(self, setting: Setting) -> list[int]:
        """The last day whose shift can still hold each activity."""
        bounds, step = setting.grid.day_bounds, setting.grid.interval_minutes
        last = len(bounds) - 1
        return [next((d for d, (_, end) in enumerate(bounds) if first < end * step), last) for first, _ in self._spans(setting)]
