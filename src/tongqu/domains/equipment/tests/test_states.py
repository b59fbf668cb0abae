"""The session's state machine, over its whole matrix and over real sockets (JT/T 808-2019 7.2)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tongqu.domains.equipment.gateway.states import RULES, Do, Said, State
from tongqu.domains.equipment.tables import SESSION, TERMINAL

WORDS = {
    Said.REGISTER: 0x0100,
    Said.AUTHENTICATE: 0x0102,
    Said.UNREGISTER: 0x0003,
    Said.KNOWN: 0x0200,
    Said.UNKNOWN: 0x0F0F,
}


def bring(device, state):
    """Bring a connection into a state."""
    if state in (State.REGISTERED, State.ONLINE):
        assert device.register() == 0
    if state is State.ONLINE:
        assert device.authenticate() == 0


def say(device, said, fix):
    """Say a word; the reply's id and result."""
    message_id = WORDS[said]
    if said is Said.REGISTER:
        return 0x8100, device.register()
    if said is Said.AUTHENTICATE:
        return 0x8001, device.authenticate()
    body = fix() if said is Said.KNOWN else b""
    return 0x8001, device.result(message_id, body)


EXPECTED = {
    Do.ADMIT: (0x8100, 0),
    Do.CHECK: (0x8001, 0),
    Do.LEAVE: (0x8001, 0),
    Do.TAKE: (0x8001, 0),
    Do.UNSUPPORTED: (0x8001, 3),
    Do.REFUSE: (0x8001, 1),
}


@pytest.mark.parametrize("said", list(Said))
@pytest.mark.parametrize("state", list(RULES))
def test_each_word_in_each_state(gateway, devices, fix, state, said):
    known = devices(gateway)
    known.log_in()  # so that the identity has a code in every state
    device = devices(gateway)
    device.code = known.code
    bring(device, state)
    assert say(device, said, fix) == EXPECTED[RULES[state][said]]
    refused = RULES[state][said] in (Do.REFUSE, Do.UNSUPPORTED)
    reasons = [record.reason for record in gateway.refused()]
    assert reasons == ([("unknown_id" if state is State.ONLINE else "unauthenticated")] if refused else [])
    # whatever was said, the connection still does what it should
    assert device.register() == 0
    assert device.authenticate() == 0
    assert device.report() == 0


def test_the_table_is_complete():
    assert set(RULES) == {State.CONNECTED, State.REGISTERED, State.ONLINE}
    assert all(set(row) == set(Said) for row in RULES.values())


def test_a_session_is_a_row_that_opens_and_closes(gateway, devices, wait):
    device = devices(gateway).log_in()
    device.report()
    (open_row,) = wait(lambda: gateway.rows(select(SESSION).where(SESSION.c.closed_ms.is_(None))))
    terminal = gateway.rows(select(TERMINAL))[0]
    assert terminal["online"] and terminal["session"] == open_row["id"]
    assert terminal["region"] == "9901" and terminal["state"] == "registered"
    device.close()
    (closed,) = wait(lambda: gateway.rows(select(SESSION).where(SESSION.c.closed_ms.is_not(None))))
    assert closed["id"] == open_row["id"]
    assert closed["reason"] == "closed" and closed["frames"] == 2
    assert not gateway.rows(select(TERMINAL))[0]["online"]


def test_goodbye_voids_the_code_until_it_registers_again(gateway, devices, wait):
    device = devices(gateway).log_in()
    old = device.code
    assert device.result(0x0003, b"") == 0
    assert device.authenticate(old) == 1
    wait(lambda: gateway.rows(select(TERMINAL))[0]["state"] == "unregistered")
    assert device.register() == 0
    assert device.code != old
    assert device.authenticate() == 0
    wait(lambda: [row["reason"] for row in gateway.rows(select(SESSION))].count("unregistered") == 1)


def test_the_code_survives_a_restart_of_the_gateway(gateway, devices):
    code = devices(gateway).log_in().code
    gateway.restart()
    device = devices(gateway)
    assert device.authenticate(code) == 0
    assert device.report() == 0
    open_rows = gateway.rows(select(SESSION).where(SESSION.c.closed_ms.is_(None)))
    assert len(open_rows) <= 1
    ended = gateway.rows(select(SESSION).where(SESSION.c.closed_ms.is_not(None)))
    assert [row["reason"] for row in ended] == ["gateway_stopped"]


def test_sessions_that_died_with_the_gateway_are_closed_when_it_comes_back(gateway, devices, wait):
    devices(gateway).log_in()
    wait(lambda: gateway.rows(select(SESSION)))
    gateway.write(lambda work: work.execute(SESSION.update().values(closed_ms=None, reason=None)))
    gateway.stop()
    gateway.write(lambda work: work.execute(SESSION.update().values(closed_ms=None, reason=None)))
    gateway.write(lambda work: work.execute(TERMINAL.update().values(online=True, session="X")))
    gateway.start()
    assert [row["reason"] for row in gateway.rows(select(SESSION))] == ["gateway_restarted"]
    assert not gateway.rows(select(TERMINAL))[0]["online"]


def test_server_time_is_utc(gateway, devices):
    device = devices(gateway).log_in()
    before = gateway.platform.clock.now_ms() // 1000
    reply = device.ask(0x0004)
    assert reply.head.message_id == 0x8004
    assert before <= reply.body["time_ms"] // 1000 <= gateway.platform.clock.now_ms() // 1000


def test_both_headers_are_answered_in_kind(gateway, devices):
    for phone, version in (("13900000001", 2013), ("13900000002", 2019)):
        device = devices(gateway, phone, version)
        reply = device.ask(0x0100, device.registration())
        assert reply.head.version == version
        assert reply.head.phone == phone.rjust(20 if version == 2019 else 12, "0")
        device.code = reply.body["auth_code"]
        assert device.authenticate() == 0
        assert device.report() == 0


def test_one_card_is_one_terminal_under_either_header(gateway, devices):
    old = devices(gateway, "13900000003", 2013)
    assert old.register() == 0
    new = devices(gateway, "13900000003", 2019)
    new.code = old.code
    assert new.authenticate() == 0
    assert len(gateway.rows(select(TERMINAL))) == 1


def test_a_terminal_of_2011_is_known_by_its_registration_and_spoken_to_in_its_edition(gateway, devices, wait):
    device = devices(gateway, "13900000004", 2011).log_in()
    (row,) = gateway.rows(select(TERMINAL))
    assert (row["protocol"], row["model"], row["terminal_id"]) == (2011, "TQ-808", "0000004")
    assert device.report() == 0
    wait(lambda: gateway.gateway.registry.find("13900000004").protocol == 2011)
    gateway.restart()
    again = devices(gateway, "13900000004", 2011)
    assert again.authenticate(device.code) == 0
    assert gateway.rows(select(TERMINAL))[0]["protocol"] == 2011  # a header of 2013 does not make it one
