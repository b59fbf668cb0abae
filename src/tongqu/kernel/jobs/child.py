"""The process of one job: `python -m tongqu.kernel.jobs.child`, its order comes on standard input.

It builds its own platform with the function that `platform_factory` in the settings' options names, finds the kind
in the manifests, runs it, and writes the outcome under the fence of its attempt. It ends when its standard input
closes, that is, when its worker is gone.
"""

from __future__ import annotations

import logging
import os
import pickle
import secrets
import sys
import threading
import traceback
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from tongqu.kernel.jobs import service, store
from tongqu.kernel.jobs.context import Cancelled, JobContext, LogHandler, Reporter
from tongqu.kernel.jobs.kinds import JobKind
from tongqu.kernel.jobs.tables import State
from tongqu.kernel.platform import Platform, Settings
from tongqu.kit.errors import TongquError

log = logging.getLogger("tongqu.jobs")
ORPHANED = 70


@dataclass(frozen=True)
class Order:
    """What a worker tells the process of a job."""

    settings: Settings
    factory: str
    job: dict[str, Any]
    folder: Path
    path: list[str]


def build(factory: str, settings: Settings) -> Platform:
    """The platform that a dotted `module:function` gives for the settings."""
    module, _, name = factory.partition(":")
    platform = getattr(import_module(module), name)(settings)
    if not isinstance(platform, Platform):
        raise TypeError(f"{factory} gave {type(platform).__name__}, not a Platform")
    return platform


def find_kind(platform: Platform, kind_id: str) -> JobKind | None:
    return next((kind for module in platform.modules for kind in module.jobs if kind.id == kind_id), None)


def run(platform: Platform, job: dict[str, Any], folder: Path) -> None:
    """Run a claimed job and write how it ended."""
    reporter = Reporter(platform, job["id"], job["attempt"])
    handler = LogHandler(reporter.log)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    house = logging.getLogger("tongqu")
    house.setLevel(logging.INFO)
    house.addHandler(handler)
    reporter.start()
    try:
        outcome = _outcome(platform, job, folder, reporter)
    finally:
        house.removeHandler(handler)
        reporter.stop()
    with platform.store.write(store.PLATFORM) as work:
        store.write_running(work, job["id"], job["attempt"], {**outcome, "finished_ms": work.now_ms})


def _outcome(platform: Platform, job: dict[str, Any], folder: Path, reporter: Reporter) -> dict[str, Any]:
    try:
        kind = find_kind(platform, job["kind"])
        if kind is None:
            raise TongquError("jobs.unknown_kind", kind=job["kind"])
        with platform.store.read(store.PLATFORM) as work:
            actor = service.unpack_actor(store.actor_of(work, job["id"]))
        context = JobContext(platform, actor, job["id"], job["attempt"], job["seed"], folder, reporter)
        result = orjson.loads(orjson.dumps(kind.run(context, job["parameters"])))
        return {"state": State.DONE.value, "progress": 1.0, "result": result}
    except Cancelled:
        return {"state": State.CANCELLED.value}
    except TongquError as error:
        return {"state": State.FAILED.value, "error": error.as_problem()}
    except Exception:
        reference = secrets.token_hex(4)
        reporter.log("error", traceback.format_exc())
        crash = TongquError("jobs.crashed", reference=reference)
        log.exception("job %s, reference %s", job["id"], reference)
        return {"state": State.FAILED.value, "error": crash.as_problem() | {"reference": reference}}


def _end_with_worker() -> None:
    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(ORPHANED)

    threading.Thread(target=watch, name="worker-watch", daemon=True).start()


def main() -> None:
    stdin = sys.stdin.buffer
    path: list[str] = orjson.loads(stdin.readline())
    sys.path[:] = path
    order: Order = pickle.load(stdin)
    _end_with_worker()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    platform = build(order.factory, order.settings)
    try:
        run(platform, order.job, order.folder)
    finally:
        platform.close()


if __name__ == "__main__":
    main()
