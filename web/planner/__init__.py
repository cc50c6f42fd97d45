"""The planner's pages, one module per step of the work."""

from web.planner import data, forecast, people, publish, queue_tables, requirement, running_day, schedule, today, work
from web.planner.family import pages

__all__ = [
    "data",
    "forecast",
    "pages",
    "people",
    "publish",
    "queue_tables",
    "requirement",
    "running_day",
    "schedule",
    "today",
    "work",
]
