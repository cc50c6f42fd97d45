"""The planner's pages, one module per step of the work."""

from web.planner import (
    accuracy,
    data,
    editing,
    forecast,
    forecast_edits,
    people,
    publish,
    queue_tables,
    repairs,
    requirement,
    risk,
    running_day,
    schedule,
    special_days,
    today,
    work,
)
from web.planner.family import pages

__all__ = [
    "accuracy",
    "data",
    "editing",
    "forecast",
    "forecast_edits",
    "pages",
    "people",
    "publish",
    "queue_tables",
    "repairs",
    "requirement",
    "risk",
    "running_day",
    "schedule",
    "special_days",
    "today",
    "work",
]
