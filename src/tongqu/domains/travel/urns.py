"""URNs of stops, what the map, the search box and a journey open a board by; of stations of shared bikes."""

from __future__ import annotations

from urllib.parse import quote

from tongqu.kit.ids import Urn, urn


def stop_urn(feed: str, stop: str) -> Urn | None:
    """The URN of a stop by its feed's code and its id there; None where the id is too long for one."""
    return _within("stop", feed, stop)


def station_urn(feed: str, station: str) -> Urn | None:
    """The URN of a station of shared bikes, likewise."""
    return _within("bike_station", feed, station)


def _within(kind: str, feed: str, local_id: str) -> Urn | None:
    try:
        return urn(kind, f"{feed}:{quote(local_id, safe='')}")
    except ValueError:
        return None
