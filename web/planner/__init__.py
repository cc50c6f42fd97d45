"""The planner's pages, one module per step of the work."""

from web.planner import accuracy, data, edits, forecast, people, publish, requirement, schedule, special_days, today, work
from web.planner.family import pages

__all__ = [
    "accuracy",
    "data",
    "edits",
    "forecast",
    "pages",
    "people",
    "publish",
    "requirement",
    "schedule",
    "special_days",
    "today",
    "work",
]
