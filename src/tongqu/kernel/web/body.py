"""Reading what was sent, no further than it may be long."""

from __future__ import annotations

from fastapi import Request

from tongqu.kit.errors import TooLarge


async def body_of(request: Request, most_bytes: int, too_large: str) -> bytes:
    """The bytes of a request.

    Raises:
        TooLarge: `too_large`, with `most_mb`; what is sent beyond is not read.
    """
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > most_bytes:
            raise TooLarge(too_large, most_mb=most_bytes >> 20)
    return bytes(body)
