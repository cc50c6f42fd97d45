"""One job in a process of its own: `python -m wfm.jobs.child`, with settings and claim as JSON on standard input."""

from __future__ import annotations

import importlib
import json
import sys
from typing import TextIO

from wfm import logs
from wfm.errors import Cancelled, Unavailable, WfmError
from wfm.service import work
from wfm.service.context import Service
from wfm.service.opening import open_service
from wfm.service.processes import die_with_parent
from wfm.service.work import Fence
from wfm.settings import Settings

DONE, FAILED, LOST = 0, 1, 3


def main(order: TextIO) -> int:
    """Do the job that `order` names; the exit status says how it ended."""
    wanted = json.load(order)
    die_with_parent(wanted["parent"])
    settings = Settings(**wanted["settings"])
    logs.configure(settings, "job")
    for module in wanted["preload"]:
        importlib.import_module(module)
    fence = Fence(**wanted["fence"])
    with logs.bound(job_id=fence.job_id, attempt=fence.attempt):
        return attempt(open_service(settings, migrate=False), fence, wanted["lease_s"])


def attempt(service: Service, fence: Fence, lease_s: float) -> int:
    """Do the job and note how it ended."""
    from wfm.jobs.run import run

    log = logs.get("wfm.jobs")
    try:
        claim = work.held(service, fence)
        log.info("job started", kind=claim.kind)
        run(service, claim, lease_s)
    except Cancelled:
        work.stopped(service, fence)
        log.info("job cancelled")
    except Unavailable:
        log.warning("database does not answer")  # the worker frees the job for another attempt
        return FAILED
    except WfmError as error:
        if not work.fail(service, fence, str(error)):
            log.warning("job lost")
            return LOST
        log.warning("job failed", code=error.code)
        return FAILED
    except Exception:
        log.exception("job failed")
        work.fail(service, fence, "Something went wrong inside wfm; nothing was changed. The log of the worker says more.")
        return FAILED
    else:
        log.info("job done")
    return DONE


if __name__ == "__main__":  # pragma: no cover - another process
    sys.exit(main(sys.stdin))
