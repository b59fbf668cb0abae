"""A fresh platform with imports per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tongqu.kernel.imports.tests.support import fresh
from tongqu.kernel.platform import Platform


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = fresh(tmp_path)
    yield made
    made.close()
