"""All commands under one roof, and how they end: 0 done, 2 wrong input (one plain line), 1 a fault of ours, 130 stopped."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer

from wfm.cli import accounts, data, forecast_changes, planning, queueing, rosters, running, running_day, schedules
from wfm.errors import WfmError

app = typer.Typer(
    name="wfm",
    help="Forecast contacts, staff queues and build schedules for contact centres.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (running, data, planning, forecast_changes, running_day, queueing, schedules, rosters, accounts):
    part.add_to(app)
# Typer brings its own copy of click or uses the installed one, as its version has it: the root of usage errors is reached through it.
_Usage: Any = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def run() -> None:
    """Run the command that this process was started with."""
    try:
        status = app(standalone_mode=False)
        sys.stdout.flush()
    except typer.Exit as end:
        status = end.exit_code
    except _Usage as error:
        error.show()
        status = error.exit_code
    except WfmError as error:
        status = _say(str(error), 2)
    except (typer.Abort, KeyboardInterrupt):
        status = _say("stopped", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except OSError as error:
        status = _say(f"{error.filename or 'a file'}: {error.strerror or error}", 2)
    except Exception as error:
        if os.environ.get("WFM_LOG_LEVEL", "").upper() == "DEBUG":
            raise
        status = _say(f"this should not happen ({type(error).__name__}: {error}); WFM_LOG_LEVEL=DEBUG shows where", 1)
    sys.exit(status if isinstance(status, int) else 0)


def _say(text: str, status: int) -> int:
    print(f"wfm: {text}", file=sys.stderr)
    return status
