"""A platform over data of its own, which tests may stop, copy and spoil."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from running import Running, started


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`tongqu serve` over an empty folder, running."""
    with started("serve", tmp_path_factory.mktemp("plain") / "data") as running:
        yield running
