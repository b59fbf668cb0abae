"""The session as a table: what a terminal may say in which state, and what is done with it.

Source: JT/T 808-2019 7.2: before it is authenticated a terminal sends nothing but registration and authentication;
authentication comes first after each connection. While the registry decides, the connection is not read, so that the
frames behind the question wait for the answer.
"""

from __future__ import annotations

from enum import IntEnum


class State(IntEnum):
    """Where a connection stands."""

    CONNECTED = 0  # nobody yet
    DECIDING = 1  # the registry is being asked; nothing is read
    REGISTERED = 2  # has an authentication code
    ONLINE = 3  # authenticated: a session is open
    CLOSED = 4


class Said(IntEnum):
    """What a frame is, as far as the state machine cares."""

    REGISTER = 0  # 0x0100
    AUTHENTICATE = 1  # 0x0102
    UNREGISTER = 2  # 0x0003
    KNOWN = 3  # any other message that a terminal sends
    UNKNOWN = 4  # an id that no edition has in this direction


class Do(IntEnum):
    """What is done with it."""

    ADMIT = 0  # ask the registry, answer 0x8100
    CHECK = 1  # compare the code, answer 0x8001
    LEAVE = 2  # end the session, answer 0x8001
    TAKE = 3  # store, answer by the table of the message
    UNSUPPORTED = 4  # quarantine, answer 0x8001 result 3
    REFUSE = 5  # quarantine, answer 0x8001 result 1; after some of them the connection is closed


_OUTSIDE = {
    Said.REGISTER: Do.ADMIT,
    Said.AUTHENTICATE: Do.CHECK,
    Said.UNREGISTER: Do.REFUSE,
    Said.KNOWN: Do.REFUSE,
    Said.UNKNOWN: Do.REFUSE,
}
RULES: dict[State, dict[Said, Do]] = {
    State.CONNECTED: _OUTSIDE,
    State.REGISTERED: _OUTSIDE,
    State.ONLINE: {
        Said.REGISTER: Do.ADMIT,
        Said.AUTHENTICATE: Do.CHECK,
        Said.UNREGISTER: Do.LEAVE,
        Said.KNOWN: Do.TAKE,
        Said.UNKNOWN: Do.UNSUPPORTED,
    },
}


class Result(IntEnum):
    """Results of the platform's general reply 0x8001 (JT/T 808-2019 8.2)."""

    OK = 0
    FAILED = 1
    BAD_MESSAGE = 2
    UNSUPPORTED = 3
    ALARM_CONFIRMED = 4
