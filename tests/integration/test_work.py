"""Job rows: wanted once, claimed by one, written by whoever holds the claim."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import pytest

from tests.support.service import NOON, Client, Clock
from wfm.errors import Cancelled, Conflict, InvalidInput, NotAllowed, NotFound
from wfm.service import work
from wfm.service.context import Actor, Role, Service
from wfm.service.progress import Part
from wfm.service.work import Beat, JobProgress, Kind
from wfm.storage.tables import UserRow

KINDS = tuple(Kind)


@pytest.fixture
def planner(service: Service, clinic: Client) -> tuple[Service, Actor]:
    return service, clinic.planner


def test_work_that_is_wanted_waits(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {"days": 7})
    assert (job.state, job.kind, job.wanted_by, job.attempts, job.over) == ("waiting", "forecast", "Planner of Clinic", 0, False)
    assert work.jobs(service, pat) == (job,)
    assert work.job(service, pat, job.id) == job


def test_the_same_slot_is_wanted_once(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    first = work.enqueue(service, pat, "night", {}, slot="2026-06-09")
    assert work.enqueue(service, pat, "night", {}, slot="2026-06-09").id == first.id
    assert work.enqueue(service, pat, "forecast", {}, slot="2026-06-09").id != first.id
    assert len(work.jobs(service, pat)) == 2


def test_an_unknown_kind_is_refused(planner: tuple[Service, Actor]) -> None:
    with pytest.raises(InvalidInput, match=f"must be one of {', '.join(work.Kind)}, got 'dance'"):
        work.enqueue(*planner, "dance", {})


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.AUDITOR])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != Kind.TODAY])
def test_only_planners_want_work(planner: tuple[Service, Actor], role: Role, kind: Kind) -> None:
    service, pat = planner
    with pytest.raises(NotAllowed):
        work.enqueue(service, replace(pat, role=role), kind, {})


@pytest.mark.parametrize(("role", "may"), [(Role.AGENT, False), (Role.SUPERVISOR, True), (Role.AUDITOR, True)])
def test_whoever_reads_the_rest_of_today_may_want_it(planner: tuple[Service, Actor], role: Role, may: bool) -> None:
    service, pat = planner
    with nullcontext() if may else pytest.raises(NotAllowed):
        work.enqueue(service, replace(pat, role=role), Kind.TODAY, {"day": "2026-06-08"})


def test_another_organisation_sees_nothing(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {})
    stranger = replace(pat, organisation_id=pat.organisation_id + 1)
    assert work.jobs(service, stranger) == ()
    for look in (work.job, work.cancel):
        with pytest.raises(NotFound):
            look(service, stranger, job.id)


def test_the_oldest_job_is_claimed_first_and_only_once(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    wanted = [work.enqueue(service, pat, "forecast", {"n": n}).id for n in range(3)]
    taken = [work.claim(service, "w", KINDS) for _ in range(4)]
    assert [c and c.fence.job_id for c in taken] == [*wanted, None]


def test_a_claim_gives_what_was_wanted(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    work.enqueue(service, pat, "import", {"file_name": "a.csv"}, attachment=b"\x00\xffx")
    claim = work.claim(service, "w", KINDS)
    assert claim is not None
    assert (claim.kind, claim.payload, claim.attachment) == ("import", {"file_name": "a.csv"}, b"\x00\xffx")
    actor = work.actor_of(service, claim)
    assert (actor.user_id, actor.role, actor.organisation_id) == (pat.user_id, Role.PLANNER, pat.organisation_id)


def test_only_wanted_kinds_are_claimed(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    work.enqueue(service, pat, "solve", {})
    assert work.claim(service, "w", [Kind.FORECAST]) is None
    assert work.claim(service, "w", [Kind.SOLVE]) is not None


def test_many_workers_at_once_claim_every_job_once(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    wanted = {work.enqueue(service, pat, "forecast", {}).id for _ in range(12)}
    taken: list[int] = []

    def worker(name: str) -> None:
        while claim := work.claim(service, name, KINDS):
            taken.append(claim.fence.job_id)

    threads = [threading.Thread(target=worker, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(wanted)


def test_a_beat_keeps_the_claim_and_without_one_it_is_lost(planner: tuple[Service, Actor], clock: Clock) -> None:
    service, pat = planner
    work.enqueue(service, pat, "forecast", {})
    first = work.claim(service, "one", KINDS, lease_s=30)
    assert first is not None
    clock.forward(seconds=20)
    assert work.beat(service, first.fence, 30) is Beat.GO_ON
    clock.forward(seconds=25)
    assert work.claim(service, "two", KINDS) is None
    clock.forward(seconds=6)
    second = work.claim(service, "two", KINDS)
    assert second is not None
    assert second.fence.attempt == 2
    assert work.beat(service, first.fence) is Beat.LOST
    with pytest.raises(Conflict, match="taken over"):
        work.held(service, first.fence)


def test_whoever_lost_the_claim_cannot_store_a_result(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {})
    first = work.claim(service, "one", KINDS, lease_s=-1)
    second = work.claim(service, "two", KINDS)
    assert first is not None
    assert second is not None
    for store in (JobProgress(service, first).finish, JobProgress(service, first).keep):
        with pytest.raises(Conflict):
            _store(service, _user(pat, "half"), store)
    with service.database.transaction() as session:
        session.add(_user(pat, "whole"))
        JobProgress(service, second).finish(session, forecast=2)
    after = work.job(service, pat, job.id)
    assert (after.state, after.result, after.share_done) == ("done", {"forecast": 2}, 1.0)
    with service.database.reading() as session:
        names = {row.name for row in session.query(UserRow)}
    assert "whole" in names
    assert "half" not in names


def test_a_job_that_kills_its_workers_is_given_up(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {})
    for attempt in range(work.MOST_ATTEMPTS):
        claim = work.claim(service, f"w{attempt}", KINDS, lease_s=-1)
        assert claim is not None
    work.enqueue(service, pat, "forecast", {})
    following = work.claim(service, "w9", KINDS)
    assert following is not None
    assert following.fence.job_id != job.id
    after = work.job(service, pat, job.id)
    assert (after.state, after.over) == ("failed", True)
    assert "tried 3 times" in str(after.error)


def test_a_waiting_job_is_cancelled_at_once(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {})
    assert work.cancel(service, pat, job.id).state == "cancelled"
    assert work.claim(service, "w", KINDS) is None
    with pytest.raises(Conflict, match="cancelled already"):
        work.cancel(service, pat, job.id)


def test_a_running_job_learns_that_it_should_stop(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {})
    claim = work.claim(service, "w", KINDS)
    assert claim is not None
    progress = JobProgress(service, claim, pause_s=0.0)
    assert not progress.cancelled()
    progress.say(0.1, "reading")
    assert work.cancel(service, pat, job.id).state == "running"
    assert progress.cancelled()
    with pytest.raises(Cancelled):
        Part(progress, "forecast", 0.5, 1.0).say(0.2, "fitting")
    assert work.stopped(service, claim.fence)
    assert work.job(service, pat, job.id).state == "cancelled"


def test_a_cancelled_job_that_its_worker_left_is_not_tried_again(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "forecast", {})
    work.claim(service, "w", KINDS, lease_s=-1)
    work.cancel(service, pat, job.id)
    assert work.claim(service, "w2", KINDS) is None
    assert work.job(service, pat, job.id).state == "cancelled"


def test_progress_is_seen_while_the_work_goes_on(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    job = work.enqueue(service, pat, "solve", {})
    claim = work.claim(service, "w", KINDS)
    assert claim is not None
    progress = JobProgress(service, claim, pause_s=0.0)
    progress.note(0.25, "looking", objective=12.5, bound=10.0)
    Part(progress, "solve", 0.5, 1.0).note(0.5, "still looking")
    seen = work.job(service, pat, job.id)
    assert (seen.share_done, seen.step) == (0.75, "still looking")
    assert [(p["text"], p.get("objective")) for p in seen.progress] == [("looking", 12.5), ("still looking", None)]
    assert seen.eta_s is not None
    assert seen.eta_s >= 0


def test_what_one_step_kept_is_there_for_the_next_attempt(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    work.enqueue(service, pat, "night", {})
    first = work.claim(service, "one", KINDS, lease_s=-1)
    assert first is not None
    with service.database.transaction() as session:
        Part(JobProgress(service, first), "step", 0.0, 0.5).finish(session, forecast=31)
    second = work.claim(service, "two", KINDS)
    assert second is not None
    progress = JobProgress(service, second)
    assert progress.kept == {"step": {"forecast": 31}}
    assert Part(progress, "step", 0.0, 0.5).kept == {"forecast": 31}
    with service.database.transaction() as session:
        progress.finish(session, findings=2)
    assert work.jobs(service, pat)[0].result == {"step": {"forecast": 31}, "findings": 2}


def test_a_worker_that_is_told_to_stop_gives_its_job_back_without_counting(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    work.enqueue(service, pat, "forecast", {})
    for turn in range(5):
        claim = work.claim(service, f"w{turn}", KINDS)
        assert claim is not None
        assert claim.fence.attempt == 1
        assert work.give_back(service, claim.fence)


def test_the_attachment_goes_when_the_job_is_over(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    for over in ("finish", "fail"):
        work.enqueue(service, pat, "import", {}, attachment=b"rows")
        claim = work.claim(service, "w", KINDS)
        assert claim is not None
        if over == "fail":
            work.fail(service, claim.fence, "no")
        else:
            with service.database.transaction() as session:
                work.finish(session, service, claim.fence, {})
        with service.database.reading() as session:
            assert session.execute(_attachments()).scalar_one() == 0


def test_work_of_a_disabled_account_is_refused(planner: tuple[Service, Actor]) -> None:
    service, pat = planner
    work.enqueue(service, pat, "forecast", {})
    claim = work.claim(service, "w", KINDS)
    assert claim is not None
    with service.database.transaction() as session:
        user = session.get(UserRow, pat.user_id)
        assert user is not None
        user.disabled_at = service.now()
    with pytest.raises(NotAllowed, match="disabled"):
        work.actor_of(service, claim)


def _store(service: Service, row: UserRow, finish: Callable[..., None]) -> None:
    with service.database.transaction() as session:
        session.add(row)
        finish(session, forecast=1)


def _user(actor: Actor, name: str) -> UserRow:
    return UserRow(
        organisation_id=actor.organisation_id, email=f"{name}@example.org", name=name, role="agent", zone="UTC", created_at=NOON
    )


def _attachments():  # type: ignore[no-untyped-def]
    from sqlalchemy import func, select

    from wfm.storage.tables import JobRow

    return select(func.count()).select_from(JobRow).where(JobRow.attachment.is_not(None))
