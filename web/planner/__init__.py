"""The planner's pages, one module per step of the work."""

from web.planner import (
    data,
    editing,
    forecast,
    people,
    publish,
    queue_tables,
    repairs,
    requirement,
    running_day,
    schedule,
    today,
    work,
)
from web.planner.family import pages

__all__ = [
    "data",
    "editing",
    "forecast",
    "pages",
    "people",
    "publish",
    "queue_tables",
    "repairs",
    "requirement",
    "running_day",
    "schedule",
    "today",
    "work",
]
