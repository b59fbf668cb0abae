"""A JT/T 808 terminal on a real socket, which says what a test tells it to."""

from __future__ import annotations

import socket
import time
from typing import Any

from tongqu.protocols import jt808

REGISTER, AUTHENTICATE, HEARTBEAT, POSITION = 0x0100, 0x0102, 0x0002, 0x0200
REGISTER_REPLY, GENERAL_REPLY = 0x8100, 0x8001
PLATE_OF_NOBODY = "测A00808"


def now_ms() -> int:
    """The time of the machine, in whole seconds as terminals tell it."""
    return int(time.time()) * 1000


def fix(**changes: Any) -> dict[str, Any]:
    """Body of a position report: fixed, moving east, now."""
    body = {
        "alarm": 0,
        "status": 0x000C0003,
        "latitude_deg": 28.2,
        "longitude_deg": 120.9,
        "altitude_m": 12,
        "speed_kmh": 61.5,
        "heading_deg": 90,
        "time_ms": now_ms(),
        "extras": {"mileage_km": 1234.5},
    }
    return body | changes


class Terminal:
    """One connection of one terminal.

    Args:
        port: of the gateway on loopback.
        phone: its SIM number.
        edition: of the standard it speaks: 2011, 2013 or 2019.
    """

    def __init__(self, port: int, phone: str, edition: int) -> None:
        self.phone, self.edition = phone, edition
        self.code = ""
        self._serial = 0
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._splitter = jt808.Splitter()
        self._heard: list[jt808.Message] = []

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def frame(self, message_id: int, body: dict[str, Any] | bytes = b"") -> bytes:
        """The frame of a message with the next serial number."""
        self._serial += 1
        (made,) = jt808.encode(message_id, body, phone=self.phone, serial=self._serial, version=self.edition)
        return made

    def raw(self, data: bytes) -> None:
        self._socket.sendall(data)

    def read(self) -> jt808.Message:
        """The next message of the platform."""
        while not self._heard:
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("closed by the platform")
            self._heard += [jt808.decode(chunk.raw) for chunk in self._splitter.feed(data)]
        return self._heard.pop(0)

    def ask(self, message_id: int, body: dict[str, Any] | bytes = b"") -> jt808.Message:
        self.raw(self.frame(message_id, body))
        return self.read()

    def result(self, message_id: int, body: dict[str, Any] | bytes = b"") -> int:
        """Result of the general reply to a message."""
        reply = self.ask(message_id, body)
        assert reply.head.message_id == GENERAL_REPLY, reply
        assert reply.body["reply_message_id"] == message_id
        return int(reply.body["result"])

    def register(self, plate: str = PLATE_OF_NOBODY) -> int:
        said = {
            "province": 99,
            "city": 100,
            "maker": "99001",
            "model": "TQ-808",
            "terminal_id": self.phone[-7:],
            "plate_colour": 1,
            "plate": plate,
        }
        reply = self.ask(REGISTER, said)
        assert reply.head.message_id == REGISTER_REPLY, reply
        self.code = reply.body.get("auth_code", "")
        return int(reply.body["registered"])

    def authenticate(self) -> int:
        body = {"auth_code": self.code}
        if self.edition == 2019:
            body |= {"imei": "860000000000001", "software_version": "1.0"}
        return self.result(AUTHENTICATE, body)

    def log_in(self, plate: str = PLATE_OF_NOBODY) -> Terminal:
        assert (self.register(plate), self.authenticate()) == (0, 0)
        return self
