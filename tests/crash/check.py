"""The reader of the journal: is every acknowledged fix there, and none twice? Asks the API, and Parquet files.

python check.py JOURNAL ADDRESS TOKEN PARQUET...      # prints one JSON object, ends with 1 if anything is wrong
"""

from __future__ import annotations

import json
import sys
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Key = tuple[str, int, int, int]
FOREVER_MS = 4_000_000_000_000


def journal(path: Path) -> Counter[Key]:
    keys: Counter[Key] = Counter()
    for line in path.read_text().splitlines():
        phone, time_ms, lat, lon = line.split()
        keys[phone, int(time_ms), int(lat), int(lon)] += 1
    return keys


class Api:
    """Reads the platform as an administrator of its machine."""

    def __init__(self, address: str, token: str) -> None:
        self._address, self._token = address, token

    def get(self, path: str, **query: Any) -> Any:
        url = f"{self._address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self._token}"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read())

    def terminals(self) -> dict[str, str]:
        """URN to phone."""
        found, cursor = {}, None
        while True:
            page = self.get("equipment/terminals", limit=1000, **({"cursor": cursor} if cursor else {}))
            found |= {one["urn"]: one["phone"] for one in page["items"]}
            if (cursor := page["next"]) is None:
                return found

    def stored(self, terminals: dict[str, str]) -> Counter[Key]:
        keys: Counter[Key] = Counter()
        for urn, phone in terminals.items():
            begin = 0
            while True:
                query = {"from": begin, "to": FOREVER_MS, "limit": 10_000, "format": "columns"}
                track = self.get(f"movers/{urllib.parse.quote(urn)}/track", **query)
                columns = track["columns"]
                if track.get("thinned"):
                    raise SystemExit(f"the track of {phone} was thinned: {track['total']} rows")
                keys.update(_keys([phone] * len(columns["time_ms"]), columns))
                break
        return keys


def _keys(phones: list[str], columns: dict[str, Any]) -> list[Key]:
    rows = zip(phones, columns["time_ms"], columns["lat"], columns["lon"], strict=True)
    return [(phone, int(t), round(lat * 1e6), round(lon * 1e6)) for phone, t, lat, lon in rows]


def parquet(paths: list[Path], terminals: dict[str, str]) -> Counter[Key]:
    keys: Counter[Key] = Counter()
    for path in paths:
        columns = pq.read_table(path, columns=["source", "time_ms", "lat", "lon"]).to_pydict()
        keys.update(_keys([terminals[urn] for urn in columns.pop("source")], columns))
    return keys


def judged(name: str, acknowledged: Counter[Key], stored: Counter[Key]) -> dict[str, int]:
    return {
        f"{name}_rows": sum(stored.values()),
        f"{name}_lost": sum(1 for key in acknowledged if key not in stored),
        f"{name}_twice": sum(1 for count in stored.values() if count > 1),
    }


def main() -> int:
    api = Api(sys.argv[2], sys.argv[3])
    acknowledged = journal(Path(sys.argv[1]))
    terminals = api.terminals()
    found = {"acknowledged": len(acknowledged)} | judged("api", acknowledged, api.stored(terminals))
    found |= judged("parquet", acknowledged, parquet([Path(name) for name in sys.argv[4:]], terminals))
    print(json.dumps(found))
    return int(any(found[f"{name}_{what}"] for name in ("api", "parquet") for what in ("lost", "twice")))


if __name__ == "__main__":
    raise SystemExit(main())
