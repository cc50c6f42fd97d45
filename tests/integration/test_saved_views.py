"""Views of a page that people keep, each for the own use."""

from __future__ import annotations

import pytest

from tests.support.service import Client
from wfm.errors import InvalidInput, NotFound
from wfm.service import saved_views
from wfm.service.context import Service


def test_a_view_is_kept_replaced_and_forgotten(service: Service, clinic: Client) -> None:
    def keep(name: str, **filters: str) -> None:
        saved_views.keep_view(service, clinic.planner, "schedule", name, filters)

    keep("Nurses", skill="nurse")
    keep("A team", contract="full")
    keep("Nurses", skill="nurse", site="North")
    seen = saved_views.views(service, clinic.planner, "schedule")
    assert [(one.name, dict(one.filters)) for one in seen] == [
        ("A team", {"contract": "full"}),
        ("Nurses", {"skill": "nurse", "site": "North"}),
    ]
    assert saved_views.views(service, clinic.administrator, "schedule") == ()
    assert saved_views.views(service, clinic.planner, "forecast") == ()
    saved_views.forget_view(service, clinic.planner, "schedule", "Nurses")
    assert [one.name for one in saved_views.views(service, clinic.planner, "schedule")] == ["A team"]
    with pytest.raises(NotFound, match="no view 'Nurses'"):
        saved_views.forget_view(service, clinic.planner, "schedule", "Nurses")
    with pytest.raises(InvalidInput, match="name"):
        keep(" ")


def test_nobody_keeps_views_without_end(service: Service, clinic: Client) -> None:
    for n in range(saved_views.MOST):
        saved_views.keep_view(service, clinic.planner, "schedule", f"view {n}", {})
    with pytest.raises(InvalidInput, match="at most 30 views"):
        saved_views.keep_view(service, clinic.planner, "schedule", "one more", {})
