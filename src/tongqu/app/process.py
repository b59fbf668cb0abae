"""One process of the platform: `python -m tongqu.app.process ROLE SETTINGS`, started by the supervisor.

A process ends by itself when its standard input closes, that is, when the supervisor is gone however it went.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from tongqu.app import settings as settings_module
from tongqu.app.platform import open_platform
from tongqu.kernel.platform import Platform

log = logging.getLogger("tongqu.process")


def api(platform: Platform) -> None:
    """The page, the API, and all that belongs to the owner of the history."""
    import uvicorn

    from tongqu.app.http import create_app

    for module in platform.modules:
        if module.start is not None:
            module.start(platform)
    for module in platform.modules:
        if module.ready is not None:
            module.ready(platform)
    app = create_app(platform)
    # what stands by now stays, and need not be looked through again and again while an answer waits
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    uvicorn.run(
        app,
        host=platform.settings.host,
        port=platform.settings.port,
        log_level="warning",
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=3,
        server_header=False,
    )


def gateway(platform: Platform) -> None:
    """All listeners of all modules in one event loop."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        tasks = [
            asyncio.create_task(listener.run(platform), name=listener.id)
            for module in platform.modules
            for listener in module.listeners
        ]
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: [task.cancel() for task in tasks])
        await asyncio.gather(*tasks, return_exceptions=False)

    try:
        import uvloop

        runner: Callable[..., None] = uvloop.run
    except ImportError:
        runner = asyncio.run
    try:
        runner(run())
    except asyncio.CancelledError:
        log.info("gateway closed")


def worker(platform: Platform) -> None:
    """Runs queued jobs."""
    from tongqu.kernel.jobs import worker as jobs_worker

    jobs_worker.main(platform)


def demo(platform: Platform) -> None:
    """The simulated side of the demo province."""
    from tongqu.app.demo import load_world

    world = load_world(platform.settings)
    cancelled = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: cancelled.set())
    threads = [
        threading.Thread(target=module.demo.play, args=(platform, world, cancelled), name=module.id)
        for module in platform.modules
        if module.demo is not None and module.demo.play is not None
    ]
    for thread in threads:
        thread.start()
    while not cancelled.wait(0.5):
        if threads and not any(thread.is_alive() for thread in threads):
            raise SystemExit("all players of the demo have ended")
    for thread in threads:
        thread.join(5)


ROLES: dict[str, Callable[[Platform], None]] = {"api": api, "gateway": gateway, "worker": worker, "demo": demo}


def _end_with_supervisor() -> None:
    def watch() -> None:
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()


def main() -> None:
    role, path = sys.argv[1], Path(sys.argv[2])
    logging.basicConfig(
        level=logging.INFO, format=f"%(asctime)s {role} %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)  # feeds are fetched twice a minute: what fails is told anyway
    _end_with_supervisor()
    ROLES[role](open_platform(settings_module.load(path)))


if __name__ == "__main__":
    main()
