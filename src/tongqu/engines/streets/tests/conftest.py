from __future__ import annotations

from pathlib import Path

import pytest

from tongqu.engines.streets import Streets
from tongqu.protocols import osm


@pytest.fixture(scope="session")
def porto_alegre_file(data_dir: Path) -> Path:
    return data_dir / "travel/poa/poa_osm.pbf"


@pytest.fixture(scope="session")
def porto_alegre(porto_alegre_file: Path) -> Streets:
    return Streets.from_osm(porto_alegre_file)


@pytest.fixture(scope="session")
def extract(porto_alegre_file: Path) -> osm.Extract:
    return osm.read(porto_alegre_file)
