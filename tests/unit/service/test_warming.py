"""What the first edit needs is loaded before somebody makes it."""

from __future__ import annotations

import sys

from wfm.service import warming


def test_what_edits_need_is_loaded_in_the_background() -> None:
    thread = warming.begin(0.0)
    thread.join(60)
    assert not thread.is_alive()
    assert set(warming.NEEDED) <= set(sys.modules)
    assert thread.daemon
