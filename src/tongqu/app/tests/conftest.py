"""A platform of all modules over an empty folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tongqu.app.platform import open_platform
from tongqu.app.settings import read_settings
from tongqu.kernel.platform import Platform


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    opened = open_platform(read_settings(tmp_path))
    yield opened
    opened.close()
