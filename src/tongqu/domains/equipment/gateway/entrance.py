"""Registration, authentication and goodbye: what the gateway decides at once, and what it asks the records for.

A terminal that is known and says nothing new is answered from memory. For the rest the connection is held until the
unit of work has been committed: a code that was handed out is stored.
"""

from __future__ import annotations

import hmac
from functools import partial
from typing import TYPE_CHECKING, Any

from tongqu.domains.equipment.gateway.states import Result, State
from tongqu.domains.equipment.service import admission
from tongqu.domains.equipment.tables import TerminalState
from tongqu.domains.equipment.values import Admitted, Introduction, Registered
from tongqu.kit.ids import new_id
from tongqu.kit.regions import parse_region

if TYPE_CHECKING:
    from tongqu.domains.equipment.gateway.connection import Connection
    from tongqu.domains.equipment.gateway.registry import Terminal
    from tongqu.domains.equipment.gateway.server import Gateway
    from tongqu.protocols.jt808 import Head

REGISTER_REPLY = 0x8100
WRONG_CODE = "wrong_code"


def introduction(head: Head, body: dict[str, Any]) -> Introduction:
    """What a decoded 0x0100 says."""
    return Introduction(
        phone=head.phone,
        version=head.version,
        region=_region(body["province"], body["city"]),
        maker=body["maker"],
        model=body["model"],
        terminal_id=body["terminal_id"],
        plate_colour=body["plate_colour"],
        plate=body["plate"].strip(),
    )


def _region(province: int, city: int) -> str | None:
    """Region code of the two words (first two and last four digits of GB/T 2260); None where they say nothing."""
    try:
        return parse_region(f"{province:02d}{city:04d}") if province else None
    except ValueError:
        return None


