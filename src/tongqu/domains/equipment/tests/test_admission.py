"""Who may come in: open and registered admission, vehicles said in registrations, duplicate logins, storms."""

from __future__ import annotations

import asyncio
import gc

import pytest
from sqlalchemy import func, select

from tongqu.domains.equipment.service import terminals
from tongqu.domains.equipment.tables import SESSION, TERMINAL
from tongqu.domains.equipment.values import NewTerminal
from tongqu.kernel import things
from tongqu.protocols import jt808

OPEN_SESSIONS = select(SESSION).where(SESSION.c.closed_ms.is_(None))


def enter(running, **facts):
    return running.write(lambda work: terminals.enter(work, NewTerminal(**facts)))


def test_open_admission_takes_in_whoever_registers(gateway, devices):
    device = devices(gateway).log_in()
    (row,) = gateway.rows(select(TERMINAL))
    assert row["admission"] == "opened"
    assert row["auth_code"] == device.code
    assert (row["maker"], row["model"], row["terminal_id"]) == ("99001", "TQ-808", "0138000")
    assert row["vehicle"] is None


def test_open_admission_takes_in_a_terminal_with_another_platforms_code(gateway, devices, wait):
    device = devices(gateway)
    assert device.authenticate("CODE-OF-ELSEWHERE") == 0
    assert device.report() == 0
    assert devices(gateway).authenticate("ANOTHER") == 1
    wait(lambda: gateway.rows(select(TERMINAL))[0]["imei"] == "860000000000001")


def test_a_terminal_belongs_to_the_region_it_names_if_it_is_one_of_ours(gateway, devices):
    for number, (province, city, region) in enumerate(
        [(99, 200, "9902"), (99, 0, "99"), (44, 300, "99"), (0, 0, "99"), (99, 9999, "99")]
    ):
        phone = f"1390000100{number}"
        assert devices(gateway, phone).register(province=province, city=city) == 0
        (row,) = gateway.rows(select(TERMINAL).where(TERMINAL.c.phone_key == phone))
        assert row["region"] == region, (province, city)


def test_registered_admission_refuses_strangers(gateways, devices):
    running = gateways(open_admission=False)
    device = devices(running)
    assert device.register() == 4
    assert device.authenticate("X") == 1
    assert running.rows(select(TERMINAL)) == []


def test_registered_admission_in_all_its_answers(gateways, devices, vehicle):
    running = gateways(open_admission=False)
    one, two = vehicle("测A11111"), vehicle("测A22222")
    enter(running, phone="13900000001", terminal_id="T000001", maker="99001", region="9901")
    enter(running, phone="13900000002", region="9901")
    enter(running, phone="13900000003", region="9901", vehicle=two.urn)
    said = {"plate": "测A11111", "plate_colour": 2}
    assert devices(running, "13900000001").register(terminal_id="OTHER", **said) == 3  # another device's identity
    assert devices(running, "13900000001").register(terminal_id="T000001", plate="测A99999", plate_colour=2) == 2
    assert devices(running, "13900000001").register(terminal_id="T000001", **said) == 0
    assert devices(running, "13900000002").register(terminal_id="T000001", **said) == 3  # the device is elsewhere
    assert devices(running, "13900000002").register(terminal_id="T000002", **said) == 1  # the vehicle has one
    assert devices(running, "13900000003").register(terminal_id="T000003", plate="whatever") == 0  # fitted already
    assert devices(running, "13900000004").register() == 4
    bound = {row["phone_key"]: row["vehicle"] for row in running.rows(select(TERMINAL))}
    assert bound == {"13900000001": one.urn, "13900000002": None, "13900000003": two.urn}


def test_a_registration_binds_to_the_vehicle_it_names(gateway, devices, vehicle, platform):
    made = vehicle("测A12345", "green", region="9902")
    devices(gateway, "13900000005").register(plate="测A12345", plate_colour=5)
    (row,) = gateway.rows(select(TERMINAL))
    assert (row["vehicle"], row["vehicle_label"], row["region"]) == (made.urn, "测A12345", "9902")
    relations = gateway.write(lambda work: things.relations(work, row["urn"]))
    assert [(one.relation, one.object) for one in relations] == [("fitted_to", made.urn)]


def test_the_colour_is_part_of_the_plate(gateway, devices, vehicle):
    vehicle("测A12345", "green")
    devices(gateway).register(plate="测A12345", plate_colour=2)
    assert gateway.rows(select(TERMINAL))[0]["vehicle"] is None


