"""Commands from the queue to the terminal and back: both editions, every kind, whatever serial is answered."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import select

from tongqu.domains.equipment import kinds
from tongqu.domains.equipment.service import commands, terminals
from tongqu.domains.equipment.tables import COMMAND, TERMINAL
from tongqu.kernel.store import Actor, Grant
from tongqu.kit.errors import Forbidden, Invalid, NotFound, Refused
from tongqu.protocols import jt808


def queue(running, kind, body=None, **options):
    """Queue a command for the only terminal there is."""
    (terminal,) = running.rows(select(TERMINAL))
    row = running.write(lambda work: commands.queue(work, terminal["id"], kind, body or {}, **options))
    return row["id"]


def state(running, command_id):
    (row,) = running.rows(select(COMMAND).where(COMMAND.c.id == command_id))
    return row


def ended(running, wait, command_id):
    """The command once it has come to an end."""
    return wait(lambda: (row := state(running, command_id))["state"] not in ("queued", "sent") and row)


def reply(device, message, result=0, serial=None):
    """The terminal's general reply."""
    serial = message.head.serial if serial is None else serial
    answer = {"reply_serial": serial, "reply_message_id": message.head.message_id, "result": result}
    device.send(0x0001, answer)


SHAPE = {"entry_alarm": True, "exit_alarm": False, "max_speed_kmh": 60, "area_name": "南港"}
CASES = [
    ("text", {"text": "前方大雾，请减速", "urgent": True}, 0x8300, {"text": "前方大雾，请减速", "text_flags": 0b01101}),
    (
        "circle",
        {"longitude_deg": 121.5, "latitude_deg": -31.25, "radius_m": 500, **SHAPE},
        0x8600,
        {"circles": [{"radius_m": 500, "latitude_deg": -31.25, "longitude_deg": 121.5, "max_speed_kmh": 60}]},
    ),
    (
        "rectangle",
        {"west_deg": 121.0, "south_deg": 31.0, "east_deg": 121.5, "north_deg": 31.5, **SHAPE},
        0x8602,
        {"rectangles": [{"top_latitude_deg": 31.5, "left_longitude_deg": 121.0, "overspeed_s": 10}]},
    ),
    ("polygon", {"points": [[121, 31], [122, 31], [121, 32]], **SHAPE}, 0x8604, {"points": [{"longitude_deg": 121.0}]}),
    ("route", {"points": [[121, 31], [122, 31]], "width_m": 30}, 0x8606, {"corners": [{"width_m": 30}]}),
    ("delete_areas", {"shape": "polygon", "area_ids": [7]}, 0x8605, {"area_ids": [7]}),
    ("set_parameters", {"parameters": {"0x0055": "0000003c"}}, 0x8103, {}),
    ("track", {"interval_s": 5, "duration_s": 60}, 0x8202, {"interval_s": 5, "duration_s": 60}),
    ("control", {"control": "reset"}, 0x8105, {"command": 4}),
]


def within(expected, found):
    """Whether a decoded body holds what is expected, as far as the expectation goes."""
    if isinstance(expected, dict):
        return all(within(value, found.get(name)) for name, value in expected.items())
    if isinstance(expected, list) and expected and isinstance(expected[0], dict):
        return all(within(one, other) for one, other in zip(expected, found, strict=False)) and bool(found)
    return expected == found


@pytest.mark.parametrize("version", [2013, 2019])
@pytest.mark.parametrize(("kind", "body", "message_id", "expected"), CASES, ids=[case[0] for case in CASES])
def test_each_kind_arrives_as_what_it_says_and_is_answered(
    gateway, devices, wait, version, kind, body, message_id, expected
):
    device = devices(gateway, version=version).log_in()
    command = queue(gateway, kind, body)
    message = device.read()
    assert message.ok and message.head.message_id == message_id and message.head.version == version
    assert within(expected, message.body), message.body
    wait(lambda: state(gateway, command)["state"] == "sent")
    reply(device, message)
    row = ended(gateway, wait, command)
    assert (row["state"], row["result"], row["tries"]) == ("answered", 0, 1)
    assert row["answered_ms"] >= row["sent_ms"] >= row["queued_ms"]


@pytest.mark.parametrize(("result", "outcome"), [(0, "answered"), (1, "failed"), (2, "failed"), (3, "failed")])
def test_the_terminals_result_is_kept(gateway, devices, wait, result, outcome):
    device = devices(gateway).log_in()
    command = queue(gateway, "text", {"text": "x"})
    reply(device, device.read(), result)
    row = ended(gateway, wait, command)
    assert (row["state"], row["result"]) == (outcome, result)


