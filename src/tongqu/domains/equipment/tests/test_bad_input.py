"""Bad input on the wire: each piece gets its reply and a quarantine record with bytes and reason, and nobody else
suffers (vehicles reference, section 6 "Bad input must get")."""

from __future__ import annotations

import contextlib
import random
import socket
import time

import pytest
from sqlalchemy import select

from tongqu.domains.equipment.tables import SESSION, TERMINAL
from tongqu.protocols import jt808


@pytest.fixture
def other(gateway, devices):
    """A session that must not notice anything."""
    device = devices(gateway, "13700000000").log_in()
    yield device
    assert device.report() == 0
    assert device.register() == 0


def spoilt(frame: bytes, at: int, by: int = 0x01) -> bytes:
    """A frame with one inner byte changed, escapes left as they are."""
    return frame[:at] + bytes((frame[at] ^ by,)) + frame[at + 1 :]


def test_wrong_checksum(gateway, devices, other, fix):
    device = devices(gateway).log_in()
    (frame,) = device.frames(0x0200, fix())
    bad = spoilt(frame, 40)
    device.raw(bad)
    assert device.read().body == {"reply_serial": device.serial, "reply_message_id": 0x0200, "result": 2}
    (record,) = gateway.refused()
    assert (record.reason, record.raw) == ("checksum", bad)
    assert record.source == gateway.rows(select(TERMINAL).order_by(TERMINAL.c.phone_key))[1]["thing_key"]
    assert device.report() == 0


def test_wrong_length(gateway, devices, other):
    device = devices(gateway).log_in()
    (frame,) = device.frames(0x0002)
    inside = bytearray(frame[1:-1])
    inside[3] += 5  # the attribute says five bytes of body that are not there
    inside[-1] ^= 5
    device.raw(b"\x7e" + bytes(inside) + b"\x7e")
    assert device.read().body["result"] == 2
    assert [record.reason for record in gateway.refused()] == ["length"]
    assert device.report() == 0


def test_a_header_that_is_not_the_sessions_gets_no_answer_when_damaged(gateway, devices, other, fix):
    device = devices(gateway).log_in()
    (frame,) = device.frames(0x0200, fix())
    device.raw(spoilt(frame, 14))  # inside of the phone
    assert device.report() == 0
    assert [record.reason for record in gateway.refused()] == ["checksum"]


def test_half_frames_shared_flags_and_empty_frames(gateway, devices, other, fix):
    device = devices(gateway).log_in()
    first, second = device.frames(0x0200, fix())[0], device.frames(0x0200, fix())[0]
    device.raw(first[:20])
    device.raw(first[20:-1])
    device.raw(second)  # its opening flag closes the first
    device.raw(b"\x7e")
    assert [device.read().body["result"] for _ in range(2)] == [0, 0]
    device.raw(b"\x7e\x7e\x7e")
    assert device.report() == 0
    assert gateway.refused() == []


def test_bytes_one_at_a_time(gateway, devices, other, fix):
    device = devices(gateway).log_in()
    device.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in device.frames(0x0200, fix())[0]:
        device.raw(bytes((byte,)))
    assert device.read().body["result"] == 0


def test_an_opening_flag_that_arrives_alone(gateway, devices, other, fix):
    device = devices(gateway).log_in()
    frame = device.frames(0x0200, fix())[0]
    device.raw(frame[:1])
    time.sleep(0.3)  # a read of its own
    device.raw(frame[1:])
    assert device.read().body["result"] == 0
    assert gateway.refused() == []


def test_a_checksum_that_is_itself_escaped(gateway, devices, other, fix):
    device = devices(gateway).log_in()
    endings = set()
    for number in range(1500):
        (frame,) = device.frames(0x0200, fix(altitude_m=number * 37 % 4001))
        if frame[-3] == 0x7D:
            endings.add(frame[-2])
            device.raw(frame)
            assert device.read().body["result"] == 0
    assert endings == {0x01, 0x02}
    assert gateway.refused() == []


def test_a_bad_escape(gateway, devices, other, fix):
    device = devices(gateway).log_in()
    (frame,) = device.frames(0x0200, fix())
    device.raw(frame[:30] + b"\x7d\x07" + frame[32:])
    assert device.report() == 0
    assert [record.reason for record in gateway.refused()] == ["escape"]


def test_unknown_ids_and_the_platforms_own(gateway, devices, other):
    device = devices(gateway).log_in()
    assert device.result(0x0F0F, b"\x01\x02") == 3
    assert device.result(0x8300, b"\x01hi") == 3
    assert [record.reason for record in gateway.refused()] == ["unknown_id"] * 2
    assert device.report() == 0


def test_encrypted_bodies(gateway, devices, other, fix):
    device = devices(gateway).log_in()
    inside = bytearray(device.frames(0x0200, fix())[0][1:-1])
    inside[2] ^= 0x04  # bit 10: RSA
    inside[-1] ^= 0x04
    device.raw(b"\x7e" + bytes(inside) + b"\x7e")
    assert device.read().body["result"] == 3
    assert [record.reason for record in gateway.refused()] == ["encrypted"]


@pytest.mark.parametrize("body", [b"", bytes(27)])
def test_a_position_too_short_to_be_one(gateway, devices, other, body):
    device = devices(gateway).log_in()
    assert device.result(0x0200, body) == 2
    assert [record.reason for record in gateway.refused()] == ["body"]
    assert device.report() == 0


@pytest.mark.parametrize("body", [b"", b"\x00\x02\x00" + b"\x00\x1c" + bytes(28), b"\x00\x01\x01\x00\xff" + bytes(28)])
def test_a_batch_whose_lengths_do_not_add_up(gateway, devices, other, body):
    device = devices(gateway).log_in()
    assert device.result(0x0704, body) == 2
    assert [record.reason for record in gateway.refused()] == ["body"]