class Entrance:
    """Decides who comes in."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def register(self, connection: Connection, raw: bytes, head: Head, body: dict[str, Any], now_ms: int) -> None:
        """A decoded 0x0100. The session that was open on this connection ends: the terminal begins anew."""
        gateway = self.gateway
        if connection.terminal is not None:
            gateway.end_session(connection, "registered_again")
        connection.speak_as(head)
        said = introduction(head, body)
        terminal = gateway.registry.find(head.phone)
        if (
            terminal is not None
            and terminal.state == TerminalState.REGISTERED
            and terminal.introduction == said.identity
            and terminal.auth_code is not None
        ):
            gateway.commit.after(self._registered, connection, head, Registered.OK, terminal.auth_code)
            connection.state = State.REGISTERED
            return
        connection.hold()
        options = gateway.options
        verb = partial(
            admission.register, said=said, open_admission=options.open_admission, home_region=options.home_region
        )
        gateway.clerk.put(verb, partial(self._decided, connection, head, said))

    def _decided(self, connection: Connection, head: Head, said: Introduction, admitted: Admitted | None) -> None:
        """The unit of work is committed (or failed: None)."""
        result = Registered.NO_TERMINAL if admitted is None else admitted.result
        code = None
        if admitted is not None and admitted.row is not None:
            terminal = self.gateway.registry.learn([admitted.row])[0]
            terminal.introduction = said.identity
            code = terminal.auth_code
        if connection.state is State.CLOSED:
            return
        self._registered(connection, head, result, code)
        if result == Registered.OK:
            connection.refusals = 0
            connection.go_on(State.REGISTERED)
        else:
            connection.go_on(State.CONNECTED)
            self.gateway.desk.count_refusal(connection)

    def _registered(self, connection: Connection, head: Head, result: int, code: str | None) -> None:
        body: dict[str, Any] = {"reply_serial": head.serial, "registered": int(result)}
        if result == Registered.OK:
            body["auth_code"] = code or ""
        self.gateway.say(connection, REGISTER_REPLY, body)

    def authenticate(self, connection: Connection, raw: bytes, head: Head, body: dict[str, Any], now_ms: int) -> None:
        """A decoded 0x0102."""
        gateway = self.gateway
        terminal = gateway.registry.find(head.phone)
        code = str(body.get("auth_code", ""))
        if terminal is not None and self._matches(terminal, code):
            self._keep(connection, terminal, raw, now_ms)
            self._enter(connection, terminal, head, now_ms, body)
            return
        unknown = terminal is None or (terminal.state == TerminalState.NEW and terminal.auth_code is None)
        if unknown and gateway.options.open_admission and code:
            if connection.terminal is not None:
                gateway.end_session(connection, "other_identity")
            connection.speak_as(head)
            connection.hold()
            verb = partial(
                admission.adopt,
                phone=head.phone,
                version=head.version,
                code=code,
                home_region=gateway.options.home_region,
            )
            gateway.clerk.put(verb, partial(self._adopted, connection, head, body, raw))
            return
        gateway.desk.refuse_code(connection, raw, head, now_ms, WRONG_CODE)

    @staticmethod
    def _matches(terminal: Terminal, code: str) -> bool:
        if terminal.auth_code is None or terminal.state in (TerminalState.BLOCKED, TerminalState.UNREGISTERED):
            return False
        return hmac.compare_digest(terminal.auth_code.encode(), code.encode())

    def _adopted(
        self, connection: Connection, head: Head, body: dict[str, Any], raw: bytes, admitted: Admitted | None
    ) -> None:
        terminal = None
        if admitted is not None and admitted.row is not None:
            terminal = self.gateway.registry.learn([admitted.row])[0]
        if connection.state is State.CLOSED:
            return
        now_ms = self.gateway.now_ms()
        if terminal is None:
            connection.go_on(State.CONNECTED)
            self.gateway.desk.refuse_code(connection, raw, head, now_ms, WRONG_CODE)
            return
        self._keep(connection, terminal, raw, now_ms)
        self._enter(connection, terminal, head, now_ms, body)
        connection.go_on(State.ONLINE)

    def _keep(self, connection: Connection, terminal: Terminal, raw: bytes, now_ms: int) -> None:
        self.gateway.commit.append(self.gateway.stream, terminal.key, now_ms, raw)

    def _enter(self, connection: Connection, terminal: Terminal, head: Head, now_ms: int, body: dict[str, Any]) -> None:
        """Open the session. One of the same identity elsewhere ends: the platform judges it dead (7.2.2)."""
        gateway = self.gateway
        old = terminal.connection
        if old is connection:
            gateway.commit.after(connection.acknowledge, head.serial, head.message_id, Result.OK)
            return
        if old is not None:
            gateway.end(old, "replaced", at_once=True)
        if connection.terminal is not None:
            gateway.end_session(connection, "other_identity")
        connection.speak_as(head)
        terminal.connection = connection
        connection.terminal, connection.key = terminal, terminal.key
        connection.session = new_id()
        connection.state = State.ONLINE
        connection.frames, connection.refused, connection.refusals = 1, 0, 0
        gateway.clerk.opened(
            {
                "id": connection.session,
                "terminal": terminal.id,
                "urn": terminal.urn,
                "phone": head.phone,
                "remote": connection.remote,
                "protocol": head.version,
                "opened_ms": now_ms,
            }
        )
        gateway.commit.after(connection.acknowledge, head.serial, head.message_id, Result.OK)
        self._note_device(terminal, head, body)
        gateway.commit.after(gateway.orders.came_online, connection)

    def _note_device(self, terminal: Terminal, head: Head, body: dict[str, Any]) -> None:
        imei, software, edition, _ = terminal.device
        edition = edition if head.version < 2019 and edition in (2011, 2013) else head.version
        said = (body.get("imei", imei), body.get("software_version", software), edition, head.phone)
        if said != terminal.device:
            terminal.device, terminal.protocol = said, edition
            self.gateway.clerk.put(
                partial(
                    admission.note_device,
                    terminal_id=terminal.id,
                    imei=said[0],
                    software=said[1],
                    version=edition,
                    phone=head.phone,
                )
            )

    def unregister(self, connection: Connection, head: Head) -> None:
        """0x0003: the code is void, the session ends, the connection may be used to register again."""
        gateway = self.gateway
        terminal = connection.terminal
        assert terminal is not None  # the state machine lets nobody else say goodbye
        gateway.commit.after(connection.acknowledge, head.serial, head.message_id, Result.OK)
        terminal.auth_code, terminal.introduction = None, None
        terminal.state = TerminalState.UNREGISTERED
        gateway.clerk.put(partial(admission.unregister, terminal_id=terminal.id))
        gateway.end_session(connection, "unregistered")
        connection.state = State.CONNECTED


__all__ = ["Entrance", "introduction"]
