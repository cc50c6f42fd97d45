"""The command line: parse, call one use case, print."""

from __future__ import annotations


def main() -> None:
    """Run `wfm` with the arguments of this process."""
    from wfm.cli.app import run

    run()
