"""What is compiled ahead can be run over empty tables, so that nothing is left to be compiled while people wait."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tongqu.app.compiling import declared, until_done
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


def test_who_waits_for_compiling_sees_its_end(tmp_path: Path) -> None:
    mark = tmp_path / "compiling"
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mark.write_text(str(child.pid))
    until_done(child, mark)
    assert mark.is_file() and psutil.pid_exists(child.pid)
    child.communicate(b"\n", timeout=30)
    until = time.monotonic() + 30
    while mark.is_file() and time.monotonic() < until:
        time.sleep(0.02)
    assert not mark.is_file() and not psutil.pid_exists(child.pid), "it is gone, and not left as a zombie"


@pytest.mark.needs("equipment")
def test_a_platform_without_the_demo_compiles_nothing_of_it() -> None:
    assert {one for *_, one in declared(demo=False)} < {one for *_, one in declared(demo=True)}