@pytest.mark.parametrize("which", [0, 1, -1])
def test_a_long_command_is_answered_on_any_of_its_sub_packets(gateway, devices, wait, which):
    """One device answers the first serial, another the last: both mean the whole (go-jt808 issue 13)."""
    device = devices(gateway).log_in()
    points = [[121 + number / 1000, 31 + number % 2] for number in range(300)]
    command = queue(gateway, "polygon", {"points": points})
    parts = [device.read()]
    while len(parts) < parts[0].head.part_total:
        parts.append(device.read())
    assert len(parts) > 2
    serials = [part.head.serial for part in parts]
    assert serials == list(range(serials[0], serials[0] + len(parts)))
    reply(device, parts[which])
    assert ended(gateway, wait, command)["state"] == "answered"
    assembler = jt808.Assembler()
    whole = [found for part in parts if (found := assembler.add(part.head, 0))]
    assert len(jt808.decode_head(whole[0].head).body["points"]) == 300


def test_locate_is_answered_by_the_position_not_by_the_general_reply(gateway, devices, wait, fix):
    device = devices(gateway).log_in()
    command = queue(gateway, "locate")
    message = device.read()
    assert message.head.message_id == 0x8201
    reply(device, message)
    assert device.result(0x0201, {"reply_serial": message.head.serial} | fix(altitude_m=77)) == 0
    row = ended(gateway, wait, command)
    assert row["state"] == "answered"
    assert row["reply"]["altitude_m"] == 77


def test_locate_is_refused_by_the_general_reply(gateway, devices, wait):
    device = devices(gateway).log_in()
    command = queue(gateway, "locate")
    reply(device, device.read(), result=3)
    assert ended(gateway, wait, command)["state"] == "failed"


def test_parameters_come_back_with_their_query(gateway, devices, wait):
    device = devices(gateway).log_in()
    command = queue(gateway, "query_parameters", {"parameter_ids": [0x55]})
    message = device.read()
    assert (message.head.message_id, message.body["parameter_ids"]) == (0x8106, [0x55])
    body = message.head.serial.to_bytes(2, "big") + bytes.fromhex("01 00000055 04 00000050")
    assert device.result(0x0104, body) == 0
    row = ended(gateway, wait, command)
    assert 80 in row["reply"]["parameters"].values()


def test_attributes_carry_no_serial_and_are_matched_by_what_was_asked(gateway, devices, wait):
    device = devices(gateway).log_in()
    text, command = queue(gateway, "text", {"text": "x"}), queue(gateway, "attributes")
    messages = {message.head.message_id: message for message in (device.read(), device.read())}
    assert set(messages) == {0x8300, 0x8107}
    attributes = {
        "terminal_type": 5,
        "maker": "99001",
        "model": "TQ-808",
        "terminal_id": "T1",
        "iccid": "0" * 20,
        "hardware_version": "1",
        "firmware_version": "2",
        "gnss_modules": 3,
        "network_modules": 1,
    }
    assert device.result(0x0107, attributes) == 0
    assert ended(gateway, wait, command)["reply"]["firmware_version"] == "2"
    assert state(gateway, text)["state"] in ("queued", "sent")
    reply(device, messages[0x8300])
    assert ended(gateway, wait, text)["state"] == "answered"


def test_an_offline_terminal_gets_its_command_when_it_comes_back(gateway, devices, wait):
    device = devices(gateway).log_in()
    device.close()
    wait(lambda: not gateway.gateway.connections)
    command = queue(gateway, "text", {"text": "回来再看"})
    again = devices(gateway)
    again.code = device.code
    assert again.authenticate() == 0
    message = again.read()
    assert message.body["text"] == "回来再看"
    reply(again, message)
    assert ended(gateway, wait, command)["state"] == "answered"


def test_an_unanswered_command_is_repeated_with_growing_waits_then_given_up(gateways, devices, wait):
    running = gateways(reply_ms=60, repeats=2)
    device = devices(running).log_in()
    command = queue(running, "text", {"text": "x"})
    serials = [device.read().head.serial for _ in range(3)]
    assert len(set(serials)) == 1  # a repetition is the same message
    row = ended(running, wait, command)
    assert (row["state"], row["reason"], row["tries"]) == ("failed", "no_answer", 3)


def test_an_unanswered_command_waits_for_the_next_session(gateway, devices, wait):
    device = devices(gateway).log_in()
    command = queue(gateway, "text", {"text": "x"})
    device.read()
    wait(lambda: state(gateway, command)["state"] == "sent")
    device.close()
    wait(lambda: state(gateway, command)["state"] == "queued")
    again = devices(gateway)
    assert again.authenticate(device.code) == 0
    reply(again, again.read())
    assert ended(gateway, wait, command)["state"] == "answered"


def test_commands_outlive_the_gateway(gateway, devices, wait):
    device = devices(gateway).log_in()
    command = queue(gateway, "text", {"text": "x"})
    device.read()
    wait(lambda: state(gateway, command)["state"] == "sent")
    gateway.restart()
    again = devices(gateway)
    assert again.authenticate(device.code) == 0
    reply(again, again.read())
    assert ended(gateway, wait, command)["state"] == "answered"


