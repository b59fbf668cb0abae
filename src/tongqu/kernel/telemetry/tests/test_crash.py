"""Kill -9 of the process that owns the history, at any moment: settled, sealed or not, every row is there once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

from tongqu.kernel.telemetry.tests.house import NOON
from tongqu.kernel.telemetry.tests.toy import TOY, frame

SECOND = 1000
ROUNDS = 3


def test_kill_at_any_moment_loses_no_row_and_stores_none_twice(house):
    """While the other process is killed again and again, this one writes the log: new fixes, repetitions, refills."""
    dice = random.Random(7)
    terminals = [house.pair(f"V{i}")[1].key for i in range(5)]
    house.telemetry.history.close()
    expected: set[tuple[int, int]] = set()
    at = 0
    for _ in range(ROUNDS):
        command = [sys.executable, "-m", "tongqu.kernel.telemetry.tests.crash_writer", str(house.folder), str(NOON)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout.readline() == "up\n"
            until = time.monotonic() + 0.2 + dice.random()
            while time.monotonic() < until or not any((house.folder / "history").rglob("*.parquet")):
                for _ in range(20):
                    source, back = dice.choice(terminals), dice.choice([0, 0, 0, 3, 500])
                    fixes = [(NOON + (at - back - i) * 3 * SECOND, 119.0, 30.0) for i in range(3)]
                    house.log.append(TOY.number, source, NOON, frame(*fixes, refill=back > 0))
                    expected |= {(source, fix[0]) for fix in fixes}
                    at += 1
                house.log.flush()
                time.sleep(0.005)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    house.telemetry = house._open()
    house.catch_up()
    found = [row[:2] for row in house.rows()]
    assert len(found) == len(set(found))
    assert set(found) == expected
