"""Sessions: how they begin, live and end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.service import NOON, Client, Clock
from wfm.errors import InvalidInput, NotAllowed, NotFound
from wfm.service import accounts, audit, sessions
from wfm.service.context import Service, night

IDLE_S = 15 * 60
WHOLE_S = 12 * 3_600


def test_a_session_of_nobody_keeps_data(service: Service) -> None:
    token, view = sessions.start(service)
    assert (view.actor, view.data) == (None, {})
    sessions.save(service, token, {"next": "/week", "seen": [1]})
    found = sessions.load(service, token)
    assert found is not None
    assert found.data == {"next": "/week", "seen": [1]}
    assert sessions.load(service, token + "x") is None
    assert sessions.load(service, "\ud800") is None


def test_signing_in_gives_a_new_token_and_ends_the_old_one(service: Service, clinic: Client) -> None:
    old, _ = sessions.start(service)
    sessions.save(service, old, {"planted": 1})
    new = sessions.bind(service, old, clinic.planner)
    assert new != old
    assert sessions.load(service, old) is None
    found = sessions.load(service, new)
    assert found is not None
    assert found.data == {}
    assert found.actor == replace(clinic.planner, address="local", request_id="")


@pytest.mark.parametrize(("after_s", "alive"), [(IDLE_S - 1, True), (IDLE_S, True), (IDLE_S + 1, False)])
def test_it_ends_when_nobody_clicks(service: Service, clinic: Client, clock: Clock, after_s: int, alive: bool) -> None:
    token = sessions.bind(service, None, clinic.planner)
    clock.forward(seconds=10)
    assert sessions.load(service, token)
    clock.forward(seconds=after_s)
    assert (sessions.load(service, token) is not None) == alive


def test_polling_does_not_keep_it_alive(service: Service, clinic: Client, clock: Clock) -> None:
    token = sessions.bind(service, None, clinic.planner)
    for _ in range(15):
        assert sessions.load(service, token, touch=False)
        clock.forward(minutes=1)
    clock.forward(seconds=1)
    assert sessions.load(service, token, touch=False) is None
    assert sessions.load(service, token) is None


@pytest.mark.parametrize(("after_s", "alive"), [(WHOLE_S - 1, True), (WHOLE_S, False)])
def test_it_ends_after_its_hours_whoever_clicks(service: Service, clinic: Client, clock: Clock, after_s: int, alive: bool) -> None:
    token = sessions.bind(service, None, clinic.planner)
    while (NOON + timedelta(seconds=after_s) - clock.instant).total_seconds() > IDLE_S:
        clock.forward(seconds=IDLE_S)
        assert sessions.load(service, token)
    clock.instant = NOON + timedelta(seconds=after_s)
    assert (sessions.load(service, token) is not None) == alive


def test_nothing_brings_back_a_session_that_was_ended(service: Service, clinic: Client) -> None:
    token = sessions.bind(service, None, clinic.planner)
    sessions.end(service, token, "10.0.0.9")
    sessions.end(service, token, "10.0.0.9")
    sessions.save(service, token, {"a": 1})
    assert sessions.load(service, token) is None
    entries = audit.entries(service, clinic.administrator, action="session.sign_out").entries
    assert [(entry.actor, entry.address) for entry in entries] == [("Planner of Clinic", "10.0.0.9")]


def test_a_disabled_account_is_out_at_once(service: Service, clinic: Client) -> None:
    token = sessions.bind(service, None, clinic.agent)
    accounts.disable_user(service, clinic.administrator, clinic.agent.user_id or 0)
    assert sessions.load(service, token) is None


def test_one_ends_all_ones_own_and_an_administrator_those_of_others(service: Service, clinic: Client) -> None:
    mine = [sessions.bind(service, None, clinic.agent) for _ in range(3)]
    assert sessions.end_all(service, clinic.agent, keep_token=mine[0]) == 2
    assert [sessions.load(service, token) is not None for token in mine] == [True, False, False]
    with pytest.raises(NotAllowed):
        sessions.end_all(service, clinic.planner, clinic.agent.user_id)
    assert sessions.end_all(service, clinic.administrator, clinic.agent.user_id) == 1
    with pytest.raises(NotFound):
        sessions.end_all(service, night(clinic.id))
    with pytest.raises(InvalidInput):
        sessions.bind(service, None, night(clinic.id))


def test_ones_own_sessions_are_listed(service: Service, clinic: Client, clock: Clock) -> None:
    first = sessions.bind(service, None, clinic.agent)
    clock.forward(minutes=5)
    second = sessions.bind(service, None, clinic.agent)
    listed = sessions.own_sessions(service, clinic.agent, second)
    assert [(one.is_this, one.created_at) for one in listed] == [(True, clock.instant), (False, NOON)]
    sessions.end(service, first)
    assert len(sessions.own_sessions(service, clinic.agent)) == 1
    assert sessions.own_sessions(service, night(clinic.id)) == ()


def test_a_session_keeps_little(service: Service) -> None:
    token, _ = sessions.start(service)
    with pytest.raises(InvalidInput, match="at most"):
        sessions.save(service, token, {"a": "x" * 20_000})


def test_what_is_over_is_swept_away(service: Service, clinic: Client, clock: Clock) -> None:
    sessions.start(service)
    old = sessions.bind(service, None, clinic.agent)
    accounts.make_one_time_sign_in(service, None, clinic.agent.user_id or 0)
    clock.forward(days=32)
    new = sessions.bind(service, None, clinic.agent)
    assert sessions.sweep(service) == 3
    assert sessions.load(service, new)
    assert sessions.load(service, old) is None
