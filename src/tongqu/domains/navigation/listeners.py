"""Sockets of navigation; they live in the gateway process."""

from __future__ import annotations

from tongqu.kernel.module import Listener
from tongqu.kernel.platform import Platform


async def ais(platform: Platform) -> None:
    """AIS over TCP and UDP."""
    from tongqu.domains.navigation.gateway import server

    await server.run(platform)


LISTENERS = (Listener("navigation.ais", ais),)