def test_a_command_expires_unsent(gateway, devices, wait, platform):
    devices(gateway).log_in().close()
    wait(lambda: not gateway.gateway.connections)
    command = queue(gateway, "text", {"text": "x"}, expires_in_ms=60_000)
    platform.clock.ahead_ms = 61_000
    assert ended(gateway, wait, command)["state"] == "expired"


def test_a_command_is_taken_back_while_it_waits(gateway, devices, wait):
    device = devices(gateway).log_in()
    device.close()
    wait(lambda: not gateway.gateway.connections)
    command = queue(gateway, "text", {"text": "x"})
    gateway.write(lambda work: commands.cancel(work, command))
    wait(lambda: len(gateway.gateway.orders) == 0)
    again = devices(gateway)
    assert again.authenticate(device.code) == 0
    assert again.report() == 0  # and nothing else arrives
    with pytest.raises(Refused):
        gateway.write(lambda work: commands.cancel(work, command))


def test_a_terminal_may_ask_for_a_part_again(gateway, devices, wait):
    device = devices(gateway).log_in()
    queue(gateway, "polygon", {"points": [[121 + number / 1000, 31 + number % 2] for number in range(200)]})
    first = device.read()
    second = device.read()
    device.send(0x0005, {"first_serial": first.head.serial, "part_indexes": [2]})
    seen = [device.read() for _ in range(2)]
    repeated = [message for message in seen if message.head.message_id == 0x8604]
    assert [message.head.serial for message in repeated] == [second.head.serial]


@pytest.mark.parametrize(
    ("kind", "body", "fields"),
    [
        ("text", {}, {"text"}),
        ("text", {"text": "x" * 1025}, {"text"}),
        ("text", {"text": "𓀀"}, {"text"}),
        ("text", {"text": "x", "urgent": "yes", "colour": 1}, {"urgent", "colour"}),
        ("circle", {"longitude_deg": 200, "latitude_deg": "x"}, {"longitude_deg", "latitude_deg", "radius_m"}),
        ("circle", {"longitude_deg": 1, "latitude_deg": float("nan"), "radius_m": 5}, {"latitude_deg"}),
        ("rectangle", {"west_deg": 2, "east_deg": 1, "south_deg": 0, "north_deg": 1}, {"east_deg"}),
        ("polygon", {"points": [[1, 2], [3, 4]]}, {"points"}),
        ("polygon", {"points": [[1, 2], [3, 4], [500, 1]]}, {"points"}),
        ("route", {"points": "here"}, {"points"}),
        ("delete_areas", {"shape": "star"}, {"shape"}),
        ("track", {"interval_s": -1}, {"interval_s"}),
        ("track", {"interval_s": 1.5}, {"interval_s"}),
        ("set_parameters", {"parameters": {}}, {"parameters"}),
        ("control", {"control": "explode"}, {"control"}),
    ],
)
def test_wrong_fields_are_named_and_nothing_is_queued(gateway, devices, kind, body, fields):
    devices(gateway).log_in()
    with pytest.raises(Invalid) as caught:
        queue(gateway, kind, body)
    assert {problem.field for problem in caught.value.problems} == fields
    assert all(not problem.as_dict()["detail"]["zh"].startswith("equipment.") for problem in caught.value.problems)
    assert gateway.rows(select(COMMAND)) == []


def test_parameters_the_wire_cannot_carry_are_refused(gateway, devices):
    devices(gateway).log_in()
    with pytest.raises(Invalid):
        queue(gateway, "set_parameters", {"parameters": {"no_such_parameter": 1}})


def test_editions_know_their_own_commands(gateway, devices):
    devices(gateway, version=2013).log_in()
    with pytest.raises(Refused, match="not_in_edition"):
        queue(gateway, "query_areas", {"shape": "circle"})


def test_only_who_looks_after_a_terminal_may_command_it(gateway, devices, platform):
    devices(gateway).log_in()
    (terminal,) = gateway.rows(select(TERMINAL))
    grants = {
        "elsewhere": Grant("monitor", frozenset({"equipment.read", "equipment.command"}), region="9902"),
        "reader": Grant("analyst", frozenset({"equipment.read"}), region="99"),
    }
    verb = partial(commands.queue, terminal_id=terminal["id"], kind="text", values={"text": "x"})
    for name, error in (("elsewhere", NotFound), ("reader", Forbidden)):
        with pytest.raises(error), platform.store.write(Actor(name, name, grants=(grants[name],))) as work:
            verb(work)
    with pytest.raises(NotFound), platform.store.write(Actor("e", "e", grants=(grants["elsewhere"],))) as work:
        terminals.amend(work, terminal["id"], {"maker": "X"})


def test_every_kind_can_be_written_from_its_defaults_and_described():
    for kind in kinds.KINDS.values():
        described = kind.described()
        assert not described["title"]["zh"].startswith("equipment.")
        for field in described["fields"]:
            assert not field["label"]["zh"].startswith("equipment.")
            assert all(not one["label"]["zh"].startswith("equipment.") for one in field.get("options", ()))
