"""Group commit: callbacks run after their bytes are on disk, in order, and a full disk acknowledges nothing."""

from __future__ import annotations

import asyncio
import errno

from tongqu.kernel.telemetry import commit
from tongqu.kernel.telemetry.commit import GroupCommit
from tongqu.kernel.telemetry.log import LogWriter
from tongqu.kernel.telemetry.reader import LogReader
from tongqu.kit.time import ManualClock


def test_a_callback_runs_when_its_frame_is_readable(tmp_path):
    async def run():
        group = GroupCommit(LogWriter(tmp_path, ManualClock(5)))
        reader, seen = LogReader(tmp_path), []

        def acknowledged(offset: int, number: int) -> None:
            record = reader.record(offset)
            seen.append((number, None if record is None else record.source))

        for number in range(1000):
            offset = group.append(1, number, 0, b"frame %d" % number)
            group.after(acknowledged, offset, number)
            if number % 37 == 0:
                await asyncio.sleep(0)
        assert group.waiting_bytes > 0
        await group.durable()
        assert seen == [(number, number) for number in range(1000)]
        assert group.waiting_bytes == 0 and 0 < group.groups < 200
        await group.close()

    asyncio.run(run())


def test_a_callback_that_fails_stops_nothing(tmp_path):
    async def run():
        group = GroupCommit(LogWriter(tmp_path, ManualClock(5)))
        group.append(1, 1, 0, b"x")
        group.after(lambda: 1 / 0)
        await group.durable()
        group.append(1, 2, 0, b"y")
        await group.close()

    asyncio.run(run())
    chunk = LogReader(tmp_path).read(0)
    chunk = LogReader(tmp_path).read(chunk.next)
    assert chunk.walk.source.tolist() == [1, 2]


def test_a_full_disk_acknowledges_nothing_until_it_has_room(tmp_path, monkeypatch):
    monkeypatch.setattr(commit, "RETRY_S", 0.01)

    async def run():
        writer = LogWriter(tmp_path, ManualClock(5))
        write, refusals, done = writer.write, [3], []

        def broken(batch):
            if refusals[0]:
                refusals[0] -= 1
                raise OSError(errno.ENOSPC, "no space")
            return write(batch)

        writer.write = broken
        group = GroupCommit(writer, full_bytes=100)
        group.append(1, 1, 0, bytes(100))
        group.after(done.append, 1)
        while group.error is None:
            await asyncio.sleep(0.001)
        assert done == [] and group.full
        group.append(1, 2, 0, b"later")
        group.after(done.append, 2)
        await group.durable()
        assert done == [1, 2] and group.error is None and not group.full
        writer.write = write
        await group.close()

    asyncio.run(run())
    reader = LogReader(tmp_path)
    assert reader.read(reader.begin()).walk.source.tolist() == [1, 2]
