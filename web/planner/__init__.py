"""The planner's pages, one module per step of the work."""

from web.planner import data, edits, forecast, people, publish, requirement, schedule, today, work
from web.planner.family import pages

__all__ = ["data", "edits", "forecast", "pages", "people", "publish", "requirement", "schedule", "today", "work"]
