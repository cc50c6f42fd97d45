"""Our people needed beside those of an independent program."""

from __future__ import annotations

from dataclasses import dataclass

from wfm.domain.demand import ServiceTarget

Row = tuple[str, int, int, str, str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One interval of one queue: contacts, seconds and shares as in `wfm.erlang`; `patience_s` None for nobody who leaves."""

    volume: float
    interval_s: float
    aht_s: float
    level: float
    awt_s: float
    shrinkage: float
    max_occupancy: float | None
    patience_s: float | None


def compared(asked: Question) -> tuple[list[Row], str]:
    """Rows (method, on queue, scheduled, service level, occupancy, waits) and a sentence about the difference.

    Raises
    ------
    Unavailable
        When pyworkforce is not installed or fails.
    """
    from wfm.erlang import gross_up, required_agents
    from wfm.erlang.second_opinion import pyworkforce_required

    target = ServiceTarget(asked.level, asked.awt_s, max_occupancy=asked.max_occupancy)
    rate = asked.volume / asked.interval_s
    ours = int(required_agents(rate, asked.aht_s, target))
    rows = [_row("wfm, Erlang C", asked, ours, int(gross_up(ours, asked.shrinkage)), None)]
    theirs = pyworkforce_required(
        asked.volume, asked.aht_s, asked.interval_s, asked.level, asked.awt_s, max_occupancy=asked.max_occupancy or 1.0,
        shrinkage=asked.shrinkage,
    )  # fmt: skip
    rows.append(_row("pyworkforce, Erlang C", asked, int(theirs.agents), int(theirs.scheduled), None))
    if asked.patience_s is not None:
        fewer = int(required_agents(rate, asked.aht_s, target, asked.patience_s))
        rows.append(_row("wfm, Erlang A", asked, fewer, int(gross_up(fewer, asked.shrinkage)), asked.patience_s))
    return rows, _sentence(ours, rows[0][2], int(theirs.agents), int(theirs.scheduled))


def _row(method: str, asked: Question, agents: int, scheduled: int, patience_s: float | None) -> Row:
    from wfm.erlang import erlang_a

    found = erlang_a(asked.volume / asked.interval_s, asked.aht_s, agents, patience_s or float("inf"), asked.awt_s)
    level, occupancy, waits = (f"{100 * float(x):.1f} %" for x in (found.service_level, found.occupancy, found.wait_probability))
    return method, agents, scheduled, level, occupancy, waits


def _sentence(ours: int, ours_scheduled: int, theirs: int, theirs_scheduled: int) -> str:
    if (ours, ours_scheduled) == (theirs, theirs_scheduled):
        return "Both agree."
    reasons = []
    if theirs > ours:
        reasons.append("pyworkforce starts its search above the load, so it can miss a smaller number that keeps the promise")
    if (theirs - ours) != (theirs_scheduled - ours_scheduled) or (theirs == ours):
        reasons.append("it rounds agents / (1 - shrinkage) up in floating point, where an exact quotient can come out one too high")
    return f"They differ by {theirs - ours} on queue and {theirs_scheduled - ours_scheduled} scheduled: {'; '.join(reasons)}."
