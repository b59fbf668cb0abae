"""Messages in parts: any order, repetitions, loss, requests, bounds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongqu.protocols import jt808
from tongqu.protocols.jt808.tests.samples import PHONE_2013

BODY = b"\x41" + random.Random(5).randbytes(4000)


def parts(serial: int = 100, body: bytes = BODY, version: int = 2019, phone: str = PHONE_2013) -> list[jt808.Head]:
    return [jt808.peek(raw) for raw in jt808.encode(0x0900, body, phone=phone, serial=serial, version=version)]


@given(st.permutations(range(4)), st.sampled_from((0, 100, 65534)))
def test_any_order_gives_the_message(order, serial):
    assembler = jt808.Assembler()
    heads = parts(serial)
    answers = [assembler.add(heads[index], now_ms=index) for index in order]
    assert answers[:-1] == [None] * 3
    whole = answers[-1]
    assert whole is not None
    assert whole.head.body == BODY
    assert (whole.head.serial, whole.head.part_total, whole.head.partial) == (serial, 0, False)
    assert whole.serials == tuple((serial + index) & 0xFFFF for index in range(4))
    assert len(assembler) == 0
    assert assembler.held_bytes == 0
    assert jt808.decode_head(whole.head).body == {"transparent_type": 0x41, "data": BODY[1:]}


def test_a_whole_message_needs_no_waiting():
    (head,) = parts(body=b"\x41x")
    whole = jt808.Assembler().add(head, 0)
    assert whole is not None
    assert (whole.head.body, whole.serials, whole.head.merged) == (b"\x41x", (100,), False)


def test_repetitions_change_nothing():
    assembler = jt808.Assembler()
    heads = parts()
    for head in (heads[0], heads[0], heads[1], heads[0], heads[2]):
        assert assembler.add(head, 0) is None
    assert assembler.add(heads[3], 0) is not None
    assert [assembler.add(head, 5000) for head in heads] == [None] * 4  # the terminal repeats what was complete
    assert len(assembler) == 0


def test_a_restarted_terminal_may_use_the_same_serials_for_another_message():
    assembler = jt808.Assembler()
    assert [assembler.add(head, 0) for head in parts()][-1] is not None
    for other in (bytes(reversed(BODY)), BODY[:-1] + b"?", b"\x42" + BODY[1:]):
        heads = parts(body=other)
        whole = [assembler.add(head, 1000) for head in heads][-1]
        if whole is None:  # parts equal to the old ones came first; they are asked for again
            (request,) = assembler.due(30_000)
            assert isinstance(request, jt808.ResendRequest)
            whole = [assembler.add(heads[index - 1], 30_000) for index in request.part_indexes][-1]
        assert whole is not None
        assert whole.head.body == other


def test_missing_parts_are_asked_for_and_given_up_after_the_standard_waits():
    assembler = jt808.Assembler()
    heads = parts()
    for head in (heads[0], heads[2]):
        assembler.add(head, 0)
    asked = []
    lost = []
    for second in range(400):
        for answer in assembler.due(second * 1000):
            (asked if isinstance(answer, jt808.ResendRequest) else lost).append((second, answer))
    assert [second for second, _ in asked] == [10, 10 + 20, 10 + 20 + 60]
    assert [answer.attempt for _, answer in asked] == [1, 2, 3]
    assert asked[0][1].body() == {"first_serial": 100, "part_indexes": [2, 4]}
    ((second, loss),) = lost
    assert second == 10 + 20 + 60 + 240
    assert (loss.cause, loss.missing, loss.part_total, loss.first_serial) == ("timeout", (2, 4), 4, 100)
    assert len(assembler) == 0
    assert assembler.held_bytes == 0


def test_the_waits_are_those_of_the_standard():
    assert list(jt808.retry_delays_s(10, 3)) == [10, 20, 60, 240]


def test_a_part_that_comes_puts_the_next_request_off():
    assembler = jt808.Assembler()
    heads = parts()
    assembler.add(heads[0], 0)
    assembler.add(heads[1], 9_000)
    assert assembler.due(10_000) == []
    assert assembler.next_due_ms() == 19_000
    assert len(assembler.due(19_000)) == 1


def test_the_answer_to_a_request_completes_the_message():
    assembler = jt808.Assembler()
    heads = parts()
    for head in heads[:-1]:
        assembler.add(head, 0)
    (request,) = assembler.due(10_000)
    assert isinstance(request, jt808.ResendRequest)
    frames = jt808.encode(0x8003, request.body(), phone=request.phone, serial=1, version=request.version)
    assert jt808.decode(frames[0]).body == {"first_serial": 100, "part_indexes": [4]}
    whole = assembler.add(heads[-1], 11_000)
    assert whole is not None
    assert whole.head.body == BODY


def test_a_request_holds_no_more_than_its_count_can_say():
    body = bytes(600 * 1023)
    for version, limit in ((2013, 255), (2019, 509)):
        assembler = jt808.Assembler()
        heads = parts(body=body, version=version)
        assert len(heads) == 600
        assembler.add(heads[0], 0)
        (request,) = assembler.due(10_000)
        assert isinstance(request, jt808.ResendRequest)
        assert len(request.part_indexes) == limit
        frames = jt808.encode(0x8003, request.body(), phone=request.phone, serial=1, version=version)
        assert len(frames) == 1


def test_memory_is_bounded_and_what_is_dropped_is_recorded():
    assembler = jt808.Assembler(max_bytes=20_000)
    for serial in range(0, 1000, 10):
        for head in parts(serial)[:-1]:
            assembler.add(head, serial)
        assert assembler.held_bytes <= 20_000
    losses = [answer for answer in assembler.due(1000) if isinstance(answer, jt808.Lost)]
    assert losses
    assert {loss.cause for loss in losses} == {"memory"}
    assert len(losses) + len(assembler) == 100
    assert losses[0].first_serial == 0  # the oldest goes first


def test_one_message_cannot_take_it_all():
    assembler = jt808.Assembler(max_message_bytes=2000)
    for head in parts()[:3]:
        assembler.add(head, 0)
    (loss,) = [answer for answer in assembler.due(0) if isinstance(answer, jt808.Lost)]
    assert loss.cause == "size"
    assert assembler.held_bytes == 0


def test_open_messages_are_bounded():
    assembler = jt808.Assembler(max_open=5)
    for number in range(20):
        assembler.add(parts(number * 10)[0], number)
    assert len(assembler) == 5
    assert len([answer for answer in assembler.due(20) if isinstance(answer, jt808.Lost)]) == 15


def test_another_total_under_the_same_serial_replaces():
    assembler = jt808.Assembler()
    assembler.add(parts()[0], 0)
    assembler.add(parts(body=BODY[:2000])[0], 1)
    (loss,) = assembler.due(1)
    assert isinstance(loss, jt808.Lost)
    assert (loss.cause, loss.part_total) == ("replaced", 4)


def test_senders_do_not_mix():
    assembler = jt808.Assembler()
    mine, yours = parts(phone="1"), parts(phone="2")
    for head in mine[:3]:
        assembler.add(head, 0)
    assert assembler.add(yours[3], 0) is None
    assembler.forget(yours[0].phone)
    assert assembler.add(mine[3], 0) is not None
    (loss,) = assembler.due(0)
    assert isinstance(loss, jt808.Lost)
    assert loss.phone == yours[0].phone


def test_a_registration_in_parts_has_the_layout_of_its_whole_length():
    body = bytes([0, 31, 0, 115]) + b"A" * 21
    heads = [
        jt808.Head(0x0100, PHONE_2013, 2013, 5 + index, 0, 2, index + 1, part)
        for index, part in enumerate((body[:10], body[10:]))
    ]
    assembler = jt808.Assembler()
    assembler.add(heads[0], 0)
    whole = assembler.add(heads[1], 0)
    assert whole is not None
    assert whole.head.version == 2011


@pytest.mark.parametrize("answered", [100, 101, 103])
def test_an_answer_is_matched_on_the_serial_of_any_part(answered):
    answers = jt808.Answers()
    answers.sent("waybill", [100, 101, 102, 103])
    answers.sent("text", [104])
    assert answers.match(answered) == "waybill"
    assert answers.match(100) is None  # answered once
    assert answers.match(104) == "text"
    assert answers.match(999) is None


def test_remembered_answers_are_bounded_and_a_serial_that_comes_again_means_the_new_message():
    answers = jt808.Answers(limit=10)
    for serial in range(50):
        answers.sent(f"command {serial}", [serial])
    assert answers.match(39) is None
    assert answers.match(40) == "command 40"
    answers.sent("later", [45])
    assert answers.match(45) == "later"
