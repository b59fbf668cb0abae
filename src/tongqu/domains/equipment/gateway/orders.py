"""Commands on the wire: sent when the terminal is there, repeated when it does not answer, matched with its answers.

A command is answered by the general reply 0x0001 to any of its sub-packets' serial numbers, or by the message that
carries what was asked for. Unanswered ones are sent again after T(N+1) = T(N) × (N+1), N being the number of
repetitions (JT/T 808-2019 7.2.3; with T(0) = 10 s: 10, 20, 60, 240 s).
"""

from __future__ import annotations

import logging
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from tongqu.domains.equipment.gateway.states import State
from tongqu.domains.equipment.kinds import KINDS
from tongqu.domains.equipment.service import commands
from tongqu.domains.equipment.tables import CommandState
from tongqu.kit.errors import TongquError
from tongqu.protocols import jt808

if TYPE_CHECKING:
    from tongqu.domains.equipment.gateway.connection import Connection
    from tongqu.domains.equipment.gateway.server import Gateway
    from tongqu.protocols.jt808 import Message

log = logging.getLogger("tongqu.equipment")
IN_FLIGHT = 4
"""Commands that one terminal is given at a time."""


class Order:
    """A command in the gateway's hands.

    Attributes:
        frames: raw frames it was sent as; serials: their serial numbers.
        tries: how often it was sent in this session.
        due_ms: when it is sent again or given up.
        answer: id of the message that answers it besides the general reply, 0 if none does.
    """

    __slots__ = (
        "answer",
        "connection",
        "due_ms",
        "expires_ms",
        "frames",
        "id",
        "kind",
        "message_id",
        "serials",
        "terminal",
        "tries",
        "values",
        "wait_ms",
    )

    def __init__(self, row: dict[str, Any]) -> None:
        self.id: str = row["id"]
        self.terminal: str = row["terminal"]
        self.kind: str = row["kind"]
        self.values: dict[str, Any] = row["body"]
        self.expires_ms: int = row["expires_ms"]
        self.answer = KINDS[self.kind].answer
        self.message_id = 0
        self.frames: list[bytes] = []
        self.serials: list[int] = []
        self.tries = 0
        self.due_ms = self.wait_ms = 0
        self.connection: Connection | None = None


