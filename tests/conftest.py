"""Fixtures of the tests that cross rooms."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from running import Running, started


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo province at a fifth of its size, running."""
    with started("demo", tmp_path_factory.mktemp("demo") / "data", "--scale", "0.2") as running:
        yield running


@pytest.fixture(scope="session")
def chromium(absent: Callable[[str], None]) -> str:
    """Path of the browser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        absent("Chromium (Debian package chromium)")
    return str(found)


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where looked-at pictures are put; ignored by git."""
    folder = Path(__file__).parent.parent / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder
