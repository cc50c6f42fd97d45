"""Load what the first edit of a draft needs, before somebody makes it: a web process does so by itself a moment after it starts."""

from __future__ import annotations

import threading
from importlib import import_module

AFTER_S = 1.5
NEEDED = ("wfm.scheduler.split", "wfm.scheduler.attendance", "wfm.scheduler.blocks", "wfm.scheduler.formats", "wfm.scheduler.precheck")


def begin(after_s: float = AFTER_S) -> threading.Thread:
    """Start to load in the background, `after_s` seconds from now; what fails here fails again, and is told, where it is needed.

    Parameters
    ----------
    after_s
        Delay, s, so that the first page is answered before.
    """
    timer = threading.Timer(after_s, load)
    timer.daemon = True
    timer.start()
    return timer


def load() -> None:
    """Load the solver of the cover with a smallest programme, and the modules that place and check."""
    for name in NEEDED:
        import_module(name)
    from scipy.optimize import linprog

    linprog([-1.0], A_ub=[[1.0]], b_ub=[1.0], method="highs")
