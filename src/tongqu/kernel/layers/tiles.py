"""Vector tiles: what is stored, as an actor sees it, at a zoom; cached by version and by what the actor sees."""

from __future__ import annotations

import gzip
import hashlib
import threading
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass

from tongqu.kernel.layers.declare import Layer, LayerType
from tongqu.kernel.layers.mercator import Tile, tiles_within
from tongqu.kernel.layers.projector import Projector
from tongqu.kernel.layers.store.projection import Built
from tongqu.kernel.layers.visible import visible
from tongqu.kernel.store import Actor, system_actor
from tongqu.kit.errors import NotFound
from tongqu.kit.time import Clock

CACHE_BYTES = 64 << 20
_GZIP_LEVEL = 4
_WARM_TO, _WARM_MOST = 9, 64
"""Zoom up to which, and number of tiles a zoom up to which tiles are made ahead."""
_MAKER = system_actor("layers")


@dataclass(frozen=True)
class Served:
    """A tile as it goes out: gzipped, with its entity tag."""

    gzipped: bytes
    etag: str


Key = tuple[str, int, int, str, Tile]


class Tiles:
    """Makes and keeps tiles.

    Args:
        projector: knows which layers are built.
        clock: says which moment is now.
        cache_bytes: gzipped bytes that are kept, the longest unused go first.
    """

    def __init__(self, projector: Projector, clock: Clock, cache_bytes: int = CACHE_BYTES) -> None:
        self._projector = projector
        self._clock = clock
        self._cache = _Cache(cache_bytes)

    def key(self, actor: Actor, layer: Layer, tile: Tile, at_ms: int | None = None) -> Key:
        """What decides about the content of a tile: equal keys, equal bytes.

        Raises:
            NotFound: `layers.no_tile` for a tile that the layer does not have.
            Forbidden: the layer is not for the actor.
            Unavailable: `layers.building`.
        """
        within = layer.min_zoom <= tile.z <= layer.max_zoom
        if layer.type is not LayerType.MVT or not within or not tile.exists:
            raise NotFound("layers.no_tile", layer=layer.id, tile=f"{tile.z}/{tile.x}/{tile.y}")
        seen = visible(actor, layer)
        built = self._projector.built(layer)
        return layer.id, built.build, self._epoch(built, at_ms), seen.key, tile

    def tile(self, actor: Actor, layer: Layer, tile: Tile, at_ms: int | None = None) -> Served:
        """A tile of what an actor sees of a layer at a moment, now by default.

        Raises:
            NotFound, Forbidden, Unavailable: as `key`.
        """
        key = self.key(actor, layer, tile, at_ms)
        found = self._cache.get(key)
        if found is None:
            found = Served(gzip.compress(self._make(actor, layer, tile, at_ms), _GZIP_LEVEL, mtime=0), etag_of(key))
            self._cache.put(key, found)
        return found

    def warm(self, layer: Layer, stopping: threading.Event) -> None:
        """Make the far tiles of an open layer before anybody asks: they are few, dear, and the first that all see."""
        built = self._projector.known().get(layer.id)
        if not layer.open or layer.type is not LayerType.MVT or built is None or built.bounds is None:
            return
        for z in range(layer.min_zoom, min(layer.max_zoom, _WARM_TO) + 1):
            tiles = tiles_within(built.bounds, z)
            for tile in tiles if len(tiles) <= _WARM_MOST else ():
                if stopping.is_set():
                    return
                self.tile(_MAKER, layer, tile)

    def _make(self, actor: Actor, layer: Layer, tile: Tile, at_ms: int | None) -> bytes:
        moment = self._clock.now_ms() if at_ms is None else at_ms
        seen = visible(actor, layer)
        projection = self._projector.projection
        return self._projector.read(layer, lambda built: projection.tile(layer, built, tile, seen, moment))

    def _epoch(self, built: Built, at_ms: int | None) -> int:
        """Number of the stretch of time in which no feature begins or ends."""
        return bisect_right(built.changes_ms, self._clock.now_ms() if at_ms is None else at_ms)


def etag_of(key: Key) -> str:
    return f'"{hashlib.sha256(repr(key).encode()).hexdigest()[:20]}"'


class _Cache:
    """The tiles used last, up to a number of bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._guard = threading.Lock()
        self._kept: OrderedDict[Key, Served] = OrderedDict()

    def get(self, key: Key) -> Served | None:
        with self._guard:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Key, tile: Served) -> None:
        with self._guard:
            before = self._kept.pop(key, None)
            self._size += len(tile.gzipped) - (0 if before is None else len(before.gzipped))
            self._kept[key] = tile
            while self._size > self._limit and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._size -= len(oldest.gzipped)
