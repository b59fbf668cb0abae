"""Messages in sub-packets over a real socket: out of order, lost for a while, lost for good, over a restart."""

from __future__ import annotations

import pytest

from tongqu.domains.equipment.streams import PARTS_NUMBER, POSITIONS_NUMBER
from tongqu.protocols import jt808


def refill(fix, count: int = 60) -> dict:
    """Body of a 0x0704 that needs several sub-packets."""
    positions = [fix(time_ms=1_790_000_000_000 + second * 1000, altitude_m=second) for second in range(count)]
    return {"batch_type": 1, "positions": positions}


def merged(running) -> list[jt808.Message]:
    """The whole messages that the log has beside the parts."""
    frames = [record.raw for record in running.log() if record.stream == POSITIONS_NUMBER and not record.reason]
    return [message for message in map(jt808.decode, frames) if message.head.message_id == 0x0704]


def heights(message: jt808.Message) -> list[int]:
    return [row["altitude_m"] for row in jt808.positions_of(message)]


@pytest.mark.parametrize("order", ["as sent", "backwards"])
def test_parts_in_any_order_are_acknowledged_and_make_one_message(gateway, devices, fix, order):
    device = devices(gateway).log_in()
    frames = device.frames(0x0704, refill(fix))
    assert len(frames) > 2
    sent = frames if order == "as sent" else frames[::-1]
    for frame in sent:
        device.raw(frame)
        reply = device.read()
        assert reply.body["reply_serial"] == jt808.peek(frame).serial
        assert reply.body["result"] == 0
    (message,) = merged(gateway)
    assert message.ok and heights(message) == list(range(60))
    assert [record.raw for record in gateway.log() if record.stream == PARTS_NUMBER] == sent
    assert {record.source for record in gateway.log() if record.stream == PARTS_NUMBER} == {device_key(gateway)}


def device_key(running) -> int:
    (terminal,) = running.gateway.registry.by_id.values()
    return terminal.key


def test_a_lost_part_is_asked_for_again(gateway, devices, fix):
    device = devices(gateway).log_in()
    frames = device.frames(0x0704, refill(fix))
    for frame in (frames[0], *frames[2:]):
        device.raw(frame)
        device.read()
    assert merged(gateway) == []
    request = device.read()
    assert request.head.message_id == 0x8003
    assert request.body == {"first_serial": jt808.peek(frames[0]).serial, "part_indexes": [2]}
    device.raw(frames[1])
    assert device.read().body["result"] == 0
    (message,) = merged(gateway)
    assert heights(message) == list(range(60))


def test_a_part_that_never_comes_is_a_recorded_loss(gateways, devices, fix, wait):
    running = gateways(reply_ms=50)
    device = devices(running).log_in()
    frames = device.frames(0x0704, refill(fix))
    device.raw(frames[0])
    assert device.read().body["result"] == 0
    requests = [device.read() for _ in range(3)]
    assert {request.head.message_id for request in requests} == {0x8003}
    (record,) = wait(running.refused)
    assert record.reason == "parts_lost"
    assert record.raw == frames[0]
    assert device.report() == 0


def test_repeated_parts_change_nothing(gateway, devices, fix):
    device = devices(gateway).log_in()
    frames = device.frames(0x0704, refill(fix))
    for frame in (*frames[:-1], *frames[:-1], frames[-1], *frames):
        device.raw(frame)
        assert device.read().body["result"] == 0
    assert len(merged(gateway)) == 1


def test_a_message_may_be_finished_on_the_next_connection(gateway, devices, fix):
    device = devices(gateway).log_in()
    frames = device.frames(0x0704, refill(fix))
    for frame in frames[:2]:
        device.raw(frame)
        device.read()
    device.close()
    again = devices(gateway)
    assert again.authenticate(device.code) == 0
    for frame in frames[2:]:
        again.raw(frame)
        assert again.read().body["result"] == 0
    assert heights(merged(gateway)[0]) == list(range(60))


def test_acknowledged_parts_survive_the_gateway(gateway, devices, fix):
    device = devices(gateway).log_in()
    frames = device.frames(0x0704, refill(fix))
    for frame in frames[:-1]:
        device.raw(frame)
        assert device.read().body["result"] == 0
    gateway.restart()
    again = devices(gateway)
    assert again.authenticate(device.code) == 0
    again.raw(frames[-1])
    assert again.read().body["result"] == 0
    assert heights(merged(gateway)[0]) == list(range(60))


def test_a_whole_that_makes_no_sense_is_refused_with_its_last_part(gateway, devices):
    device = devices(gateway).log_in()
    frames = device.frames(0x0704, b"\x00\x09\x01" + bytes(1500))
    results = []
    for frame in frames:
        device.raw(frame)
        results.append(device.read().body["result"])
    assert results == [0, 2]
    (record,) = gateway.refused()
    assert record.reason == "body"
    assert len(record.raw) > 1500


def test_a_picture_in_parts_is_confirmed_with_its_id(gateway, devices, fix):
    device = devices(gateway).log_in()
    body = bytes.fromhex("0000002a") + bytes(4) + bytes(28) + b"\xff\xd8" * 800
    frames = device.frames(0x0801, body)
    for frame in frames[:-1]:
        device.raw(frame)
        assert device.read().head.message_id == 0x8001
    device.raw(frames[-1])
    reply = device.read()
    assert reply.head.message_id == 0x8800
    assert reply.body["media_id"] == 42
