"""The operator of the demo's shared bikes: a server of this machine that publishes GBFS, which the platform fetches."""

from __future__ import annotations

import contextlib
import logging
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from tongqu.domains.travel.demo import bikes
from tongqu.domains.travel.demo.bikes import BikeSystem
from tongqu.domains.travel.service import feeds
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import system_actor
from tongqu.kit.errors import TongquError

if TYPE_CHECKING:
    from tongqu.kit.time import Clock
    from tongqu.kit.world.values import World

log = logging.getLogger("tongqu.demo")
ACTOR = system_actor("demo")
HOST = "127.0.0.1"
RETRY_S = 3.0
_OURS = re.compile(rf"http://{re.escape(HOST)}:(\d+)/{bikes.CODE}/gbfs\.json")


def run(platform: Platform, world: World, cancelled: threading.Event) -> None:
    """Publish until cancelled. The platform may come, go and come again: it fetches whenever it is there.

    The address stands at the feed, with the port of last time where that is free. An address that somebody else has put
    there stays, and so does a feed that has been given up: then nobody asks.
    """
    system = bikes.system(world)
    while system is not None and not cancelled.is_set():
        try:
            with _serving(system, platform.clock, _last_port(platform)) as root:
                _tell(platform, f"{root}/gbfs.json")
                cancelled.wait()
        except (OSError, SQLAlchemyError) as error:
            log.info("shared bikes cannot be published, trying again: %s", error)
            cancelled.wait(RETRY_S)
    cancelled.wait()


def _address(platform: Platform) -> str:
    """The address at the feed, empty where it has none."""
    with platform.store.read(ACTOR) as work:
        try:
            return str(feeds.by_code(work, bikes.CODE)["realtime"].get("gbfs", ""))
        except TongquError:
            return ""


def _last_port(platform: Platform) -> int:
    """The port that this server had last; 0 for any."""
    known = _OURS.fullmatch(_address(platform))
    return int(known[1]) if known else 0


def _tell(platform: Platform, address: str) -> None:
    """Put the address at the feed, unless it has one that is not ours."""
    known = _address(platform)
    if known and not _OURS.fullmatch(known):
        return
    try:
        with platform.store.write(ACTOR) as work:
            feed = feeds.by_code(work, bikes.CODE)
            feeds.amend(work, feed["id"], realtime=feed["realtime"] | {"gbfs": address})
    except TongquError as error:
        log.info("shared bikes have no feed to stand at: %s", error)


@contextlib.contextmanager
def _serving(system: BikeSystem, clock: Clock, port: int) -> Iterator[str]:
    """A server of the files of a system for this machine; the address that they lie below."""

    class Files(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            folder, _, name = self.path.lstrip("/").partition("/")
            data = None
            if folder == bikes.CODE and name.endswith(".json"):
                data = system.file(name.removesuffix(".json"), root, clock.now_ms())
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *_: object) -> None:
            pass

    try:
        server = ThreadingHTTPServer((HOST, port), Files)
    except OSError:
        server = ThreadingHTTPServer((HOST, 0), Files)
    root = f"http://{HOST}:{server.server_port}/{bikes.CODE}"
    thread = threading.Thread(target=server.serve_forever, args=(0.2,), name="travel-demo-bikes", daemon=True)
    thread.start()
    try:
        yield root
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
