"""Acknowledged means stored: nothing is answered before its group is on disk, whatever the disk or the store does."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tongqu.domains.equipment.gateway import clerk
from tongqu.domains.equipment.tables import SESSION


def test_a_disk_that_refuses_delays_the_reply_and_loses_nothing(gateway, devices, fix, monkeypatch):
    device = devices(gateway).log_in()
    writer, broken = gateway.gateway.commit.writer, threading.Event()
    real = writer.write
    broken.set()

    def write(batch):
        if broken.is_set():
            raise OSError(28, "no space left on device")
        return real(batch)

    monkeypatch.setattr(writer, "write", write)
    serials = [device.send(0x0200, fix(altitude_m=height)) for height in range(5)]
    device.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        device.read()
    broken.clear()
    device.socket.settimeout(10)
    assert [device.read().body["reply_serial"] for _ in serials] == serials
    assert sum(record.raw[1:3] == b"\x02\x00" for record in gateway.log()) == 5


def test_a_full_backlog_stops_reading_until_the_disk_has_caught_up(gateway, devices, fix, monkeypatch):
    device = devices(gateway).log_in()
    commit, held = gateway.gateway.commit, threading.Event()
    real = commit.writer.write

    def write(batch):
        held.wait(10)
        return real(batch)

    monkeypatch.setattr(commit.writer, "write", write)
    monkeypatch.setattr(commit, "_full_bytes", 2000)
    for height in range(400):
        device.send(0x0200, fix(altitude_m=height))
    device.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        device.read()
    held.set()
    device.socket.settimeout(10)
    assert [device.read().body["result"] for _ in range(400)] == [0] * 400


def test_a_store_that_is_locked_delays_registrations_and_keeps_positions_flowing(
    gateway, devices, monkeypatch, wait, caplog
):
    known = devices(gateway).log_in()
    monkeypatch.setattr(clerk, "RETRY_S", 0.05)
    real, locked = gateway.platform.store.write, threading.Event()
    locked.set()

    def write(actor):
        if locked.is_set():
            raise OperationalError("BEGIN IMMEDIATE", None, Exception("database is locked"))
        return real(actor)

    monkeypatch.setattr(gateway.platform.store, "write", write)
    stranger = devices(gateway, "13800138001")
    stranger.send(0x0100, stranger.registration())
    stranger.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        stranger.read()
    assert known.report() == 0
    known.close()
    locked.clear()
    stranger.socket.settimeout(10)
    assert stranger.read().body["registered"] == 0
    wait(lambda: [row["reason"] for row in gateway.rows(select(SESSION))] == ["closed"])


def test_one_verb_that_breaks_takes_no_other_with_it(gateway, wait):
    done = []

    def breaks(work):
        raise ValueError("it breaks")

    office = gateway.gateway.clerk
    for verb in (lambda work: 1, breaks, lambda work: 3):
        office.put(verb, done.append)
    wait(lambda: len(done) == 3)
    assert done == [1, None, 3]