def test_traffic_before_authentication_is_refused_and_closed(gateway, devices, other, fix):
    device = devices(gateway)
    assert device.report() == 1
    assert device.result(0x0002, b"") == 1
    device.send(0x0200, fix())
    assert device.read().body["result"] == 1  # the last reply still leaves
    assert device.is_closed()
    assert [record.reason for record in gateway.refused()] == ["unauthenticated"] * 3
    assert len(gateway.rows(select(TERMINAL))) == 1


def test_a_wrong_code(gateway, devices, other):
    known = devices(gateway).log_in()
    stranger = devices(gateway)
    assert stranger.authenticate("guess") == 1
    assert stranger.authenticate("") == 1
    assert [record.reason for record in gateway.refused()] == ["wrong_code"] * 2
    assert known.report() == 0  # the guess did not push the session out


def test_64_kb_without_a_flag_closes(gateway, devices, other):
    device = devices(gateway).log_in()
    device.raw(b"\x7e" + b"\x55" * 70_000)
    assert device.is_closed()
    assert [record.reason for record in gateway.refused()] == ["overflow"]


def test_64_kb_of_noise_before_any_frame_closes(gateway, devices, other):
    device = devices(gateway)
    device.raw(b"GET / HTTP/1.1\r\n" * 5000)
    assert device.is_closed()
    assert [record.reason for record in gateway.refused()] == ["overflow"]


def test_noise_between_frames(gateway, devices, other):
    device = devices(gateway).log_in()
    device.raw(b"noise")
    assert device.report() == 0
    assert len(gateway.refused()) <= 1


def test_a_phone_that_is_no_number(gateway, devices, other):
    device = devices(gateway, "4f07abcdef01", 2013).log_in()
    assert device.report() == 0
    phones = {row["phone"]: row["phone_key"] for row in gateway.rows(select(TERMINAL))}
    assert phones["4f07abcdef01"] == "4f07abcdef01"


def test_another_phone_on_an_open_session(gateway, devices, other, fix):
    device = devices(gateway).log_in()
    device.phone = "13800138999"
    assert device.report() == 1
    assert [record.reason for record in gateway.refused()] == ["other_phone"]
    device.phone = "13800138000"
    assert device.report() == 0


def test_a_connection_that_says_nothing_is_closed(gateways, devices):
    running = gateways(login_ms=300)
    assert devices(running).is_closed(5)


def test_a_session_that_falls_silent_is_closed_as_idle(gateways, devices, wait):
    running = gateways(idle_ms=300)
    device = devices(running).log_in()
    assert device.is_closed(5)
    wait(lambda: [row["reason"] for row in running.rows(select(SESSION))] == ["idle"])


def test_the_connection_limit(gateways, devices):
    running = gateways(connections=2)
    first, second = devices(running).log_in(), devices(running, "13800138001").log_in()
    assert devices(running, "13800138002").is_closed()
    assert first.report() == 0
    second.close()


def test_a_terminal_that_does_not_read_its_replies_is_dropped(gateway, devices, fix, wait):
    device = devices(gateway).log_in()
    device.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    frames = b"".join(b"".join(device.frames(0x0002)) for _ in range(2000))
    device.socket.settimeout(0.5)

    def ended() -> bool:
        with contextlib.suppress(OSError):
            device.raw(frames)
        return any(row["reason"] == "slow_reader" for row in gateway.rows(select(SESSION)))

    wait(ended, 150)


def test_registrations_that_cannot_be_read(gateway, devices, other):
    device = devices(gateway, version=2013)
    assert device.result(0x0100, b"\x00\x63") == 2
    assert device.register() == 0


def test_non_gbk_and_odd_text_in_a_registration(gateway, devices, other):
    device = devices(gateway)
    body = bytearray(jt808.encode_body(0x0100, device.registration(), version=2019))
    body[4:8] = b"\xff\xfe\x81\x00"
    reply = device.ask(0x0100, bytes(body))
    assert reply.body["registered"] == 0
    device.code = reply.body["auth_code"]
    assert device.authenticate() == 0


def test_whatever_comes_the_gateway_serves_on(gateway, devices, other, fix, caplog):
    """Real frames with bytes changed, cut out, doubled and put in: 1,500 of them, on as many lives as it takes."""
    chance = random.Random(808)
    template = devices(gateway, "13600000000")
    seeds = [
        frame for name in (0x0200, 0x0002, 0x0004) for frame in template.frames(name, fix() if name == 0x0200 else {})
    ]
    seeds += template.frames(0x0100, template.registration())
    seeds += template.frames(0x0704, {"batch_type": 1, "positions": [fix()] * 40})
    device = None
    for _ in range(1500):
        if device is None:
            device = devices(gateway, "13600000000")
            device.socket.settimeout(0.001)
            with contextlib.suppress(OSError):
                device.raw(template.frames(0x0102, {"auth_code": "x", "imei": "1", "software_version": ""})[0])
        frame = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(frame))
            what = chance.randrange(4)
            if what == 0:
                frame[at] = chance.randrange(256)
            elif what == 1:
                del frame[at : at + chance.randrange(1, 9)]
            elif what == 2:
                frame[at:at] = chance.choice((b"\x7e", b"\x7d", b"\x7d\x02", chance.randbytes(3)))
            else:
                frame += frame[: chance.randrange(30)]
            if not frame:
                break
        try:
            device.raw(bytes(frame))
            device.socket.recv(65536)
        except TimeoutError:
            pass
        except OSError:
            device.close()
            device = None
    assert other.report() == 0
    assert gateway.refused()
    assert [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []
    assert devices(gateway, "13600000001").log_in().report() == 0