def test_a_vehicle_without_a_plate_is_known_by_its_vin(gateway, devices, vehicle):
    made = vehicle("测A54321")
    devices(gateway).register(plate="VIN54321", plate_colour=0)
    assert gateway.rows(select(TERMINAL))[0]["vehicle"] == made.urn


def test_a_terminal_that_said_goodbye_gives_way_on_its_vehicle(gateway, devices, vehicle, wait):
    made = vehicle("测A12345")
    old = devices(gateway, "13900000001")
    assert old.register(plate="测A12345", plate_colour=2) == 0
    assert old.authenticate() == 0
    new = devices(gateway, "13900000002")
    assert new.register(plate="测A12345", plate_colour=2) == 1
    assert old.result(0x0003, b"") == 0
    wait(lambda: "unregistered" in {row["state"] for row in gateway.rows(select(TERMINAL))})
    assert new.register(plate="测A12345", plate_colour=2) == 0
    bound = {row["phone_key"]: row["vehicle"] for row in gateway.rows(select(TERMINAL))}
    assert bound == {"13900000001": None, "13900000002": made.urn}


def test_a_blocked_terminal_is_shown_out_and_stays_out(gateway, devices, wait):
    device = devices(gateway).log_in()
    (row,) = gateway.rows(select(TERMINAL))
    gateway.write(lambda work: terminals.amend(work, row["id"], {"blocked": True}))
    assert device.is_closed()
    again = devices(gateway)
    assert again.authenticate(device.code) == 1
    assert again.register() == 4
    gateway.write(lambda work: terminals.amend(work, row["id"], {"blocked": False}))
    wait(lambda: devices(gateway).authenticate(device.code) == 0)


@pytest.mark.parametrize("word", ["register", "authenticate"])
def test_a_second_login_of_the_same_identity_ends_the_first(gateway, devices, wait, word):
    old = devices(gateway).log_in()
    new = devices(gateway)
    if word == "register":
        assert new.register() == 0
    assert old.report() == 0  # registering alone pushes nobody out
    assert new.authenticate(new.code or old.code) == 0
    assert old.is_closed()
    assert new.report() == 0
    rows = wait(lambda: len(found := gateway.rows(select(SESSION))) == 2 and found)
    assert sorted((row["reason"] or "") for row in rows) == ["", "replaced"]
    assert len(gateway.gateway.connections) == 1


def test_another_terminal_on_the_same_connection_takes_it_over(gateway, devices, wait):
    first = devices(gateway, "13900000001").log_in()
    first.phone = "13900000002"
    assert first.register() == 0
    assert first.authenticate() == 0
    assert first.report() == 0
    reasons = wait(lambda: len(found := gateway.rows(select(SESSION))) == 2 and [row["reason"] for row in found])
    assert sorted(reason or "" for reason in reasons) in (["", "registered_again"], ["", "other_identity"])


def test_reconnect_storms_leave_one_session_a_terminal_and_no_leak(gateways, wait):
    """10,000 reconnects of 1,500 terminals, at a tenth of the size."""
    running = gateways()
    phones, rounds = [f"1391{number:07d}" for number in range(150)], 7

    async def one(phone: str) -> None:
        """Connect again and again without ever saying goodbye; the last connection stays."""
        kept = []
        for _ in range(rounds):
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            body = {"auth_code": phone, "imei": "0" * 15, "software_version": ""}
            writer.write(jt808.encode(0x0102, body, phone=phone, serial=1)[0])
            assert jt808.decode(await reader.read(64)).body["result"] == 0
            kept.append(writer)
        sockets.extend(kept)

    sockets: list[asyncio.StreamWriter] = []

    async def storm() -> None:
        await asyncio.gather(*(one(phone) for phone in phones))
        await asyncio.get_running_loop().run_in_executor(None, look)
        for writer in sockets:
            writer.close()

    def look() -> None:
        wait(lambda: len(running.gateway.connections) == len(phones))
        wait(lambda: len(running.rows(OPEN_SESSIONS)) == len(phones))
        counted = select(SESSION.c.reason, func.count().label("n")).group_by(SESSION.c.reason)
        expected = {None: len(phones), "replaced": len(phones) * (rounds - 1)}
        wait(lambda: {row["reason"]: row["n"] for row in running.rows(counted)} == expected)
        assert len(running.gateway.registry) == len(phones)
        from tongqu.domains.equipment.gateway.connection import Connection

        gc.collect()
        alive = sum(isinstance(one, Connection) for one in gc.get_objects())
        assert alive <= len(phones) + 5

    asyncio.run(storm())
    wait(lambda: not running.rows(OPEN_SESSIONS))
