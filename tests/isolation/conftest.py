"""Somebody of one city, somebody of another, and what the other has."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from running import Running
from theirs import OURS, THEIRS, Theirs, belongings, everything_over


@pytest.fixture(scope="module")
def ours(demo: Running) -> Iterator[httpx.Client]:
    """Somebody who holds every role over 望汀市."""
    with demo.client(everything_over(demo, OURS)) as client:
        yield client


@pytest.fixture(scope="module")
def lanzhou(demo: Running) -> Iterator[httpx.Client]:
    """Somebody who holds every role over 澜州市."""
    with demo.client(everything_over(demo, THEIRS)) as client:
        yield client


@pytest.fixture(scope="module")
def theirs(demo: Running, lanzhou: httpx.Client) -> Iterator[Theirs]:
    """Things of 澜州市 of every sort there is, made where the demo has none."""
    yield from belongings(demo, lanzhou)
