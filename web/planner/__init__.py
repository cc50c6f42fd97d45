"""The planner's pages, one module per step of the work."""

from web.planner import data, forecast, people, publish, requirement, schedule, work
from web.planner.family import pages

__all__ = ["data", "forecast", "pages", "people", "publish", "requirement", "schedule", "work"]

from web.access import allow
from flask import render_template_string
for n, p, url in (("today","finding.read","/today"),):
    def v(): return render_template_string("{% extends '_planner.html' %}{% block title %}x{% endblock %}")
    v.__name__=n
    pages.get(url, endpoint=n)(allow(p)(v))
