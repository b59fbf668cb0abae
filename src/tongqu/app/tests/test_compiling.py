"""What is compiled ahead can be run over empty tables, so that nothing is left to be compiled while people wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from tongqu.app.compiling import declared
from tongqu.app.platform import open_platform, prepare
from tongqu.kernel.platform import Settings


@pytest.mark.timeout(600)
def test_all_that_the_map_waits_for_runs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="tongqu")
    platform = open_platform(Settings(tmp_path, f"sqlite:///{tmp_path / 'records.sqlite'}"))
    prepare(platform)
    found = [(module, function) for module, waited_for, function in declared(demo=True) if waited_for]
    assert [module for module, _ in found][:3] == ["geo", "telemetry", "rules"]
    for _, function in found:
        function(platform)
    platform.close()
    assert [record.message for record in caplog.records if "first needed" in record.message] == []


@pytest.mark.needs("equipment")
def test_a_platform_without_the_demo_compiles_nothing_of_it() -> None:
    assert {one for *_, one in declared(demo=False)} < {one for *_, one in declared(demo=True)}
