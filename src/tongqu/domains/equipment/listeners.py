"""Sockets of equipment; they live in the gateway process."""

from __future__ import annotations

from tongqu.kernel.module import Listener
from tongqu.kernel.platform import Platform


async def jt808(platform: Platform) -> None:
    """JT/T 808 over TCP."""
    from tongqu.domains.equipment.gateway import server

    await server.run(platform)


LISTENERS = (Listener("equipment.jt808", jt808),)
