"""A draft in the hands of somebody who changes it: its problem, its shifts, and the one way in which they are replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wfm.domain.roster import Break, RosterProblem, Shift
from wfm.domain.rules import Violation, violations
from wfm.domain.staff import Agent
from wfm.domain.timegrid import zone
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import audit, edit_effect
from wfm.service.context import Actor, Service
from wfm.service.draft_view import breaks_document, shift_of
from wfm.service.edit_effect import Effect, Measured
from wfm.service.gap import gap_in_words
from wfm.service.problem_document import packed, unpacked
from wfm.storage import drafts as store
from wfm.storage import staff
from wfm.storage.series import pack, unpack
from wfm.storage.tables import DraftEditRow, DraftShiftRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.storage.tables import DraftRow


@dataclass(frozen=True, slots=True)
class Placed:
    """A shift of a draft, pinned or not; pinned ones stay to the minute when the rest is built or repaired."""

    shift: Shift
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class ShiftKey:
    """The shift that somebody looked at: whose, when it starts (UTC), and its `row_version`; None takes whatever is there."""

    agent: str
    start: datetime
    row_version: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit does: shifts that go, shifts that come, and the problem that the draft answers from now on where it is another one.

    `told` is what people should read of it where the shifts do not say it; `bound` is a proven lower bound of that other problem, where
    one is known.
    """

    kind: str
    gone: tuple[Placed, ...]
    came: tuple[Placed, ...]
    problem: RosterProblem | None = None
    told: Mapping[str, Any] | None = None
    bound: float | None = None


class DraftState:
    """A draft that is held for a change until the end of the transaction."""

    def __init__(self, session: Session, actor: Actor, number: int) -> None:
        self.row: DraftRow = store.draft(session, actor.organisation_id, number, to_change=True)
        if not self.row.problem:
            raise Conflict(f"draft {number} was stored without its problem; build a new one")
        self.problem: RosterProblem = unpacked(self.row.problem)
        self._rows: dict[tuple[str, datetime], DraftShiftRow] = {
            (agent.key, row.start): row for row, agent in store.shifts(session, self.row)
        }

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """Every shift, as it stood when the draft was taken in hand."""
        return tuple(Placed(shift_of(row, agent), row.pinned) for (agent, _), row in self._rows.items())

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """Every shift, without its mark."""
        return tuple(one.shift for one in self.placed)

    def agent(self, key: str) -> Agent:
        """A person whom this draft can schedule.

        Raises
        ------
        NotFound
            When the draft does not know that person.
        """
        if key not in self.problem.agent_of:
            raise NotFound(f"draft {self.row.number} has nobody {key!r}")
        return self.problem.agent_of[key]

    def held(self, key: ShiftKey, wanted: str) -> Placed:
        """The shift that was looked at.

        Parameters
        ----------
        wanted
            What is to become of it, for the message.

        Raises
        ------
        Conflict
            When it was changed meanwhile; the message says what is there now and what was wanted.
        """
        row = self._rows.get((self.agent(key.agent).id, key.start))
        if row is None or (key.row_version is not None and row.row_version != key.row_version):
            day = self._local(key.start).date()
            now = [self.said(shift) for shift in self.shifts if shift.agent == key.agent and self._local(shift.start).date() == day]
            name = self.agent(key.agent).name or key.agent
            there = f"now {' and '.join(now)}" if now else "no shift any more"
            raise Conflict(f"somebody changed {name} on {day:%a %d %b} meanwhile: {there}; you wanted {wanted}. Look again, then decide")
        return Placed(shift_of(row, key.agent), row.pinned)

    def said(self, shift: Shift) -> str:
        """A shift on the draft's clock, for messages."""
        return f"{self._local(shift.start):%H:%M}–{self._local(shift.end):%H:%M}"

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(zone(self.row.zone))

    def instant(self, moment: datetime) -> datetime:
        """An aware time as it is, a naive one on the draft's clock; on the grid of the draft.

        Raises
        ------
        InvalidInput
            When it does not stand on the grid.
        """
        grid = self.problem.grid
        if moment.tzinfo is None:
            moment = grid.instant(moment.date(), moment.hour * 60 + moment.minute)
        if grid.position(moment) % 1:
            raise InvalidInput(f"times stand on the {grid.interval_minutes}-minute grid, got {self._local(moment):%H:%M}")
        return moment.astimezone(UTC)

    def refuse_impossible(self, change: Change) -> None:
        """Nobody in two places, nothing outside the days of the draft: what no draft may hold, whatever the rules.

        Raises
        ------
        InvalidInput
            Naming the shift.
        """
        grid, gone = self.problem.grid, {(one.shift.agent, one.shift.start) for one in change.gone}
        stay = [shift for shift in self.shifts if (shift.agent, shift.start) not in gone]
        for one in change.came:
            shift, name = one.shift, self.agent(one.shift.agent).name or one.shift.agent
            if not grid.begin <= shift.start < shift.end <= grid.end:
                raise InvalidInput(f"{name} {self.said(shift)} lies outside {grid.dates[0]} to {grid.dates[-1]}, the days of this draft")
            other = next((o for o in stay if o.agent == shift.agent and o.start < shift.end and shift.start < o.end), None)
            if other is not None:
                raise InvalidInput(f"{name} works {self.said(other)} already; {self.said(shift)} would overlap")
            self._refuse_meeting(shift, change.problem or self.problem)
            stay.append(shift)

    def _refuse_meeting(self, shift: Shift, problem: RosterProblem) -> None:
        """Nobody has a break and an activity at once."""
        agent = problem.agent_of[shift.agent]
        for part in agent.fixed:
            if any(pause.start < part.end and part.start < pause.end for pause in shift.breaks):
                name, when = agent.name or agent.id, f"{self._local(part.start):%H:%M}"
                raise InvalidInput(f"a break of {name} would meet {part.activity or 'an activity'} at {when}; move one of them first")