class Orders:
    """All commands that are queued or on their way. Lives in the loop's thread."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._queued: dict[str, deque[Order]] = {}
        self._known: dict[str, Order] = {}
        self._flying: set[Order] = set()

    def __len__(self) -> int:
        return len(self._known)

    # from the records

    def learn(self, rows: list[dict[str, Any]]) -> None:
        """Commands that are new or have changed: new ones are queued, cancelled ones forgotten."""
        for row in rows:
            known = self._known.get(row["id"])
            if row["state"] == CommandState.QUEUED and known is None:
                if row["kind"] not in KINDS:
                    self.gateway.clerk.put(
                        partial(commands.failed, command_id=row["id"], reason="equipment.unknown_kind")
                    )
                    continue
                order = self._known[row["id"]] = Order(row)
                self._queued.setdefault(order.terminal, deque()).append(order)
                self._send_next(order.terminal)
            elif row["state"] == CommandState.CANCELLED and known is not None and known.connection is None:
                self._forget(known)

    # to the terminal

    def came_online(self, connection: Connection) -> None:
        """A session has begun and the terminal knows it: what waits is sent."""
        if connection.terminal is not None:
            self._send_next(connection.terminal.id)

    def _send_next(self, terminal_id: str) -> None:
        waiting = self._queued.get(terminal_id)
        terminal = self.gateway.registry.by_id.get(terminal_id)
        connection = terminal.connection if terminal is not None else None
        if not waiting or connection is None or connection.state is not State.ONLINE:
            return
        flying = len({id(order) for order in (connection.orders or {}).values()})
        while waiting and flying < IN_FLIGHT:
            order = waiting.popleft()
            if order.expires_ms <= self.gateway.now_ms():
                self._expire(order)
            elif self._send(connection, order):
                flying += 1
        if not waiting:
            del self._queued[terminal_id]

    def _send(self, connection: Connection, order: Order) -> bool:
        """Put a command on the wire; False if it cannot be written in the terminal's edition."""
        terminal = connection.terminal
        assert terminal is not None
        edition = terminal.protocol if connection.version < 2019 and terminal.protocol else connection.version
        try:
            order.message_id, body = KINDS[order.kind].wire(order.values, edition)
            data = jt808.encode_body(order.message_id, body, version=edition)
        except Exception as error:
            if not isinstance(error, TongquError):
                log.exception("command %s cannot be written", order.id)
            code = error.code if isinstance(error, TongquError) else "kit.internal"
            self._forget(order)
            self.gateway.clerk.put(partial(commands.failed, command_id=order.id, reason=code))
            return False
        order.serials, order.frames = connection.framed(order.message_id, data)
        order.tries, order.wait_ms = 1, self.gateway.options.reply_ms
        order.due_ms = self.gateway.now_ms() + order.wait_ms
        order.connection = connection
        if connection.orders is None:
            connection.orders = {}
        for serial in order.serials:
            connection.orders[serial] = order
        self._flying.add(order)
        self._write(connection, order)
        return True

    def _write(self, connection: Connection, order: Order) -> None:
        for frame in order.frames:
            connection.send(frame)
        self.gateway.clerk.put(
            partial(
                commands.sent,
                command_id=order.id,
                serial=order.serials[0],
                parts=len(order.frames),
                tries=order.tries,
            )
        )

    def resend_parts(self, connection: Connection, body: dict[str, Any]) -> None:
        """The terminal asks for sub-packets again (0x0005)."""
        order = (connection.orders or {}).get(body["first_serial"])
        if order is not None:
            for index in body["part_indexes"]:
                if 1 <= index <= len(order.frames):
                    connection.send(order.frames[index - 1])

    # from the terminal

    def general_reply(self, connection: Connection, serial: int, message_id: int, result: int) -> None:
        """0x0001: matches whichever sub-packet it names; what it asked for may still be to come."""
        order = (connection.orders or {}).get(serial)
        if order is None or order.message_id != message_id:
            return
        if result == 0 and order.answer:
            return
        self._end(order, partial(commands.answered, command_id=order.id, result=result, reply=None))

    def reply(self, connection: Connection, message_id: int, message: Message) -> None:
        """A message that answers a command: by the serial in its body, else the oldest command that waits for it."""
        orders = connection.orders or {}
        serial = message.body.get("reply_serial")
        if serial is not None:
            order = orders.get(serial)
        else:
            order = next((one for one in orders.values() if one.answer == message_id), None)
        if order is not None and order.answer == message_id:
            reply = _plain(message.body)
            self._end(order, partial(commands.answered, command_id=order.id, result=0, reply=reply))

    # time

    def tick(self, now_ms: int) -> None:
        """Repeat what is unanswered, give up what was repeated enough, expire what was never sent."""
        for order in [one for one in self._flying if one.due_ms <= now_ms]:
            connection = order.connection
            if order.tries > self.gateway.options.repeats or connection is None:
                self._end(order, partial(commands.failed, command_id=order.id, reason="no_answer"))
                continue
            order.tries += 1
            order.wait_ms *= order.tries
            order.due_ms = now_ms + order.wait_ms
            self._write(connection, order)
        for terminal_id, waiting in list(self._queued.items()):
            for order in [one for one in waiting if one.expires_ms <= now_ms]:
                waiting.remove(order)
                self._expire(order)
            if not waiting:
                del self._queued[terminal_id]

    def lost(self, connection: Connection) -> None:
        """The session is over: unanswered commands wait for the next one."""
        unanswered = dict.fromkeys((connection.orders or {}).values())
        connection.orders = None
        for order in reversed(unanswered):
            self._flying.discard(order)
            order.connection = None
            self._queued.setdefault(order.terminal, deque()).appendleft(order)
            self.gateway.clerk.put(partial(commands.waits_again, command_id=order.id))

    def _end(self, order: Order, verb: Any) -> None:
        connection = order.connection
        if connection is not None and connection.orders is not None:
            for serial in order.serials:
                connection.orders.pop(serial, None)
        self._flying.discard(order)
        self._forget(order)
        self.gateway.clerk.put(verb)
        self._send_next(order.terminal)

    def _expire(self, order: Order) -> None:
        self._forget(order)
        self.gateway.clerk.put(partial(commands.expired, command_id=order.id))

    def _forget(self, order: Order) -> None:
        self._known.pop(order.id, None)
        waiting = self._queued.get(order.terminal)
        if waiting is not None and order in waiting:
            waiting.remove(order)


def _plain(value: Any) -> Any:
    """A decoded body as JSON can carry it: bytes as hex."""
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else value
