"""A fresh platform per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tongqu.kernel.jobs.tests.support import fresh_platform
from tongqu.kernel.platform import Platform


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = fresh_platform(tmp_path)
    yield made
    made.close()
