"""URNs of stops: what the map, the search box and a journey open a board by."""

from __future__ import annotations

from urllib.parse import quote

from tongqu.kit.ids import Urn, urn


def stop_urn(feed: str, stop: str) -> Urn | None:
    """The URN of a stop by its feed's code and its id there; None where the id is too long for one."""
    try:
        return urn("stop", f"{feed}:{quote(stop, safe='')}")
    except ValueError:
        return None
