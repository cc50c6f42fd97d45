"""The planner's pages, one module per step of the work."""

from web.planner import people, work
from web.planner.family import pages

__all__ = ["pages", "people", "work"]

from flask import render_template_string

from web.access import allow

for n, p, url in (("today","finding.read","/today"),("data","history.read","/data"),("forecast","forecast.read","/forecast"),("people_needed","requirement.read","/people-needed"),("schedule","schedule.read","/schedule"),("publish","publication.read","/publish")):
    def v(): return render_template_string("{% extends '_planner.html' %}{% block title %}x{% endblock %}")
    v.__name__=n
    pages.get(url, endpoint=n)(allow(p)(v))
