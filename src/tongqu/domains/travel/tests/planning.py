"""A platform that plans journeys on feeds of a test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tongqu.domains.travel.service import feeds
from tongqu.domains.travel.service.network import Network
from tongqu.domains.travel.tests.conftest import CHIEF, MODULES
from tongqu.kernel import documents
from tongqu.kernel.jobs.tests.support import fresh_platform
from tongqu.kernel.platform import Platform
from tongqu.kit.time import Clock


@contextmanager
def planning(
    folder: Path,
    live: Mapping[str, bytes],
    services: Callable[[Platform, Network], tuple[Any, ...]] = lambda *_: (),
    clock: Clock | None = None,
) -> Iterator[Platform]:
    """A fresh platform whose network is ready.

    Args:
        folder: of its data; streets may lie in it.
        live: feeds by code.
        services: what it provides besides; whoever wants them to run starts them.
    """
    made = fresh_platform(folder, *MODULES)
    if clock is not None:
        made.clock = clock
    network = Network(made)
    for service in (network, *services(made, network)):
        made.provide(service)
    for code, data in live.items():
        put_live(made, code, data)
    network.start()
    wait_ready(network)
    yield made
    made.close()


def put_live(platform: Platform, code: str, data: bytes) -> None:
    """A feed whose version is live, without its check (that is another test's matter)."""
    content = documents.vault(platform).keep(data)
    with platform.store.write(CHIEF) as work:
        document = documents.put(work, content, name=f"{code}.zip", media_type="application/zip")
        feed = feeds.register(work, code, code, region="99")
        version = feeds.receive(work, feed["id"], document.id)
        feeds.checked(work, version["id"], valid=(None, None), notices=[], figures={}, difference={})
        feeds.activate(work, version["id"])


def wait_ready(network: Network) -> None:
    until = time.monotonic() + 800
    while network._active is None or network._active.step_free is None:
        assert network.state.problem is None, network.state.problem
        assert time.monotonic() < until
        time.sleep(0.05)
