"""What travel adds to the search box: places of the live feeds."""

from __future__ import annotations

from tongqu.domains.travel.service import places
from tongqu.kernel.store import Work
from tongqu.kernel.things import Hit, Search
from tongqu.kit.ids import urn
from tongqu.kit.text import text


def find(work: Work, q: str, limit: int) -> list[Hit]:
    """Stops and stations by any way of typing their name."""
    return [
        Hit(
            urn=urn("place", row["id"].replace("/", "~")),
            kind="place",
            title=row["name"],
            subtitle=row["detail"],
            region=row["region"],
            lon=row["lon"],
            lat=row["lat"],
            label=text(f"travel.options.place.{row['kind']}"),
        )
        for row in places.find(work, q, limit)
        if not row.get("guess")
    ]


PLACES = Search("travel.places", find)