def apply(service: Service, actor: Actor, session: Session, state: DraftState, change: Change) -> DraftEditRow:
    """Make a change, measure what it does, note it as an edit that can be undone, and write the audit row."""
    state.refuse_impossible(change)
    edits = store.edits(session, state.row)
    number = max((one.number for one in edits), default=0) + 1
    for one in edits:
        if one.undone:  # a new edit leaves nothing to do again
            session.delete(one)
    other_problem, proven = (state.row.problem, state.row.lower_bound) if change.problem else (None, None)
    effect = replace_shifts(session, state, change, proven=change.bound)
    about = {"told": dict(change.told)} if change.told else {}
    row = DraftEditRow(
        organisation_id=actor.organisation_id,
        draft_id=state.row.id,
        number=number,
        kind=change.kind,
        made_at=service.now(),
        made_by=actor.name,
        before=[document(one) for one in change.gone],
        after=[document(one) for one in change.came],
        other_problem=other_problem,
        effect={**edit_effect.document(effect), "proven": proven, "bound": change.bound, **about},
        undone=False,
    )
    session.add(row)
    session.flush()
    told = {"edit": number, "kind": change.kind, **(change.told or {})}
    audit.record(
        session, service, actor, "draft.edit", "draft", state.row.number, {**told, "shifts": row.before}, {**told, "shifts": row.after}
    )
    return row


def replace_shifts(
    session: Session, state: DraftState, change: Change, objective: float | None = None, proven: float | None = None
) -> Effect:
    """Put the shifts of a change in the place of those that go; problem, coverage, objective and broken rules follow.

    Parameters
    ----------
    objective
        What the objective is known to be afterwards; None works it out.
    proven
        The lower bound of the other problem that the change brings, where one is known.
    """
    problem = change.problem or state.problem
    if change.problem is not None:
        state.row.lower_bound = proven
    gone = {(one.shift.agent, one.shift.start) for one in change.gone}
    before = state.shifts
    after = (*(shift for shift in before if (shift.agent, shift.start) not in gone), *(one.shift for one in change.came))
    measured = edit_effect.measure(state.problem, problem, state.row.objective, unpack(state.row.coverage), before, after)
    _write_shifts(session, state, change)
    _write_draft(state, problem, after, measured, objective)
    return measured.effect


