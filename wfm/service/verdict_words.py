"""A verdict in plain words, for findings and the command line."""

from __future__ import annotations

from collections.abc import Mapping

from wfm.service.replaying import Verdict

CAUSES = {
    "volume": "the contacts that came",
    "aht": "handling times",
    "shrinkage": "changes on the day",
    "schedule": "the schedule",
    "sharing": "sharing people between queues, and chance,",
}
LEAST = 0.0005  # a part that rounds to 0.0 points is not worth a word


def level_in_words(verdict: Verdict, promised: float | None, awt_s: float) -> str:
    """`74.3 % answered within 20 s, 80 % promised, 87.9 % planned`."""
    promise = "" if promised is None else f"{100 * promised:.3g} % promised, "
    return f"{100 * verdict.kept:.1f} % answered within {awt_s:.0f} s, {promise}{100 * verdict.planned:.1f} % planned"


def causes_in_words(parts: Mapping[str, float]) -> str:
    """`the contacts that came took 9.5 points, the schedule gave 6.7`: the largest first."""
    told = sorted(((name, part) for name, part in parts.items() if abs(part) >= LEAST), key=lambda one: -abs(one[1]))
    if not told:
        return "nothing came otherwise than planned"
    said = [
        f"{CAUSES[name]} {'took' if part < 0 else 'gave'} {100 * abs(part):.1f}{' points' if not n else ''}"
        for n, (name, part) in enumerate(told)
    ]
    return ", ".join(said)


def capitalised(sentence: str) -> str:
    """The same with a capital letter in front."""
    return sentence[:1].upper() + sentence[1:]
