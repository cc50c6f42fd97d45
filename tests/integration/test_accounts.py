"""Accounts: signing in, links, passwords, roles."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.support.service import Client, Clock
from wfm.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotSignedIn, TooManyAttempts, WfmError
from wfm.service import accounts, audit, passwords, sessions
from wfm.service.context import PasswordCost, Role, Service

GOOD = "gypsum lantern stove"
PLANNER = "planner@clinic.org"


@pytest.fixture
def known(service: Service, clinic: Client) -> Client:
    """A clinic whose planner has a password."""
    accounts.change_password(service, clinic.planner, None, GOOD)
    return clinic


def _try(service: Service, email: str, password: str, address: str = "10.0.0.9") -> str:
    try:
        accounts.sign_in(service, email, password, address, "r9")
    except WfmError as error:
        return f"{error.code}: {error}"
    return "in"


def _actions(service: Service, client: Client) -> list[str]:
    return [entry.action for entry in audit.entries(service, client.administrator, action="session.").entries]


def test_the_right_password_signs_in_and_is_written_down(service: Service, known: Client) -> None:
    actor = accounts.sign_in(service, "Planner@Clinic.org ", GOOD, "10.0.0.9", "r9")
    assert actor == replace(known.planner, address="10.0.0.9", request_id="r9")
    assert _actions(service, known) == ["session.sign_in"]


def test_what_fails_looks_the_same_for_every_reason(service: Service, known: Client) -> None:
    accounts.change_password(service, known.agent, None, GOOD)
    accounts.disable_user(service, known.administrator, known.agent.user_id or 0)
    told = {_try(service, *pair) for pair in [(PLANNER, "wrong"), ("nobody@x.org", GOOD), ("agent@clinic.org", GOOD), ("", "")]}
    told |= {_try(service, "auditor@clinic.org", GOOD), _try(service, "a" * 400, "b" * 5_000), _try(service, "a\x00\ud800b", "\x00")}
    assert told == {"not_signed_in: e-mail address or password is wrong"}


def test_failures_are_written_down_without_what_was_typed(service: Service, known: Client) -> None:
    _try(service, PLANNER, "hunter-of-secrets")
    _try(service, "my-password-in-the-wrong-field@x.org", "x")
    assert _actions(service, known) == ["session.fail", "session.fail"]
    entries = audit.entries(service, known.administrator, action="session.fail").entries
    assert [entry.object_id for entry in entries] == ["unknown", str(known.planner.user_id)]
    assert not any("hunter" in repr(entry) or "wrong-field" in repr(entry) for entry in entries)


def test_ten_failures_of_an_account_make_it_wait(service: Service, known: Client, clock: Clock) -> None:
    for number in range(10):
        assert _try(service, PLANNER, "wrong", f"10.1.0.{number}").startswith("not_signed_in")
    assert _try(service, PLANNER, GOOD, "10.2.0.1").startswith("too_many_attempts")
    clock.forward(minutes=15)
    assert _try(service, PLANNER, GOOD) == "in"


def test_an_unknown_name_waits_just_as_long(service: Service, known: Client) -> None:
    told = [_try(service, "nobody@x.org", "wrong", f"10.1.0.{number}").split(":")[0] for number in range(11)]
    assert told == ["not_signed_in"] * 10 + ["too_many_attempts"]


def test_thirty_failures_of_an_address_make_it_wait(service: Service, known: Client) -> None:
    for number in range(30):
        assert _try(service, f"nobody{number}@x.org", "wrong").startswith("not_signed_in")
    assert _try(service, PLANNER, GOOD).startswith("too_many_attempts")
    assert _try(service, PLANNER, GOOD, "10.0.0.10") == "in"


def test_good_sign_ins_do_not_count(service: Service, known: Client) -> None:
    assert {_try(service, PLANNER, GOOD) for _ in range(35)} == {"in"}


def test_failures_side_by_side_do_not_pass_the_limit(service: Service, known: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda number: _try(service, PLANNER, "wrong", f"10.1.0.{number}").split(":")[0], range(16)))
    assert sorted(told) == ["not_signed_in"] * 10 + ["too_many_attempts"] * 6


def test_a_known_and_an_unknown_name_take_the_same_time(service: Service, known: Client) -> None:
    real = replace(service, password_cost=PasswordCost(passes=2, memory_kib=32_768, lanes=1))
    accounts.change_password(real, known.planner, GOOD, GOOD + " two")
    passwords.warm(real.password_cost)
    spent: dict[str, list[float]] = {PLANNER: [], "nobody@x.org": []}
    for number in range(8):
        for email, times in spent.items():
            began = time.process_time()
            _try(real, email, "wrong", f"10.1.{len(email)}.{number}")
            times.append(time.process_time() - began)
    known_s, unknown_s = (statistics.median(times) for times in spent.values())
    assert unknown_s == pytest.approx(known_s, rel=0.4)  # without the same work for nobody it is a tenth


def test_a_link_signs_in_once(service: Service, clinic: Client) -> None:
    token = accounts.make_one_time_sign_in(service, clinic.administrator, clinic.agent.user_id or 0)
    assert len(token) >= 43
    assert accounts.peek_one_time_sign_in(service, token) == "Agent of Clinic"
    assert accounts.use_one_time_sign_in(service, token, "10.0.0.9").user_id == clinic.agent.user_id
    for use in (lambda: accounts.use_one_time_sign_in(service, token, "x"), lambda: accounts.peek_one_time_sign_in(service, token)):
        with pytest.raises(NotSignedIn, match="not valid any more"):
            use()


def test_a_link_replaces_a_lost_password(service: Service, known: Client) -> None:
    old = sessions.bind(service, None, known.planner)
    assert accounts.own_account(service, known.planner).has_password
    token = accounts.make_one_time_sign_in(service, known.administrator, known.planner.user_id or 0)
    assert sessions.load(service, old)
    actor = accounts.use_one_time_sign_in(service, token, "10.0.0.9")
    assert sessions.load(service, old) is None
    assert _try(service, PLANNER, GOOD).startswith("not_signed_in")
    assert not accounts.own_account(service, actor).has_password
    accounts.change_password(service, actor, None, GOOD + " two")
    assert _try(service, PLANNER, GOOD + " two") == "in"


def test_one_of_many_who_follow_a_link_together_gets_in(service: Service, clinic: Client) -> None:
    token = accounts.make_one_time_sign_in(service, None, clinic.agent.user_id or 0)

    def follow(_number: int) -> bool:
        try:
            return accounts.use_one_time_sign_in(service, token, "x").user_id is not None
        except NotSignedIn:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(follow, range(8))) == 1


def test_a_link_ends_after_its_hours(service: Service, clinic: Client, clock: Clock) -> None:
    token = accounts.make_one_time_sign_in(service, None, clinic.agent.user_id or 0, hours=2)
    clock.forward(hours=2)
    with pytest.raises(NotSignedIn):
        accounts.use_one_time_sign_in(service, token, "x")
    with pytest.raises(InvalidInput):
        accounts.make_one_time_sign_in(service, None, clinic.agent.user_id or 0, hours=0)


def test_a_link_of_the_command_line_is_written_as_such(service: Service, clinic: Client) -> None:
    accounts.make_one_time_sign_in(service, None, clinic.agent.user_id or 0)
    entry = audit.entries(service, clinic.administrator, action="account.link").entries[0]
    assert (entry.actor, entry.address, entry.after) == ("the command line", "command line", {"hours": 24})


def test_no_password_and_no_token_is_anywhere_in_the_database(service: Service, known: Client) -> None:
    link = accounts.make_one_time_sign_in(service, None, known.planner.user_id or 0)
    cookie = sessions.bind(service, None, known.planner)
    _try(service, PLANNER, "my other secret")
    tables = ("user_account", "one_time_sign_in", "web_session", "sign_in_attempt", "audit")
    with service.database.reading() as session:
        stored = repr([list(session.execute(text(f"SELECT * FROM {table}"))) for table in tables])
    assert "argon2id" in stored
    assert not any(secret in stored for secret in (GOOD, link, cookie, "my other secret"))


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(service: Service, known: Client) -> None:
    mine, other = (sessions.bind(service, None, known.planner) for _ in range(2))
    link = accounts.make_one_time_sign_in(service, None, known.planner.user_id or 0)
    with pytest.raises(InvalidInput, match="present password"):
        accounts.change_password(service, known.planner, "wrong", GOOD + " two")
    assert sessions.load(service, other)
    accounts.change_password(service, known.planner, GOOD, GOOD + " two", keep_token=mine)
    assert sessions.load(service, mine)
    assert sessions.load(service, other) is None
    assert _try(service, PLANNER, GOOD).startswith("not_signed_in")
    assert _try(service, PLANNER, GOOD + " two") == "in"
    with pytest.raises(NotSignedIn):
        accounts.use_one_time_sign_in(service, link, "x")


def test_guessing_the_old_password_is_limited(service: Service, known: Client) -> None:
    for _ in range(10):
        with pytest.raises(InvalidInput):
            accounts.change_password(service, known.planner, "wrong", GOOD + " two")
    with pytest.raises(TooManyAttempts):
        accounts.change_password(service, known.planner, GOOD, GOOD + " two")


def test_a_hash_of_another_price_is_made_anew_at_the_sign_in(service: Service, known: Client) -> None:
    dearer = replace(service, password_cost=PasswordCost(2, 16, 1))
    before = _hash(service, known)
    assert _try(dearer, PLANNER, GOOD) == "in"
    assert "t=1" in before
    assert "t=2" in _hash(service, known)
    assert _try(dearer, PLANNER, GOOD) == "in"


def _hash(service: Service, client: Client) -> str:
    with service.database.reading() as session:
        wanted = text("SELECT password_hash FROM user_account WHERE id = :id")
        return str(session.execute(wanted, {"id": client.planner.user_id}).scalar_one())


def test_users_are_listed_with_agent_and_site(service: Service, known: Client) -> None:
    views = {view.role: view for view in accounts.users(service, known.administrator)}
    assert set(views) == set(Role)
    assert (views[Role.AGENT].agent_key, views[Role.AGENT].has_password) == ("a1", False)
    assert (views[Role.SUPERVISOR].site, views[Role.PLANNER].has_password) == ("North", True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"email": "nobody"}, "name@host"),
        ({"name": " "}, "blank"),
        ({"name": "a\x00b"}, "control"),
        ({"role": "boss"}, "one of"),
        ({"zone": "Mars"}, "time zone"),
        ({"locale": "xx"}, "one of"),
        ({"role": "agent"}, "needs the agent"),
        ({"role": "supervisor"}, "needs the site"),
    ],
)
def test_an_account_that_makes_no_sense_is_refused(standing: Client, change: dict[str, str], message: str) -> None:
    wanted = {"email": "new@clinic.org", "name": "New", "role": "planner", "zone": "UTC"} | change
    with pytest.raises(InvalidInput, match=message):
        accounts.add_user(standing.service, standing.administrator, **wanted)
    assert len(accounts.users(standing.service, standing.administrator)) == 5


def test_an_address_has_one_account(service: Service, clinic: Client) -> None:
    def add(number: int) -> bool:
        try:
            accounts.add_user(service, clinic.administrator, "New@clinic.org", f"New {number}", "planner", "UTC")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(add, range(4))) == 1


def test_the_last_administrator_stays(service: Service, clinic: Client) -> None:
    own = clinic.administrator.user_id or 0
    with pytest.raises(Conflict, match="last administrator"):
        accounts.disable_user(service, clinic.administrator, own)
    with pytest.raises(Conflict, match="last administrator"):
        accounts.change_role(service, clinic.administrator, own, "planner")
    accounts.change_role(service, clinic.administrator, clinic.planner.user_id or 0, "administrator")
    accounts.disable_user(service, clinic.administrator, own)
    with pytest.raises(NotFound):
        accounts.acting(service, "administrator@clinic.org")


def test_a_disabled_account_can_be_opened_again(service: Service, known: Client) -> None:
    for _ in range(2):
        accounts.disable_user(service, known.administrator, known.planner.user_id or 0)
    assert _try(service, PLANNER, GOOD).startswith("not_signed_in")
    for _ in range(2):
        accounts.enable_user(service, known.administrator, known.planner.user_id or 0)
    assert _try(service, PLANNER, GOOD) == "in"
    assert [entry.action for entry in audit.entries(service, known.administrator, action="account.").entries][:2] == [
        "account.enable",
        "account.disable",
    ]


def test_a_role_counts_from_the_next_request(service: Service, clinic: Client) -> None:
    token = sessions.bind(service, None, clinic.planner)
    accounts.change_role(service, clinic.administrator, clinic.planner.user_id or 0, "auditor")
    view = sessions.load(service, token)
    assert view is not None
    assert view.actor is not None
    assert view.actor.role is Role.AUDITOR
    with pytest.raises(NotAllowed):
        accounts.users(service, view.actor)


def test_preferences_are_kept_and_checked(service: Service, clinic: Client) -> None:
    accounts.set_preferences(service, clinic.agent, locale="es", theme="dark", zone="America/Denver")
    actor = accounts.acting(service, "agent@clinic.org")
    assert (actor.locale, actor.theme, actor.zone) == ("es", "dark", "America/Denver")
    before = audit.verify(service, clinic.id).rows
    accounts.set_preferences(service, clinic.agent, locale="es")
    assert audit.verify(service, clinic.id).rows == before
    for wrong in ({"locale": "xx"}, {"theme": "pink"}, {"zone": "Mars"}):
        with pytest.raises(InvalidInput):
            accounts.set_preferences(service, clinic.agent, **wrong)