def _write_shifts(session: Session, state: DraftState, change: Change) -> None:
    ids = staff.agent_ids(session, state.row.organisation_id)
    version = state.row.row_version + 1
    for one in change.gone:
        session.delete(state._rows[one.shift.agent, one.shift.start])
    session.flush()
    session.add_all(shift_row(state.row, ids[one.shift.agent], one, version) for one in change.came)


def shift_row(draft: DraftRow, agent_id: int, one: Placed, row_version: int) -> DraftShiftRow:
    """A placed shift as a row of its draft."""
    return DraftShiftRow(
        organisation_id=draft.organisation_id,
        draft_id=draft.id,
        agent_id=agent_id,
        start=one.shift.start,
        end=one.shift.end,
        breaks=breaks_document(one.shift.breaks),
        pinned=one.pinned,
        row_version=row_version,
    )


def _write_draft(state: DraftState, problem: RosterProblem, shifts: Sequence[Shift], measured: Measured, objective: float | None) -> None:
    row = state.row
    row.objective = measured.effect.objective_after if objective is None else objective
    row.coverage = pack(measured.coverage)
    row.row_version += 1
    if problem is not state.problem:
        row.problem = packed(problem)
    broken = _all_broken(row.report, problem, shifts, measured)
    gap = "" if broken["broken"] else gap_in_words(problem, row.objective, row.lower_bound)
    row.report = {**row.report, **broken, "gap": gap}


def _all_broken(report: Mapping[str, Any], problem: RosterProblem, shifts: Sequence[Shift], measured: Measured) -> dict[str, Any]:
    """The broken rules of the whole draft: those of the people touched anew, those of all others as they were known."""
    words, lines = report.get("rules_broken", ()), report.get("broken")
    if lines is None or len(lines) != len(words):
        return broken_rules(violations(problem, shifts))
    kept = [(word, line) for word, line in zip(words, lines, strict=True) if line[0] not in measured.touched]
    order = {agent.id: position for position, agent in enumerate(problem.agents)}
    all_of_them = kept + list(zip(*broken_rules(measured.broken).values(), strict=True))
    all_of_them.sort(key=lambda one: order.get(one[1][0], -1))
    return {"rules_broken": [word for word, _ in all_of_them], "broken": [line for _, line in all_of_them]}


def broken_rules(found: Sequence[Violation]) -> dict[str, Any]:
    """Broken rules as the report of a draft keeps them: in words, and by person, time and text."""
    return {"rules_broken": [str(line) for line in found], "broken": [[line.agent, line.when, line.text] for line in found]}


def document(one: Placed) -> dict[str, Any]:
    """A placed shift as an edit keeps it: UTC, ISO 8601."""
    shift = one.shift
    return {
        "agent": shift.agent,
        "start": shift.start.isoformat(),
        "end": shift.end.isoformat(),
        "breaks": [[pause.start.isoformat(), pause.end.isoformat(), pause.paid] for pause in shift.breaks],
        "pinned": one.pinned,
    }


def from_document(content: Mapping[str, Any]) -> Placed:
    """The placed shift that `document` wrote down."""
    at = datetime.fromisoformat
    breaks = tuple(Break(at(begin), at(end), bool(paid)) for begin, end, paid in content["breaks"])
    return Placed(Shift(str(content["agent"]), at(content["start"]), at(content["end"]), breaks), bool(content["pinned"]))


def change_of(edit: DraftEditRow, *, back: bool) -> Change:
    """What takes an edit back, or what does it again."""
    before, after = tuple(map(from_document, edit.before)), tuple(map(from_document, edit.after))
    problem = None if edit.other_problem is None else unpacked(edit.other_problem)
    return Change(edit.kind, after, before, problem) if back else Change(edit.kind, before, after, problem)
