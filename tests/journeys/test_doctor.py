"""Journey 5: an administrator asks what is wrong, and is told what to do about it."""

from __future__ import annotations

import shutil
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from running import Running, free_port
from shell import tongqu, until

pytestmark = [pytest.mark.needs("equipment"), pytest.mark.xdist_group("plain")]

NAME = "审计核对员0001"


def test_a_running_platform_is_well(plain: Running) -> None:
    told = tongqu("doctor", "--data", plain.data, "--port", plain.port, "--jt808-port", plain.jt808_port)
    assert told.returncode == 0, told.stdout + told.stderr
    lines = (told.stdout + told.stderr).splitlines()
    for part in ("machine", "page", "ports", "store", "modules", "audit", "events", "jobs", "telemetry"):
        assert any(f" {part}: " in line for line in lines), part
    assert not [line for line in lines if line.startswith("✗")]
    assert sum(str(port) in line for line in lines for port in (plain.port, plain.jt808_port)) == 2


def test_a_port_that_another_program_holds_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        arguments = ("--data", tmp_path / "data", "--port", port, "--jt808-port", free_port())
        told = tongqu("doctor", "ports", *arguments)
        assert told.returncode == 1
        (line,) = [line for line in (told.stdout + told.stderr).splitlines() if line.startswith("✗")]
        assert str(port) in line and "换" in line and "another" in line
        served = tongqu("serve", *arguments)
    assert served.returncode == 2
    assert str(port) in served.stderr + served.stdout and "Traceback" not in served.stderr


def test_a_dead_platform_is_told_from_a_stopped_one(plain: Running, tmp_path: Path) -> None:
    """Where a supervisor left its list of processes but nobody answers, the port is an error."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(plain.data / "processes.json", data)
    told = tongqu("doctor", "ports", "--data", data, "--port", free_port(), "--jt808-port", free_port())
    assert told.returncode == 1
    assert "tongqu.log" in told.stdout + told.stderr


def test_no_data_is_said_and_what_to_run(tmp_path: Path) -> None:
    ports = ("--port", free_port(), "--jt808-port", free_port())
    told = tongqu("doctor", "--data", tmp_path / "data", *ports)
    assert told.returncode == 0
    assert "no such table" not in told.stdout + told.stderr
    assert "tongqu serve" in told.stdout + told.stderr and str(tmp_path / "data") in (told.stdout + told.stderr)


def test_a_part_that_is_none(tmp_path: Path) -> None:
    told = tongqu("doctor", "nonsense", "--data", tmp_path / "data")
    assert told.returncode == 2 and "modules" in told.stdout + told.stderr


def test_a_flipped_byte_in_the_audit_log_is_found_and_named(plain: Running, tmp_path: Path) -> None:
    with plain.local_client() as client:
        body = {"login": "shenji0001", "name": NAME}
        made = client.post("identity/people", json=body)
        assert made.status_code == 201, made.text
        person = made.json()["id"]
        entries = until(lambda: client.get("audit", params={"q": person}).raise_for_status().json()["items"])
        seq = max(entry["seq"] for entry in entries)
        until(lambda: sealed(plain.data / "records.sqlite", seq))
    data = tmp_path / "data"
    data.mkdir()
    for name in ("settings.json", "audit-anchors"):
        shutil.copy(plain.data / name, data)
    with closing(sqlite3.connect(plain.data / "records.sqlite")) as live:
        copy = sqlite3.connect(data / "records.sqlite")
        live.backup(copy)
        copy.close()
    whole = tongqu("doctor", "audit", "--data", data)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    flip(data / "records.sqlite", seq)
    told = tongqu("doctor", "audit", "--data", data)
    assert told.returncode == 1
    assert f" {seq} " in told.stdout + told.stderr


def sealed(database: Path, seq: int) -> bool:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return bool(connection.execute("select count(*) from audit_batch where last_seq >= ?", (seq,)).fetchone()[0])


def flip(database: Path, seq: int) -> None:
    """Change one bit of the entry's subject, in the bytes of the file."""
    with closing(sqlite3.connect(database)) as connection:
        (subject,) = connection.execute("select subject from audit_entry where seq = ?", (seq,)).fetchone()
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute("pragma journal_mode=delete")
    content = bytearray(database.read_bytes())
    wanted, at, places = subject.encode(), -1, []
    while (at := content.find(wanted, at + 1)) >= 0:
        places.append(at)
    assert places
    for place in places:
        content[place + len(wanted) - 1] ^= 0x01
        database.write_bytes(content)
        with closing(sqlite3.connect(database)) as connection:
            if connection.execute("select subject from audit_entry where seq = ?", (seq,)).fetchone()[0] != subject:
                return
        content[place + len(wanted) - 1] ^= 0x01
    raise AssertionError("the entry's own bytes were not found")
