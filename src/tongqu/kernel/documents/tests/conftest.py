"""A fresh platform with documents per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tongqu.kernel.audit.tables import METADATA as AUDIT_TABLES
from tongqu.kernel.documents.module import MODULE
from tongqu.kernel.jobs.tests.support import fresh_platform
from tongqu.kernel.module import Module
from tongqu.kernel.platform import Platform
from tongqu.kernel.store import Room

AUDIT = Module(
    id="audit", package="tongqu.kernel.audit", field="platform", room=Room("audit", "tongqu.kernel.audit", AUDIT_TABLES)
)


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = fresh_platform(tmp_path, AUDIT, MODULE)
    yield made
    made.close()
